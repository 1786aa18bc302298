"""How full the warm points are by the hour."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from vatra.warm_points.model import WarmPoints
from vatra.warm_points.need import Need


def load_by_hour(
    points: WarmPoints, need: Need, block_id: pd.Index, *, share_coming: float = 1.0
) -> pd.DataFrame:
    """Count the people at each warm point by slot.

    Everybody goes to the sites that the assignment names, in the same shares at every hour, for
    as long as they are in need; a site holds no more than its places, the others wait for
    their turn.

    Parameters
    ----------
    points
        The warm points, with their assignment.
    need
        Who is in need when.
    block_id
        Ids of the rows of `need`.
    share_coming
        Share of those in need who come.

    Returns
    -------
    pandas.DataFrame
        Site × slot (UTC), people at once.
    """
    who = points.assignment
    site = points.sites.index.get_indexer(pd.Index(who["site_id"]))
    row = block_id.get_indexer(pd.Index(who["block_id"]))
    at_hour = points.blocks["need"].reindex(who["block_id"]).to_numpy(dtype=np.float64)
    share = who["in_turns"].to_numpy(dtype=np.float64) / np.maximum(at_hour, 1.0)
    goes = sp.csr_array((share, (site, row)), shape=(len(points.sites), len(block_id)))
    coming: NDArray[np.float64] = goes @ (need.people() * share_coming)
    places = points.sites["capacity"].to_numpy(dtype=np.float64)
    people = np.floor(np.minimum(coming, places[:, None]) + 1e-6).astype(np.int32)
    return pd.DataFrame(people, index=points.sites.index, columns=need.grid.times)


def hours_of(load: pd.DataFrame, need: Need, points: WarmPoints) -> pd.DataFrame:
    """Count by slot who is in need, by tier, and who has a place, in the whole city.

    Parameters
    ----------
    load
        People at each site by slot, from `load_by_hour`.
    need
        Who is in need when.
    points
        The warm points.

    Returns
    -------
    pandas.DataFrame
        By slot (UTC): a column for each tier, ``need``, ``at_once`` (with a place) and ``places``
        (of the sites that have somebody).
    """
    table = need.by_hour()
    table["need"] = table.sum(axis=1)
    table["at_once"] = load.sum(axis=0).to_numpy(dtype=np.int64)
    places = points.sites["capacity"].to_numpy(dtype=np.int64)
    table["places"] = places @ (load.to_numpy() > 0)
    return table
