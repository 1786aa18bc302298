"""Houses the residents of a population grid in the buildings of an extract."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from vatra.city.osm_buildings import archetype_of
from vatra.city.osm_read import only_areas
from vatra.city.synthetic.people import DISABLED_SHARE, ELDERLY_SHARE, INFANT_SHARE
from vatra.city.synthetic.stock import GROSS_PER_HEATED, RESIDENTS_PER_DWELLING, round_to_total

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEAST_M2 = 8.0
"""Floor area a resident below which more of a cell's buildings are taken as homes; assumed."""
_USUAL_M2 = 22.0
"""Floor area a resident where a cell's buildings are too small for its residents: that of an
ordinary flat; assumed."""
_MOST_M2 = {"private_house": 80.0}
_MOST_FLAT_M2 = 45.0
"""Floor area a resident above which the rest of a building is taken as shops and offices, for
private houses and for others; assumed."""
_NEAR_BUILDINGS_M = 300.0
"""How far from any building residents without one are still placed; assumed."""
_HOMES = ("flats", "unknown", "house")


@dataclass
class Housed:
    """Blocks made from buildings and residents, and who found no home.

    Parameters
    ----------
    blocks
        Table ``blocks`` without references, in the order of the buildings.
    outside
        Residents of the grid outside of the extract.
    astray
        Residents of cells inside of the extract with no building anywhere near.
    placed
        Residents of cells without a building who were put on a block of their own.
    crowded
        Blocks whose floor area was raised as their buildings are too small.
    empty_homes
        Residential buildings where the grid knows of nobody.
    """

    blocks: gpd.GeoDataFrame
    outside: float = 0.0
    astray: float = 0.0
    placed: float = 0.0
    crowded: int = 0
    empty_homes: int = 0
    notes: list[str] = field(default_factory=list)


def house_residents(
    buildings: gpd.GeoDataFrame,
    public: Ints,
    cells: gpd.GeoDataFrame,
    extent: shapely.Polygon,
    rng: np.random.Generator,
) -> Housed:
    """Share the residents of each cell out over its homes by floor area.

    A cell that lies in the extract only in part brings that part of its residents. Where a cell
    has no homes, or too few for its residents, its other buildings count as homes too; where it
    has no building at all, its residents get a block of their own if others stand near.

    Parameters
    ----------
    buildings
        Table of `vatra.city.osm_buildings.build_buildings`, those in the extract.
    public
        Rows of buildings that are wholly public.
    cells
        Polygons with ``residents``.
    extent
        What the extract covers.
    rng
        Source of who is elderly, young or ill.

    Returns
    -------
    Housed
        The blocks and what was left out.
    """
    shapes = cells.geometry.to_numpy()
    part = np.clip(shapely.area(shapely.intersection(shapes, extent)) / shapely.area(shapes), 0, 1)
    residents = cells["residents"].to_numpy(dtype=np.float64)
    inside = residents * part
    cell = _cell_of(buildings, shapes)
    gross = (buildings["footprint_m2"] * buildings["floors"]).to_numpy(dtype=np.float64)
    is_public = np.zeros(len(buildings), dtype=bool)
    is_public[public] = True
    weight, homeless = _weights(buildings["use"].to_numpy(), is_public, gross, cell, inside)
    astray, alone = _stranded(homeless & (inside > 0.0), shapes, extent, buildings)
    share = np.zeros(len(buildings))
    in_cell = cell >= 0
    total = np.bincount(cell[in_cell], weights=weight[in_cell], minlength=len(cells))
    fed = in_cell & (weight > 0.0)
    share[fed] = inside[cell[fed]] * weight[fed] / total[cell[fed]]
    living = np.concatenate([share, inside[alone]])
    whole = round_to_total(living, round(living.sum())) if living.sum() >= 1 else living.astype(int)
    frame = _blocks_of(buildings, gross, cell, whole[: len(share)])
    if len(alone):
        frame = pd.concat([frame, _lone_blocks(alone, shapes, extent, whole[len(share) :])])
    crowded = _make_room(frame)
    _count_people(frame, rng)
    homes = np.isin(buildings["use"], _HOMES) & ~is_public
    return Housed(
        blocks=gpd.GeoDataFrame(frame, geometry="geometry", crs=buildings.crs),
        outside=float((residents - inside).sum()),
        astray=float(inside[astray].sum()),
        placed=float(inside[alone].sum()),
        crowded=crowded,
        empty_homes=int((homes & (whole[: len(share)] == 0)).sum()),
    )


def _cell_of(buildings: gpd.GeoDataFrame, shapes: NDArray[np.object_]) -> Ints:
    """Return the row of the cell that the middle of each building is in, -1 for none."""
    cell = np.full(len(buildings), -1, dtype=np.int64)
    middles = shapely.centroid(buildings.geometry.to_numpy())
    asked, found = shapely.STRtree(shapes).query(middles, predicate="intersects")
    # On a border between cells the first one takes it.
    order = np.lexsort((found, asked))[::-1]
    cell[asked[order]] = found[order]
    return cell


def _weights(
    use: NDArray[np.object_], public: NDArray[np.bool_], gross: Floats, cell: Ints, inside: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return each building's weight as a home, and which cells have no building at all.

    Homes come first; other buildings join where those have too little room, then public ones.
    """
    tier = np.select([use == "auxiliary", public, np.isin(use, _HOMES)], [3, 2, 0], 1)
    in_cell = cell >= 0
    weight = np.zeros(len(gross))
    room = np.zeros(len(inside))
    for step in range(3):
        short = room < _LEAST_M2 * inside
        takes = in_cell & (tier == step)
        takes[takes] = short[cell[takes]]
        weight[takes] = gross[takes]
        room += np.bincount(cell[takes], weights=gross[takes], minlength=len(inside))
    return weight, room <= 0.0


def _stranded(
    cells: NDArray[np.bool_],
    shapes: NDArray[np.object_],
    extent: shapely.Polygon,
    buildings: gpd.GeoDataFrame,
) -> tuple[Ints, Ints]:
    """Return cells without buildings whose residents are left out, and those that get a block."""
    rows = np.flatnonzero(cells)
    if not len(rows):
        return rows, rows
    middles = shapely.centroid(shapely.intersection(shapes[rows], extent))
    tree = shapely.STRtree(buildings.geometry.to_numpy())
    asked = tree.query(middles, predicate="dwithin", distance=_NEAR_BUILDINGS_M)[0]
    near = np.zeros(len(rows), dtype=bool)
    near[np.unique(asked)] = True
    return rows[~near], rows[near]


def _blocks_of(
    buildings: gpd.GeoDataFrame, gross: Floats, cell: Ints, residents: Ints
) -> pd.DataFrame:
    """Make a block of each inhabited building; private houses of a cell make one together."""
    lived = residents > 0
    part = buildings[lived]
    frame = pd.DataFrame(
        {
            "archetype": archetype_of(
                part["use"].to_numpy(), part["floors"].to_numpy(), part["year"].to_numpy(),
                part["brick"].to_numpy(),
            ),
            "floors": part["floors"].to_numpy(),
            "floor_area_m2": gross[lived] / GROSS_PER_HEATED,
            "residents": residents[lived],
            "geometry": part.geometry.to_numpy(),
            "houses": 1,
            "assumed": False,
        }
    )  # fmt: skip
    house = (frame["archetype"] == "private_house").to_numpy()
    place = np.where(house, cell[lived], -1 - np.arange(len(frame)))
    if house.sum() < 2:
        return frame
    grouped = frame.groupby(place, sort=False)
    merged = grouped.agg(
        {
            "archetype": "first", "floors": "max", "floor_area_m2": "sum", "residents": "sum",
            "houses": "sum", "assumed": "first",
        }
    )  # fmt: skip
    merged["geometry"] = [
        group.iloc[0] if len(group) == 1 else only_areas(shapely.union_all(group.to_numpy()))
        for _, group in grouped["geometry"]
    ]
    return merged.reset_index(drop=True)


def _lone_blocks(
    rows: Ints, shapes: NDArray[np.object_], extent: shapely.Polygon, residents: Ints
) -> pd.DataFrame:
    lived = residents > 0
    middles = shapely.centroid(shapely.intersection(shapes[rows[lived]], extent))
    return pd.DataFrame(
        {
            "archetype": "brick_5",
            "floors": 5,
            "floor_area_m2": 0.0,
            "residents": residents[lived],
            "geometry": middles,
            "houses": 0,
            "assumed": True,
        }
    )


def _make_room(frame: pd.DataFrame) -> int:
    """Fit floor areas to residents, in place; return how many buildings are too small for them."""
    small = frame["floor_area_m2"] * GROSS_PER_HEATED < _LEAST_M2 * frame["residents"] * 0.95
    frame.loc[small, "floor_area_m2"] = _USUAL_M2 * frame.loc[small, "residents"]
    most = frame["archetype"].map(_MOST_M2).fillna(_MOST_FLAT_M2) * frame["residents"]
    frame["floor_area_m2"] = np.minimum(frame["floor_area_m2"], most).round(1)
    families = np.rint(frame["residents"] / RESIDENTS_PER_DWELLING)
    frame["dwellings"] = np.maximum(np.maximum(families, frame["houses"]), 1).astype(np.int64)
    return int((small & ~frame["assumed"]).sum())


def _count_people(frame: pd.DataFrame, rng: np.random.Generator) -> None:
    """Draw how many residents are infants, elderly or ill, each counted once, in place."""
    rest = 1.0 - INFANT_SHARE - ELDERLY_SHARE - DISABLED_SHARE
    chances = (INFANT_SHARE, ELDERLY_SHARE, DISABLED_SHARE, rest)
    groups = rng.multinomial(frame["residents"].to_numpy(), chances)
    frame["infants"], frame["elderly"], frame["disabled"] = groups[:, 0], groups[:, 1], groups[:, 2]
