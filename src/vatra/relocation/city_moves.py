"""A city's ways out put together with who is to leave: the plans, and the notice they need."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.homes import HomeParameters, hours_until, simulate_homes
from vatra.homes.answers import MASS_FACTORS
from vatra.relocation.capacity import way_room
from vatra.relocation.decide import find_notice, late_at
from vatra.relocation.exits import Exits, Zones, choose_destinations, lay_exits
from vatra.relocation.groups import crowd_of, who_leaves
from vatra.relocation.model import MovePlan, Notice
from vatra.relocation.rules import MoveRules
from vatra.relocation.stages import most_by_step, stage_moves, ways_alone
from vatra.relocation.zones import block_xy, choose_pickups, closed_streets, zones_of
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H
from vatra.warm_points.need import VULNERABLE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROOM_FACTORS = (1.25, 0.75)
"""What ways out may take over what is supposed, for a range; assumed."""
FIRST_TRY_H = 48.0
"""Hours beyond what the ways alone need, for the first try of a plan."""


class CityMoves:
    """What the plans of a city have in common; see `plan_for` and `notice`.

    Parameters
    ----------
    city
        A city with ways out and destinations.
    situation
        Weather, time and bridges that are out.
    rules
        What is assumed.
    """

    def __init__(self, city: City, situation: Situation, rules: MoveRules) -> None:
        self.city, self.situation, self.rules = city, situation, rules
        blocks = city.blocks
        self.residents = blocks["residents"].to_numpy(dtype=np.int64)
        fragile = blocks[list(VULNERABLE)].sum(axis=1).to_numpy(dtype=np.int64)
        self.fragile = np.minimum(fragile, self.residents)
        self.xy = block_xy(city)
        on_foot = np.ceil(self.residents * (1.0 - rules.car_share)).astype(np.int64)
        self.pickups, self.pickup_of = choose_pickups(
            city, on_foot, rules, closed_streets(situation)
        )
        self.zones, self.zone = zones_of(city, situation, self.xy, self.pickup_of, rules)
        self.way_xy = shapely.get_coordinates(city.ways_out.geometry.to_numpy())

    def plan_for(self, people: Ints, vulnerable: Ints, due_h: Floats, name: str) -> MovePlan:
        """Plan for some of a block's people to leave, decided at the start of the situation.

        Parameters
        ----------
        people, vulnerable
            By block: who leaves, and the vulnerable among them.
        due_h
            By block: hours until home is too cold or dry; infinite for not at all.
        name
            ``some`` or ``all``.
        """
        rules = self.rules
        who = who_leaves(self.zone, people, vulnerable, due_h, rules)
        start = self.situation.grid.start
        total = int(people.sum())
        destinations = choose_destinations(self.city.destinations, total)
        hours = 24.0 * rules.most_days
        alone = ways_alone(self._exits(start, hours, destinations, self.zones), who, rules)
        need = [h for h in alone.values() if np.isfinite(h)]
        first = min(1.25 * max(need, default=hours) + FIRST_TRY_H, hours)
        nobody = int(np.where(self.pickup_of < 0, people, 0).sum() * (1.0 - rules.car_share))
        while True:
            exits = self._exits(start, first, destinations, self.zones)
            plan = stage_moves(exits, who, start, rules, name=name, walk_none=nobody)
            if plan.no_way == 0 or first >= hours or _stands_still(plan):
                break
            first = min(2.0 * first, hours)
        low, high = (
            self._clearance_h(plan, who, start, destinations, factor) for factor in ROOM_FACTORS
        )
        return replace(plan, range_h=(low, high))

    def _clearance_h(
        self, plan: MovePlan, who: pd.DataFrame, start: pd.Timestamp,
        destinations: pd.DataFrame, factor: float,
    ) -> float:  # fmt: skip
        """Return the hours until all are out where every way takes so much more or less."""
        if plan.no_way:
            return float("inf")
        hours = (plan.clearance_h + FIRST_TRY_H) * max(1.0, 1.15 / factor)
        exits = self._exits(start, hours, destinations, self.zones)
        room = exits.network.room
        scaled = np.isin(exits.kind, ("way", "pick-up", "street"))
        narrower = np.where(scaled, np.floor(room * factor), room).astype(np.int32)
        network = replace(exits.network, room=np.ascontiguousarray(narrower))
        crowd = crowd_of(exits, who, int(np.ceil(self.rules.pack_h / self.rules.step_h)))
        done = np.flatnonzero(most_by_step(network, crowd) >= plan.people)
        return float((done[0] + 1) * self.rules.step_h) if done.size else float("inf")

    def notice(self, threshold_c: float) -> Notice:
        """Tell what must be decided by when, should heat and power fail everywhere.

        Parameters
        ----------
        threshold_c
            Indoor temperature that counts as too cold, °C.
        """
        due_h, who = self._too_cold(threshold_c, 1.0)
        failure = self.situation.grid.start + pd.Timedelta(hours=self.rules.notice_h)
        destinations = choose_destinations(self.city.destinations, int(self.residents.sum()))
        longest = 16.0  # journeys: who has set out in time arrives in time

        def opens(lead_h: float, steps: int) -> Exits:
            hours = steps * self.rules.step_h + longest
            start = failure - pd.Timedelta(hours=lead_h)
            return self._exits(start, hours, destinations, self.zones)

        found = find_notice(who, opens, due_h, self.residents, self.rules, threshold_c=threshold_c)
        ends = [
            late_at(self._too_cold(threshold_c, factor)[1], opens, self.rules.notice_h, self.rules)
            for factor in (max(MASS_FACTORS), min(MASS_FACTORS))
        ]
        (low_v, low), (high_v, high) = ends
        return replace(
            found,
            range_vulnerable=(
                min(low_v, found.late_vulnerable),
                max(high_v, found.late_vulnerable),
            ),
            range_all=(min(low, found.late_all), max(high, found.late_all)),
        )

    def _too_cold(self, threshold_c: float, mass_factor: float) -> tuple[Floats, pd.DataFrame]:
        """Return when each block is too cold without heat and power, hours, and who leaves."""
        shape = (len(self.city.blocks), self.situation.grid.slots)
        nothing = np.zeros(shape, dtype=np.float32)
        homes = HomeParameters(mass_factor=mass_factor)
        cold = simulate_homes(self.city, self.situation, nothing.astype(bool), nothing, homes)
        due_h = hours_until(cold.indoor_c, (threshold_c,))[:, 0]
        return due_h, who_leaves(self.zone, self.residents, self.fragile, due_h, self.rules)

    def _exits(
        self, start: pd.Timestamp, hours: float, destinations: pd.DataFrame, zones: Zones
    ) -> Exits:
        rules = self.rules
        steps = max(int(np.ceil(hours / rules.step_h)), 1)
        times = pd.date_range(start, periods=steps, freq=pd.Timedelta(hours=rules.step_h))
        local = times.tz_convert(self.situation.grid.time_zone)
        room = way_room(self.city.ways_out, local, self._outdoor_c(times), rules)
        return lay_exits(zones, self.city.ways_out, destinations, room, rules, way_xy=self.way_xy)

    def _outdoor_c(self, times: pd.DatetimeIndex) -> Floats:
        """Return the temperature at any time: before and after the forecast, its nearest day."""
        known = self.situation.weather.outdoor_c
        slot = ((times - self.situation.grid.start) / pd.Timedelta(hours=SLOT_H)).to_numpy()
        at = np.floor(slot.astype(np.float64)).astype(np.int64)
        day = min(int(24.0 / SLOT_H), known.size)
        at = np.where(at < 0, at % day, at)
        at = np.where(at >= known.size, known.size - day + (at - known.size) % day, at)
        return np.asarray(known[at], dtype=np.float64)


def _stands_still(plan: MovePlan) -> bool:
    """Tell whether nobody has arrived in the last third of the steps: more time won't help."""
    steps = plan.exits.network.slots
    return len(plan.curve) < 2 * steps // 3
