from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.situation.files import PLAIN, write
from tests.situation.small_city import make_small_city
from vatra.city.synthetic import make_city
from vatra.situation import Situation, november_2022, read_situation

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "november-2022.toml"
CITY = make_small_city()


def read(folder: Path, text: str, hours: float | None = None) -> Situation:
    return read_situation(write(folder, text), CITY, hours)


def test_the_example_is_the_situation_of_the_demo() -> None:
    file, demo = read_situation(EXAMPLE, CITY), november_2022(CITY)
    for name in ("name", "name_uk", "grid", "damage", "claims", "cited", "basis", "rules"):
        assert getattr(file, name) == getattr(demo, name), name
    for name in ("limit_mw", "queues_off"):
        np.testing.assert_array_equal(getattr(file, name), getattr(demo, name))
    for name in ("outdoor_c", "wind_m_s", "solar_w_m2"):
        np.testing.assert_allclose(getattr(file.weather, name), getattr(demo.weather, name))
    assert file.weather.source == demo.weather.source


def test_hours_of_the_caller_win_over_those_of_the_file(tmp_path: Path) -> None:
    assert read(tmp_path, PLAIN).grid.slots == 48
    assert read(tmp_path, PLAIN, 0.5).grid.slots == 1
    assert read(tmp_path, PLAIN.replace("hours = 24\n", "")).grid.slots == 144
    assert read(tmp_path, PLAIN, 400).grid.slots == 800


def test_local_times_and_offsets_mean_the_same(tmp_path: Path) -> None:
    local = read(tmp_path, PLAIN.replace("+02:00", ""))
    assert local.grid == read(tmp_path, PLAIN).grid
    assert local.grid.start == pd.Timestamp("2022-11-23T12:00", tz="UTC")


def test_without_a_name_it_is_called_as_its_file(tmp_path: Path) -> None:
    assert read(tmp_path, PLAIN.replace('name = "A day"\n', "")).name == "situation"


def test_steps_hold_until_the_next_or_their_end(tmp_path: Path) -> None:
    text = (
        PLAIN
        + """
[[supply]]
from = 2022-11-23T18:00:00+02:00
to = 2022-11-23T20:00:00+02:00
limit_mw = 0

[[supply]]
from = 2022-11-23T22:00:00+02:00
queues = 4.5

[[supply]]
from = 2022-11-24T12:00:00+02:00
limit_mw = 690
"""
    )
    situation = read(tmp_path, text)
    nothing = [np.nan]
    np.testing.assert_array_equal(
        situation.limit_mw, [430.0] * 8 + [0.0] * 4 + nothing * 32 + [690.0] * 4
    )
    np.testing.assert_array_equal(situation.queues_off, nothing * 16 + [4.5] * 28 + nothing * 4)


def test_the_stricter_limit_holds_in_a_slot_that_two_steps_share(tmp_path: Path) -> None:
    text = PLAIN + "[[supply]]\nfrom = 2022-11-23T15:10:00+02:00\nlimit_mw = 300\n"
    assert list(read(tmp_path, text).limit_mw[:4]) == [430, 430, 300, 300]
    text = PLAIN + "[[supply]]\nfrom = 2022-11-23T15:10:00+02:00\nlimit_mw = 500\n"
    assert list(read(tmp_path, text).limit_mw[:4]) == [430, 430, 430, 500]


def test_areas_have_limits_of_their_own(tmp_path: Path) -> None:
    text = PLAIN + (
        '[[supply]]\nfrom = 2022-11-23T20:00:00\nlimit_mw = 70\narea = "SS-01"\nclaims = ["C1"]\n'
        '[[claims]]\nid = "C1"\ntext = "."\n'
    )
    situation = read(tmp_path, text)
    assert situation.limit_mw[20] == 430
    (area,) = situation.area_limits
    assert area.area == "SS-01"
    assert np.isnan(area.limit_mw[11])
    assert area.limit_mw[12] == 70
    assert situation.cited == {"supply of SS-01": ("C1",)}


def test_a_situation_may_have_no_limit(tmp_path: Path) -> None:
    text = PLAIN[: PLAIN.index("[[supply]]")] + "[weather]\noutdoor_c = 3"
    situation = read(tmp_path, text)
    assert np.isnan(situation.limit_mw).all()
    assert (situation.weather.outdoor_c == 3).all()
    assert "assumed" in situation.weather.source


def test_damage_touches_every_slot_that_it_reaches_into(tmp_path: Path) -> None:
    text = (
        PLAIN
        + """
[[damage]]
asset = "P-001"
from = 2022-11-23T15:10:00
to = 2022-11-23T16:10:00
remaining_share = 0.25

[[damage]]
asset = "North Bridge"

[[damage]]
asset = "SS-02"
to = 2022-11-23T10:00:00
"""
    )
    pump, bridge = read(tmp_path, text).damage
    assert (pump.table, pump.first_slot, pump.end_slot, pump.remaining_share, pump.end_known) == (
        "pumps", 2, 5, 0.25, True,
    )  # fmt: skip
    assert (bridge.table, bridge.asset_id, bridge.end_slot) == ("streets", "North Bridge", 48)
    assert not bridge.end_known


@pytest.mark.parametrize(
    ("said", "cited", "expected"),
    [
        ("confirmed", '["C1"]', "confirmed"),
        ("confirmed", '["C1", "C2"]', "if confirmed"),
        ("confirmed", "[]", "confirmed"),
        ("if confirmed", '["C1"]', "if confirmed"),
    ],
)
def test_one_unsure_claim_makes_it_if_confirmed(
    tmp_path: Path, said: str, cited: str, expected: str
) -> None:
    claims = (
        '[[claims]]\nid = "C1"\ntext = "a"\n'
        '[[claims]]\nid = "C2"\ntext = "b"\nbasis = "if confirmed"\n'
    )
    supply, weather = PLAIN.split("[weather]")
    text = f'basis = "{said}"\n{supply}claims = {cited}\n[weather]{weather}{claims}'
    assert read(tmp_path, text).basis == expected


@pytest.mark.parametrize(
    ("start", "day_slots"), [("2023-03-26T00:00:00", 46), ("2022-10-30T00:00:00", 50)]
)
def test_the_clocks_change_within_the_horizon(tmp_path: Path, start: str, day_slots: int) -> None:
    day = start[:10]
    text = f"""
start = {start}
hours = 48
[[supply]]
from = {start}
limit_mw = 100
[[supply]]
from = {day}T06:00:00
limit_mw = 200
[[supply]]
from = {day}T23:30:00
limit_mw = 300
[weather]
outdoor_c = 0
"""
    situation = read(tmp_path, text)
    assert situation.grid.slots == 96
    six = 12 + day_slots - 48
    assert list(situation.limit_mw[six - 1 : six + 1]) == [100, 200]
    assert situation.grid.hour[six] == 6.0
    assert list(situation.limit_mw[day_slots - 2 : day_slots]) == [200, 300]


def test_rules_are_passed_on_by_name(tmp_path: Path) -> None:
    text = PLAIN + "[rules]\nmax_dark_h = 8\nstrict = true\n"
    assert read(tmp_path, text).rules == {"max_dark_h": 8.0, "strict": 1.0}


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "situation.toml"
    path.write_text(PLAIN, encoding="utf-8-sig")
    assert read_situation(path, CITY).name == "A day"


def test_a_course_of_temperatures_is_interpolated_to_the_middles(tmp_path: Path) -> None:
    text = PLAIN.replace(
        "outdoor_c = -5.0",
        "outdoor_c = [[2022-11-23T14:00:00, 0], [2022-11-24T14:00:00, -48.0]]\nwind_m_s = 7",
    )
    weather = read(tmp_path, text).weather
    np.testing.assert_allclose(weather.outdoor_c, -0.5 - np.arange(48))
    assert (weather.wind_m_s == 7).all()
    assert weather.solar_w_m2.max() > 0
    assert weather.source.startswith("given; sky")


def test_a_date_alone_is_its_midnight(tmp_path: Path) -> None:
    text = PLAIN.replace("start = 2022-11-23T14:00:00+02:00", "start = 2022-11-23")
    assert read(tmp_path, text).grid.local[0] == pd.Timestamp("2022-11-23", tz="Europe/Kyiv")


def test_a_part_of_a_limit_may_be_zero(tmp_path: Path) -> None:
    assert (read(tmp_path, PLAIN.replace("430", "0")).limit_mw == 0).all()


def test_the_example_reads_for_a_synthetic_city(tmp_path: Path) -> None:
    city = make_city(20_000, seed=3)
    demo = november_2022(city)
    text = EXAMPLE.read_text(encoding="utf-8").replace("H-001", demo.damage[0].asset_id)
    file = read_situation(write(tmp_path, text), city)
    assert file.damage == demo.damage
    share = city.about.known_peak_mw / 1500
    np.testing.assert_allclose(demo.limit_mw, file.limit_mw * share)
