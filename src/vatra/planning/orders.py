"""All limits of a situation on one city, and by how much a load exceeds them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks import feeder_available
from vatra.situation.model import Situation, SupplyLimit

Floats = NDArray[np.float64]
TOLERANCE_MW = 1e-6


@dataclass(frozen=True)
class Orders:
    """What the blackouts have to obey besides rules.

    Parameters
    ----------
    feeders
        Table of the feeders, with the district of their substation.
    limit_mw
        Limit of the city by slot, MW; NaN where there is none.
    queues_off
        Queues that must be dark by slot; NaN where nothing is ordered.
    areas
        Limits of districts and substations, the capacities of substations among them.
    members
        By area, which feeders count.
    available
        Feeder × slot: False where a feeder has no power anyway.
    """

    feeders: pd.DataFrame
    limit_mw: Floats
    queues_off: Floats
    areas: tuple[SupplyLimit, ...]
    members: dict[str, NDArray[np.bool_]]
    available: NDArray[np.bool_]

    @classmethod
    def of(cls, city: City, situation: Situation) -> Orders:
        """Collect the limits of a situation and of the city's own substations.

        Parameters
        ----------
        city, situation
            Where they are.
        """
        substations = city.feeders["substation_id"]
        areas = {
            str(name): np.full(situation.grid.slots, float(capacity))
            for name, capacity in city.substations["capacity_mw"].items()
        }
        for limit in situation.area_limits:
            given = np.where(np.isnan(limit.limit_mw), np.inf, limit.limit_mw)
            areas[limit.area] = np.minimum(areas.get(limit.area, np.inf), given)
        queues = {a.area: a.queues_off for a in situation.area_limits if a.queues_off is not None}
        districts = city.substations["district_id"].reindex(substations).to_numpy(dtype=object)
        stations = substations.to_numpy(dtype=object)
        members = {
            name: (stations == name) if name in city.substations.index else (districts == name)
            for name in areas
        }
        # A substation that only passes power on feeds nobody: its capacity limits no feeder.
        members = {name: own for name, own in members.items() if own.any()}
        return cls(
            pd.DataFrame(city.feeders.drop(columns="geometry")).assign(district_id=districts),
            situation.limit_mw,
            situation.queues_off,
            tuple(SupplyLimit(name, areas[name], queues.get(name)) for name in members),
            members,
            feeder_available(city, situation),
        )

    def as_arguments(self) -> dict[str, Any]:
        """Return all but the queues as the functions of `vatra.blackouts` take them."""
        return {
            "feeders": self.feeders,
            "limit_mw": self.limit_mw,
            "area_limits": self.areas,
            "available": self.available,
        }

    def less(self, share: float) -> Orders:
        """Return tighter limits.

        Parameters
        ----------
        share
            Share of each limit to leave free.
        """
        areas = tuple(replace(a, limit_mw=a.limit_mw * (1.0 - share)) for a in self.areas)
        return replace(self, limit_mw=self.limit_mw * (1.0 - share), areas=areas)

    def held(self, substations: pd.Index[str], limit_mw: Floats) -> Orders:
        """Return orders with limits of substations added.

        Parameters
        ----------
        substations
            Ids of the rows of `limit_mw`.
        limit_mw
            Substation × slot, MW; infinite where there is none.
        """
        added = {str(name): row for name, row in zip(substations, limit_mw, strict=True)}
        areas = tuple(
            replace(a, limit_mw=np.minimum(a.limit_mw, added.get(a.area, np.inf)))
            for a in self.areas
        )
        return replace(self, areas=areas)

    def excess_mw(self, load_mw: Floats) -> float:
        """Return the most by which a load exceeds any limit in any slot, MW.

        Parameters
        ----------
        load_mw
            Feeder × slot, MW.
        """
        beyond = [load_mw.sum(axis=0) - self.limit_mw]
        beyond += [
            load_mw[self.members[area.area]].sum(axis=0) - area.limit_mw for area in self.areas
        ]
        most = float(np.nanmax(np.nan_to_num(beyond, nan=-np.inf), initial=0.0))
        return most if most > TOLERANCE_MW else 0.0
