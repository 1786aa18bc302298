"""A user's model of the power network, and what is said where it doesn't fit the city."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from tests.networks.conftest import small_city, small_situation, table
from vatra.city import City, check_city, read_city, write_city
from vatra.networks import NetworkParameters, check_power, check_power_model, with_power_model
from vatra.networks.power import substations_live
from vatra.problems import InputError
from vatra.situation.model import Damage

IEEE14 = Path(__file__).parents[1] / "cases" / "power_ieee14" / "input.m"


def with_buses(*buses: str) -> City:
    city = small_city()
    return city.with_tables(substations=city.substations.assign(bus=list(buses)))


def ieee14() -> City:
    """P1 at bus 13, P2 at bus 9, P3 at bus 14, the city's own source and lines left out."""
    city = with_buses("13", "9", "14").with_tables(
        power_sources=table("power_sources"), lines=table("lines")
    )
    return with_power_model(city, IEEE14)


def test_load_of_feeders_takes_the_place_of_the_models() -> None:
    city = ieee14()
    load = np.tile([[13.5], [29.5], [14.9]], (1, 2))
    check = check_power(city, small_situation(2), load)
    assert check.solved.all()
    assert check.ac
    # What the model itself draws elsewhere: 259 MW in all, 57.9 at these three buses.
    assert check.delivered_mwh == pytest.approx(259.0)
    assert check.lost_mwh > 5.0
    assert check.balance.error_share < 1e-9
    assert np.isfinite(check.station_pu).all()


def test_no_operating_point_is_an_answer_with_what_to_shed() -> None:
    city = ieee14()
    load = np.tile([[50.0], [30.0], [15.0]], (1, 4))
    load[2, 2] = 400.0
    check = check_power(city, small_situation(4), load)
    assert check.solved.tolist() == [True, True, False, True]
    assert not check.holds
    assert np.isfinite(check.shed_more_mw).all()
    assert check.shed_more_mw[2] > 100.0
    np.testing.assert_array_equal(check.shed_more_mw[[0, 1, 3]], 0.0)


def test_damage_opens_branches_and_cuts_islands() -> None:
    city = ieee14()
    lines = table(
        "lines",
        # Branches 12 and 15 of the case (9-14 and 13-14), by id and by their ends.
        {"line_id": "12", "from_id": "P2", "to_id": "P3", "capacity_mw": 99.0},
        {"line_id": "L", "from_id": "P1", "to_id": "P3", "capacity_mw": 99.0},
    )
    city = city.with_tables(lines=lines)
    out = tuple(Damage("lines", i, 1, 3) for i in ("12", "L"))
    situation = small_situation(4, damage=out)
    live = substations_live(city, situation)
    np.testing.assert_array_equal(live[2], [True, False, False, True])
    assert live[:2].all()
    check = check_power(city, situation, np.full((3, 4), 5.0))
    np.testing.assert_allclose(check.unserved_mw, [0.0, 5.0, 5.0, 0.0])
    assert (check.flow_mw[0, [0, 3]] != 0.0).all()
    np.testing.assert_array_equal(check.flow_mw[:, 1:3], 0.0)


def test_a_city_with_a_model_is_written_and_read(tmp_path: Path) -> None:
    city = with_power_model(with_buses("4", "9", "14"), IEEE14)
    from tests.city.conftest import make_tiny_city  # noqa: PLC0415

    tiny = dataclasses.replace(make_tiny_city(), power_model=city.power_model)
    write_city(tiny, tmp_path / "city")
    assert (tmp_path / "city" / "power.m").is_file()
    again = read_city(tmp_path / "city")
    assert again.power_model is not None
    assert city.power_model is not None
    assert again.power_model[1] == city.power_model[1]
    (tmp_path / "city" / "power.json").write_text("{}", encoding="utf-8")
    problems = check_city(tmp_path / "city")
    assert any("is there as well" in str(problem) for problem in problems)


def test_substations_that_the_model_does_not_have_are_listed() -> None:
    with pytest.raises(InputError, match="P2") as caught:
        with_power_model(with_buses("4", "no such", "14"), IEEE14)
    assert "column «bus»" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "not JSON"), ("{}", "no grid that can be read"), ("[1]", "not a JSON object")],
)
def test_models_that_cannot_be_read_are_told(text: str, words: str) -> None:
    city = dataclasses.replace(small_city(), power_model=("power.json", text))
    problems = check_power_model(city)
    assert any(words in str(p) for p in problems)


def test_a_model_without_a_source_is_told() -> None:
    text = json.dumps(
        {"type": "input", "data": {"node": [{"id": 1, "u_rated": 1e4}]}, "is_batch": False}
    )
    city = dataclasses.replace(with_buses("1", "1", "1"), power_model=("power.json", text))
    assert any("holds a voltage" in str(p) for p in check_power_model(city))


def test_plants_carry_an_island_only_if_they_can() -> None:
    city = small_city(
        power_sources=table(
            "power_sources",
            {"power_source_id": "G", "kind": "grid", "substation_id": "P1", "capacity_mw": 90.0},
            {"power_source_id": "C", "kind": "chp", "substation_id": "P3", "capacity_mw": 8.0},
        )
    )
    situation = small_situation(4, damage=(Damage("lines", "L12", 2, 4),))
    load = np.full((3, 4), 5.0)
    with_chp = check_power(city, situation, load)
    assert with_chp.islands.tolist() == [1, 1, 2, 2]
    over = with_chp.overloads[with_chp.overloads["table"] == "power_sources"]
    assert over["id"].tolist() == ["C", "C"]
    never = NetworkParameters(chp_islands=False)
    assert substations_live(city, situation).all()
    np.testing.assert_array_equal(
        substations_live(city, situation, never)[:, 3], [True, False, False]
    )
    without = check_power(city, situation, load, never)
    np.testing.assert_allclose(without.unserved_mw, [0.0, 0.0, 10.0, 10.0])
