"""A city goes to its folder and comes back the same."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from vatra.city import City, check_city, read_city, write_city
from vatra.problems import InputError


def assert_same(left: City, right: City) -> None:
    assert left.about == right.about
    assert left.water_inp == right.water_inp
    for name, frame in left.tables().items():
        other = right.tables()[name]
        plain = pd.DataFrame(frame).drop(columns="geometry", errors="ignore")
        assert_frame_equal(plain, pd.DataFrame(other).drop(columns="geometry", errors="ignore"))
        if "geometry" in frame:
            assert frame.crs == other.crs
            assert frame.geometry.geom_equals_exact(other.geometry, 0.0).all()


def test_round_trip(tiny: City, tmp_path: Path) -> None:
    write_city(tiny, tmp_path / "city")
    assert_same(tiny, read_city(tmp_path / "city"))
    assert check_city(tmp_path / "city") == []


def test_the_same_city_gives_the_same_bytes(tiny: City, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_city(tiny, tmp_path / name)
    for file in sorted((tmp_path / "a").iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_writing_over_a_city_keeps_what_is_not_a_citys(tiny: City, tmp_path: Path) -> None:
    write_city(tiny, tmp_path / "city")
    (tmp_path / "city" / "map.qgz").write_text("mine")
    (tmp_path / "city" / "blocks.csv").write_text("block_id\n")
    write_city(tiny.with_tables(sites=tiny.sites.iloc[:0]), tmp_path / "city")
    assert len(read_city(tmp_path / "city").sites) == 0
    assert (tmp_path / "city" / "map.qgz").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["city"]


def test_refuses_to_write_over_anything_else(tiny: City, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "letter.txt").write_text("x")
    for name in ("file", "folder"):
        with pytest.raises(InputError, match="name another folder"):
            write_city(tiny, tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


def test_a_failed_write_leaves_the_old_city(tiny: City, tmp_path: Path) -> None:
    """Half a character can't be written, and nothing else of that city is then."""
    write_city(tiny, tmp_path / "city")
    broken = tiny.feeders.assign(odd=pd.Series("\ud800", tiny.feeders.index, object))
    with pytest.raises(InputError, match="feeders"):
        write_city(tiny.with_tables(feeders=broken), tmp_path / "city")
    assert_same(tiny, read_city(tmp_path / "city"))
    assert [p.name for p in tmp_path.iterdir()] == ["city"]
