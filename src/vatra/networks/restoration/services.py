"""What works when this and that is repaired, as rows of a program: power, water and heat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.damage import remaining_share
from vatra.networks.heat import needed_share
from vatra.networks.parameters import NetworkParameters
from vatra.networks.restoration.program import Program
from vatra.situation.model import Situation

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Served = dict[str, tuple[Int, Float]]

_TABLES = ("substations", "lines", "power_sources", "feeders", "pumps", "heat_sources")
_LARGE = 1e6


@dataclass(frozen=True)
class ServiceModel:
    """The networks as the program sees them, mean values by period.

    Parameters
    ----------
    city
        The city.
    left
        By table: asset × period, share of its capacity without repair.
    row
        By table: of each asset, the row of its repair, −1 for none.
    want_mw
        Group × period: what each group of feeders would draw.
    group_people
        By group.
    group_station
        By group: row of its substation, −1 for none.
    feeder_group
        By feeder: its group. Feeders of a substation that are whole form two groups, those that are
        kept and the others; a damaged feeder is a group of its own.
    group_feeder
        By group: the damaged feeder, −1 for none.
    limit_mw
        By period: supply limit, infinite for none.
    need
        By period: share of the design heat that is needed.
    """

    city: City
    left: dict[str, Float]
    row: dict[str, Int]
    want_mw: Float
    group_people: Float
    group_station: Int
    feeder_group: Int
    group_feeder: Int
    limit_mw: Float
    need: Float

    @classmethod
    def of(  # noqa: PLR0917
        cls, city: City, situation: Situation, want_mw: Float, repairs: pd.DataFrame, starts: Int,
        parameters: NetworkParameters,
    ) -> ServiceModel:  # fmt: skip
        """Collect what the program needs, for periods that begin at the slots `starts`."""

        def mean(values: Float) -> Float:
            sums = np.add.reduceat(values, starts, axis=-1)
            return np.asarray(sums / np.diff([*starts, values.shape[-1]]))

        left = {name: mean(remaining_share(city, situation, name)) for name in _TABLES}
        row = {}
        for name in (*_TABLES, "heat_zones"):
            index = city.tables()[name].index
            mine = repairs.index[(repairs["table"] == name).to_numpy()]
            row[name] = np.full(len(index), -1, dtype=np.int64)
            row[name][index.get_indexer(pd.Index(repairs.loc[mine, "asset_id"]))] = mine
        station = city.rows("feeders", "substation_id", "substations")
        kept = (city.feeders["protected"] | city.feeders["reserved"]).to_numpy(np.bool_)
        damaged = left["feeders"].min(axis=1) < 1.0
        own = np.where(damaged, np.arange(len(city.feeders)), -1)
        _, first, group = np.unique(
            np.column_stack([station, kept, own]), axis=0, return_index=True, return_inverse=True
        )
        group = group.ravel()
        want = np.zeros((first.size, starts.size))
        np.add.at(want, group, mean(want_mw))
        feeder = city.rows("blocks", "feeder_id", "feeders")
        residents = city.blocks["residents"].to_numpy(np.float64)
        known = feeder >= 0
        people = _sums(group[feeder[known]], residents[known], first.size)
        limit = mean(np.where(np.isnan(situation.limit_mw), _LARGE, situation.limit_mw))
        need = needed_share(
            mean(situation.weather.outdoor_c), parameters.indoor_c, parameters.design_outdoor_c
        )
        return cls(city, left, row, want, people, station[first], group, own[first], limit, need)

    def write(
        self, program: Program, works: Int, filled: Int | None, hours: Float,
        drained: Float | None = None,
    ) -> Served:  # fmt: skip
        """Add the networks to a program.

        Parameters
        ----------
        program
            The program.
        works
            Repair × period: variables, 1 where it is done.
        filled
            Heat zone × period: variables, share of drained buildings that are full again; None
            for none.
        hours
            By period.
        drained
            By heat zone: share of its people in drained buildings, where `filled` is given.

        Returns
        -------
        dict
            By service: the variables that count, and what a unit of each is worth.
        """
        light = self._power(program, works, hours)
        water = self._water(program, works, light, hours)
        heat = self._heat(program, works, light, hours)
        if filled is not None and drained is not None and heat:
            held = program.row_block(filled.size, most=np.repeat(1.0 - drained, hours.size))
            held = held.reshape(filled.shape)
            program.put(held, heat["heat"][0].reshape(filled.shape), 1.0)
            program.put(held, filled, -drained[:, None])
        return {"light": self._worth(light, self.group_people, hours), **water, **heat}

    @staticmethod
    def _worth(variables: Int, people: Float, hours: Float) -> tuple[Int, Float]:
        return variables.ravel(), (people[:, None] * hours).ravel()

    def _cap(  # noqa: PLR0917
        self, program: Program, works: Int, table: str, asset: Int, variables: Int, most: Float
    ) -> None:
        """Hold variables (asset × period) to `most` times what is left of or repaired at assets."""
        left, row = self.left[table][asset], self.row[table][asset]
        rows = program.row_block(variables.size, most=(most * left).ravel())
        rows = rows.reshape(variables.shape)
        program.put(rows, variables, 1.0)
        has = np.flatnonzero(row >= 0)
        if has.size:
            program.put(rows[has], works[row[has]], -(most * (1.0 - left))[has])

    def _power(self, program: Program, works: Int, hours: Float) -> Int:
        city = self.city
        groups, periods = self.want_mw.shape
        light = program.add((groups, periods), worth=self.group_people[:, None] * hours)
        city_rows = program.row_block(periods, most=self.limit_mw)
        program.put(city_rows[None, :], light, self.want_mw)
        fed = np.flatnonzero(self.group_station >= 0)
        stations = len(city.substations)
        drawn = program.add((stations, periods), 0.0, np.inf)
        sums = program.row_block(stations * periods, 0.0, 0.0).reshape(stations, periods)
        program.put(sums, drawn, -1.0)
        program.put(sums[self.group_station[fed]], light[fed], self.want_mw[fed])
        capacity = city.substations["capacity_mw"].to_numpy(np.float64)[:, None]
        everywhere = np.broadcast_to(capacity, (stations, periods))
        self._cap(program, works, "substations", np.arange(stations), drawn, everywhere)
        ones = np.ones((fed.size, periods))
        self._cap(program, works, "substations", self.group_station[fed], light[fed], ones)
        damaged = np.flatnonzero(self.group_feeder >= 0)
        if damaged.size:
            ones = np.ones((damaged.size, periods))
            feeder = self.group_feeder[damaged]
            self._cap(program, works, "feeders", feeder, light[damaged], ones)
        if len(city.lines) and len(city.power_sources):
            self._transmission(program, works, drawn)
        elif len(city.power_sources):
            given = self._sources(program, works, periods)
            rows = program.row_block(periods, least=0.0)
            program.put(rows[None, :], given, 1.0)
            program.put(rows[None, :], drawn, -1.0)
        return light

    def _sources(self, program: Program, works: Int, periods: int) -> Int:
        most = self.city.power_sources["capacity_mw"].to_numpy(np.float64)[:, None]
        most = np.broadcast_to(most, (most.shape[0], periods))
        given = program.add(most.shape, 0.0, most)
        self._cap(program, works, "power_sources", np.arange(most.shape[0]), given, most)
        return given

    def _transmission(self, program: Program, works: Int, drawn: Int) -> None:
        """Balance every substation; a line or its ends that are out carry nothing."""
        city = self.city
        stations, periods = drawn.shape
        tail = city.rows("lines", "from_id", "substations")
        head = city.rows("lines", "to_id", "substations")
        used = np.flatnonzero((tail >= 0) & (head >= 0))
        most = city.lines["capacity_mw"].to_numpy(np.float64)[used, None]
        most = np.broadcast_to(most, (used.size, periods))
        there = program.add(most.shape, 0.0, most)
        back = program.add(most.shape, 0.0, most)
        given = self._sources(program, works, periods)
        balance = program.row_block(stations * periods, 0.0, 0.0).reshape(stations, periods)
        program.put(balance, drawn, -1.0)
        for flow, start, end in ((there, tail[used], head[used]), (back, head[used], tail[used])):
            program.put(balance[start], flow, -1.0)
            program.put(balance[end], flow, 1.0)
            self._cap(program, works, "lines", used, flow, most)
            for station in (start, end):
                self._cap(program, works, "substations", station, flow, most)
        at = city.rows("power_sources", "substation_id", "substations")
        known = np.flatnonzero(at >= 0)
        program.put(balance[at[known]], given[known], 1.0)
        ones = np.broadcast_to(
            city.power_sources["capacity_mw"].to_numpy(np.float64)[known, None],
            (known.size, periods),
        )
        self._cap(program, works, "substations", at[known], given[known], ones)

    def _running(self, program: Program, works: Int, light: Int, table: str, assets: Int) -> Int:
        """Asset × period: share of its capacity that runs, with power, its own included."""
        frame = self.city.tables()[table]
        run = program.add((assets.size, light.shape[1]))
        ones = np.ones(run.shape)
        self._cap(program, works, table, assets, run, ones)
        feeder = self.city.rows(table, "feeder_id", "feeders")[assets]
        need = frame["electric_mw"].to_numpy(np.float64)[assets]
        backed = frame["backup_mw"].to_numpy(np.float64)[assets] >= need
        bare = np.flatnonzero((feeder >= 0) & ~backed)
        if bare.size:
            rows = program.row_block(bare.size * light.shape[1], most=0.0)
            rows = rows.reshape(bare.size, -1)
            program.put(rows, run[bare], 1.0)
            program.put(rows, light[self.feeder_group[feeder[bare]]], -1.0)
        return run

    def _water(self, program: Program, works: Int, light: Int, hours: Float) -> Served:
        city = self.city
        zones, periods = len(city.water_zones), hours.size
        if not zones:
            return {}
        zone_of = city.rows("blocks", "water_zone_id", "water_zones")
        known = zone_of >= 0
        residents = city.blocks["residents"].to_numpy(np.float64)
        people = _sums(zone_of[known], residents[known], zones)
        tap = program.add((zones, periods), worth=people[:, None] * hours)
        demand = city.water_zones["demand_m3_h"].to_numpy(np.float64)
        kind = city.pumps["kind"].to_numpy()
        lift = city.pumps["capacity_m3_h"].to_numpy(np.float64)
        zone = city.rows("pumps", "water_zone_id", "water_zones")
        pumps = np.flatnonzero((kind == "water") & (zone >= 0))
        if pumps.size:
            run = self._running(program, works, light, "pumps", pumps)
            pumped = np.unique(zone[pumps])
            rows = np.full((zones, periods), -1, dtype=np.int64)
            rows[pumped] = program.row_block(pumped.size * periods, most=0.0).reshape(-1, periods)
            program.put(rows[pumped], tap[pumped], demand[pumped, None])
            program.put(rows[zone[pumps]], run, -lift[pumps, None])
        source = np.flatnonzero(kind == "water_works")
        if source.size:
            run = self._running(program, works, light, "pumps", source)
            rows = program.row_block(periods, most=0.0)
            program.put(rows[None, :], tap, demand[:, None])
            program.put(rows[None, :], run, -lift[source, None])
        return {"water": self._worth(tap, people, hours)}

    def _heat(self, program: Program, works: Int, light: Int, hours: Float) -> Served:
        city = self.city
        zones, periods = len(city.heat_zones), hours.size
        if not zones:
            return {}
        zone_of = city.rows("blocks", "heat_zone_id", "heat_zones")
        heated = (zone_of >= 0) & (city.blocks["heating"] == "district").to_numpy(np.bool_)
        residents = city.blocks["residents"].to_numpy(np.float64)
        people = _sums(zone_of[heated], residents[heated], zones)
        warm = program.add((zones, periods), worth=people[:, None] * hours)
        zone = city.rows("heat_sources", "heat_zone_id", "heat_zones")
        sources = np.flatnonzero(zone >= 0)
        run = self._running(program, works, light, "heat_sources", sources)
        capacity = city.heat_sources["capacity_mw"].to_numpy(np.float64)[sources]
        rows = program.row_block(zones * periods, most=0.0).reshape(zones, periods)
        need = city.heat_zones["design_mw"].to_numpy(np.float64)[:, None] * self.need
        program.put(rows, warm, np.maximum(need, 1e-6))
        program.put(rows[zone[sources]], run, -capacity[:, None])
        drained = np.flatnonzero(self.row["heat_zones"] >= 0)
        if drained.size:
            held = program.row_block(drained.size * periods, most=0.0).reshape(-1, periods)
            program.put(held, warm[drained], 1.0)
            program.put(held, works[self.row["heat_zones"][drained]], -1.0)
        return {"heat": self._worth(warm, people, hours)}


def _sums(row: Int, values: Float, count: int) -> Float:
    return np.asarray(np.bincount(row, values, count), dtype=np.float64)
