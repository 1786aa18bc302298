"""EPANET files from outside: every problem with its line, and nothing that writes files is run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.water_flow.nets import TOWN, published
from vatra.city import check_city, read_city, write_city
from vatra.city.epanet_file import check_water_file, parse_epanet, read_epanet
from vatra.city.model import City
from vatra.problems import InputError


def problems_of(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_epanet(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_town_is_read_and_what_has_nothing_to_do_with_flow_left_out() -> None:
    extra = (
        "[REPORT]\nFILE /etc/passwd\nSTATUS FULL\n[OPTIONS]\nHYDRAULICS SAVE out.hyd\nMAP x.map\n"
        "QUALITY Chlorine\n[BACKDROP]\nFILE secret.png\n[ENERGY]\nGlobal Price 1\n[END]\n"
    )
    network = parse_epanet(TOWN.replace("[END]", extra))
    assert network.junctions == ("A", "B", "C")
    assert network.pumps == ("P1", "P2")
    assert network.tanks == ("T",)
    assert network.pressure_unit_m == 1.0
    for word in ("passwd", "out.hyd", "x.map", "Chlorine", "secret", "Price"):
        assert word not in network.text
    assert parse_epanet(network.text).sections == network.sections


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("p2  B  C", "p2  B  Z", "water.inp:12  [PIPES] p2  no node «Z»"),
        ("p2  B  C", "p2  B  B", "begins and ends at the same node"),
        ("900  250", "900  wide", "diameter «wide» is not a number"),
        ("900  250", "900  0", "diameter 0 is not above zero"),
        ("900  250", "900  nan", "diameter «nan» is not a number"),
        ("P2  R  A  HEAD lift", "P1  R  A  HEAD lift", "stands in line 15 already"),
        ("P2  R  A  HEAD lift", "P2  R  A  HEAD lost", "no curve «lost»"),
        ("P2  R  A  HEAD lift", "P2  R  A", "has neither a curve nor a power"),
        ("B   100  60   day", "B   100  60   night", "no pattern «night»"),
        ("NODE T ABOVE", "NODE X ABOVE", "no node «X»"),
        ("LINK P2 OPEN", "LINK P7 OPEN", "no link «P7»"),
        ("lift 160   15", "lift 80   15", "x goes from 90 to 80"),
        ("135  2  0.5  4", "135  9  0.5  4", "its level 9 is not between 0.5 and 4"),
        ("Units CMH", "Units BUCKETS", "«BUCKETS» is no unit"),
        ("[CURVES]", "[SNAKES]", "is no section of EPANET"),
        ("[JUNCTIONS]", "[TITLE]\n[JUNCTIONS]\n" + "A" * 40 + " 1 1", "is longer than 31"),
        ("A   100   0", "vatra~p0  100  0", "which is kept for the run"),
        ("p1  A  B  800  300  110  0  Open", "p1  A  B", "is not complete"),
        ("[JUNCTIONS]", "A B C\n[JUNCTIONS]", "stands before the first section"),
        ("R   100\n", "", "no node «R»"),
        ("A   100   0", "A   1\x00   0", "holds characters that aren't text"),
        ("A   100   0", "A   100   0" + " " * 1100 + "7", "longer than 1023 characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(was: str, becomes: str, said: str) -> None:
    assert was in TOWN
    text = TOWN.replace(was, becomes, 1).lstrip("\n")
    assert any(said in problem for problem in problems_of(text)), problems_of(text)


def test_every_problem_is_told_at_once_and_an_empty_file_too() -> None:
    text = TOWN.replace("900  250", "900  wide").replace("HEAD lift", "HEAD lost")
    assert len(problems_of(text)) == 3
    assert "holds no junction" in problems_of("")[0]
    assert any("no source" in p for p in problems_of("[JUNCTIONS]\nA 1\n"))


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200), at=st.integers(0, len(TOWN)))
def test_any_text_is_read_or_refused(text: str, at: int) -> None:
    for given_text in (text, TOWN[:at] + text + TOWN[at:]):
        try:
            parse_epanet(given_text)
        except InputError as error:
            assert error.problems  # noqa: PT017


@pytest.mark.parametrize("name", ["Net1", "Net2", "Net3", "Net6", "ky4", "ky10"])
def test_published_networks_are_read(name: str) -> None:
    path = published(name)
    if path is None:
        pytest.skip("needs the example networks of wntr")
    network = read_epanet(path)
    assert network.pressure_unit_m == pytest.approx(0.703, abs=1e-3)
    assert len(network.junctions) > 5


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.inp"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_epanet(path)
    with pytest.raises(InputError, match="can't be read"):
        read_epanet(tmp_path / "none.inp")


def test_a_city_brings_its_own_model_with_nodes_by_zone(tiny: City, tmp_path: Path) -> None:
    zone = tiny.water_zones.index[0]
    nodes = pd.DataFrame({"water_zone_id": [zone, zone], "assumed": False}, index=["B", "C"])
    nodes.index.name = "node_id"
    city = replace(tiny, water_inp=TOWN, water_nodes=nodes)
    assert check_city(city) == []
    write_city(city, tmp_path / "city")
    again = read_city(tmp_path / "city")
    assert list(again.water_nodes.index) == ["B", "C"]
    assert again.water_inp == TOWN
    (tmp_path / "city" / "water.inp").write_text(TOWN.replace("p2  B  C", "p2  B  Z"))
    (tmp_path / "city" / "water_nodes.csv").write_text(f"node_id,water_zone_id\nB,{zone}\n")
    said = [str(problem) for problem in check_city(tmp_path / "city")]
    assert any("no node «Z»" in line for line in said), said


def test_nodes_of_a_table_must_be_in_the_model() -> None:
    frames = {"water_nodes": pd.DataFrame(index=pd.Index(["B", "Q"], name="node_id"))}
    (problem,) = check_water_file(TOWN, frames)
    assert (problem.place, problem.subject) == ("water_nodes.node_id", "Q")
    (problem,) = check_water_file(None, frames)
    assert "there is no water.inp" in problem.reason
    assert check_water_file(None, {}) == []
