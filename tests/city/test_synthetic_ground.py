from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tests.city.synthetic_cities import fabric
from vatra.city.model import City
from vatra.city.schema import SITE_KINDS

FULL = 3_000_000
CITIES = [(20_000, 0), (20_000, 7), (60_000, 3), (100_000, 0)]
WITH_FULL = [*CITIES, pytest.param((FULL, 0), marks=pytest.mark.slow)]


def buildings(city: City) -> NDArray[np.object_]:
    return np.concatenate([city.blocks.geometry.to_numpy(), city.sites.geometry.to_numpy()])


def touching(one: NDArray[np.object_], two: NDArray[np.object_]) -> NDArray[np.int64]:
    return np.asarray(shapely.STRtree(two).query(one, predicate="intersects"), dtype=np.int64)


@pytest.mark.parametrize("which", WITH_FULL)
def test_streets_are_one_network_over_the_bridges(which: tuple[int, int]) -> None:
    streets = fabric(*which).streets
    ends = streets[["from_node", "to_node"]].to_numpy()
    nodes = int(ends.max()) + 1

    def parts(kept: NDArray[np.bool_]) -> NDArray[np.int64]:
        one, two = ends[kept].T
        links = coo_array((np.ones(len(one)), (one, two)), shape=(nodes, nodes))
        label = connected_components(links, directed=False)[1]
        return np.sort(np.bincount(label))[::-1]

    everything = np.ones(len(ends), dtype=bool)
    assert parts(everything).tolist() == [nodes]
    # Without its bridges the city falls into two banks.
    banks = parts(streets["bridge"].isna().to_numpy())
    assert banks[1] > 0.2 * nodes
    assert banks[:2].sum() > 0.99 * nodes


@pytest.mark.parametrize("which", WITH_FULL)
def test_streets_join_at_their_ends(which: tuple[int, int]) -> None:
    streets = fabric(*which).streets
    ends = streets[["from_node", "to_node"]].to_numpy()
    xy = shapely.get_coordinates(streets.geometry).reshape(-1, 2, 2)
    at = np.zeros((int(ends.max()) + 1, 2))
    at[ends[:, 0]], at[ends[:, 1]] = xy[:, 0], xy[:, 1]
    assert np.abs(at[ends] - xy).max() == 0.0
    assert np.allclose(streets["length_m"], streets.geometry.length)
    assert (ends[:, 0] != ends[:, 1]).all()
    assert (
        not streets.assign(low=ends.min(axis=1), high=ends.max(axis=1))
        .duplicated(["low", "high"])
        .any()
    )
    length = streets["length_m"]
    assert length.between(40, 120).mean() > 0.78
    assert length.min() > 2
    assert length.max() < 200


@pytest.mark.parametrize("which", CITIES)
def test_streets_are_of_all_ranks_and_cross_water_on_bridges_only(which: tuple[int, int]) -> None:
    city = fabric(*which)
    streets = city.streets
    assert set(streets["rank"]) == {"primary", "secondary", "residential", "path"}
    wet = np.unique(touching(streets.geometry.to_numpy(), city.water_bodies.geometry.to_numpy())[0])
    assert streets["bridge"].iloc[wet].notna().all()
    bridges = streets[streets["bridge"].notna()]
    assert (bridges["rank"] == "primary").all()
    river = city.water_bodies.geometry.iloc[0]
    for _, spans in bridges.groupby("bridge"):
        assert spans.geometry.union_all().intersection(river).length > 0.5 * spans.length.sum()


@pytest.mark.parametrize("which", WITH_FULL)
def test_buildings_stand_free(which: tuple[int, int]) -> None:
    city = fabric(*which)
    shapes = buildings(city)
    assert shapely.is_valid(shapes).all()
    one, two = touching(shapes, shapes)
    assert (one == two).all(), "buildings touch one another"
    assert touching(shapes, city.streets.geometry.to_numpy()).size == 0
    assert touching(shapes, city.water_bodies.geometry.to_numpy()).size == 0


@pytest.mark.parametrize("which", WITH_FULL)
def test_footprints_fit_their_floor_area(which: tuple[int, int]) -> None:
    blocks = fabric(*which).blocks
    gross = blocks.geometry.area * blocks["floors"] / blocks["floor_area_m2"]
    flats = blocks["archetype"] != "private_house"
    assert gross[flats].between(1.1, 1.3).all()
    assert gross[~flats].between(0.75, 1.4).all()
    area = (blocks.geometry.area / shapely.get_num_geometries(blocks.geometry))[flats]
    assert area.between(100, 2000).all()
    a_home = blocks["floor_area_m2"] / blocks["dwellings"]
    assert a_home.between(30, 140).all()
    assert blocks["dwellings"][~flats].between(6, 25).all()
    assert (
        blocks["dwellings"][~flats] == shapely.get_num_geometries(blocks.geometry[~flats])
    ).all()


@pytest.mark.parametrize("which", WITH_FULL)
def test_districts_share_the_land_out(which: tuple[int, int]) -> None:
    city = fabric(*which)
    districts = city.districts
    shapes = districts.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert districts["name"].is_unique
    assert districts["name_uk"].is_unique
    one, two = np.triu_indices(len(shapes), 1)
    assert shapely.area(shapely.intersection(shapes[one], shapes[two])).max(initial=0.0) < 1.0
    for table in (city.blocks, city.sites):
        own = districts.geometry.loc[table["district_id"]].to_numpy()
        assert shapely.covers(own, table.geometry.centroid.to_numpy()).all()
    river = city.water_bodies.geometry.iloc[0]
    assert shapely.area(shapely.intersection(shapes, river)).max() < 1.0
    people = city.blocks.groupby("district_id")["residents"].sum()
    assert len(people) == len(districts)
    # Every district is in one piece.
    assert shapely.get_num_geometries(shapes).max() == 1


@pytest.mark.parametrize("which", CITIES)
def test_sites_are_where_people_live(which: tuple[int, int]) -> None:
    city = fabric(*which)
    sites = city.sites
    assert set(sites["kind"]) == set(SITE_KINDS)
    assert sites["name"].is_unique
    assert (sites["capacity"] == np.floor(sites["floor_area_m2"] / 3.5)).all()
    assert (sites["capacity"] > 0).all()
    assert ((sites["backup_mw"] > 0) == (sites["backup_fuel_h"] > 0)).all()
    # Few sites of a small city may all be lucky or not.
    slack = 3 * np.sqrt(0.25 / len(sites))
    assert abs((sites["backup_mw"] > 0).mean() - 0.22) < 0.03 + slack
    assert abs(sites["shelter"].mean() - 0.35) < 0.05 + slack
    assert (sites["status"] == "candidate").all()
    homes = city.blocks
    nearest = shapely.STRtree(sites.geometry.centroid.to_numpy()).query_nearest(
        homes.geometry.centroid.to_numpy(), return_distance=True, all_matches=False
    )[1]
    near = homes["residents"][nearest < 500].sum() / homes["residents"].sum()
    assert near > 0.93


def test_public_buildings_follow_people_not_plots() -> None:
    city = fabric(100_000)
    people = city.blocks.groupby("district_id")["residents"].sum()
    sites = city.sites.groupby("district_id").size()
    share = (sites / sites.sum()) / (people / people.sum())
    assert share.between(0.6, 1.6).all()
