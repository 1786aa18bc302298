from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.situation.files import PLAIN, make_epw, write
from tests.situation.small_city import make_small_city
from vatra.problems import InputError, Problem
from vatra.situation import TimeGrid, Weather, read_situation, read_weather

DATA = Path(os.environ.get("VATRA_DATA", Path(__file__).parents[3] / "shared" / "data"))
BESTEST = DATA / "bestest_725650TYCST.epw"


def grid_from(
    local: str = "2022-11-23T14:00", slots: int = 8, zone: str = "Europe/Kyiv"
) -> TimeGrid:
    return TimeGrid(pd.Timestamp(local, tz=zone), slots, zone)


def hourly(rows: int, start: str = "2022-11-23T14:00") -> list[str]:
    return [f"{t:%Y-%m-%dT%H:%M}" for t in pd.date_range(start, periods=rows, freq="h")]


def problems_of(path: Path, grid: TimeGrid) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        read_weather(path, grid)
    return caught.value.problems


def test_a_table_is_interpolated_to_the_middles(tmp_path: Path) -> None:
    rows = [f"{time},{-i},{i + 1},{10 * i}" for i, time in enumerate(hourly(5))]
    text = "\n".join(["time,outdoor_c,wind_m_s,solar_w_m2", *rows, "", ""])
    weather = read_weather(write(tmp_path, text, "w.csv"), grid_from())
    np.testing.assert_allclose(weather.outdoor_c, -(np.arange(8) + 0.5) / 2)
    np.testing.assert_allclose(weather.wind_m_s, (np.arange(8) + 0.5) / 2 + 1)
    np.testing.assert_allclose(weather.solar_w_m2, (np.arange(8) + 0.5) * 5)
    assert weather.source == "w.csv"


def test_the_last_hour_of_an_hourly_table_holds(tmp_path: Path) -> None:
    text = "time,outdoor_c\n" + "\n".join(f"{time},-4" for time in hourly(4))
    assert (read_weather(write(tmp_path, text, "w.csv"), grid_from()).outdoor_c == -4).all()
    (problem,) = problems_of(tmp_path / "w.csv", grid_from(slots=10))
    assert "doesn't cover the horizon: it has 2022-11-23T14:00+02:00 to" in problem.reason
    (problem,) = problems_of(tmp_path / "w.csv", grid_from("2022-11-23T13:00"))
    assert "from 2022-11-23T13:00+02:00 to 2022-11-23T17:00+02:00" in problem.mend


def test_spreadsheets_of_other_countries_are_understood(tmp_path: Path) -> None:
    text = "time;outdoor_c\n23.11.2022 14:00;−1,5\n23.11.2022 18:00;−1,5\n"
    weather = read_weather(write(tmp_path, text, "w.csv"), grid_from())
    assert (weather.outdoor_c == -1.5).all()
    assert (weather.wind_m_s == 3).all()
    assert (weather.solar_w_m2 == 0).all()
    assert "wind assumed 3 m/s; sun left out" in weather.source


def test_rows_may_be_in_any_order_and_have_offsets(tmp_path: Path) -> None:
    text = "time\toutdoor_c\n2022-11-23T18:00+02:00\t4\n2022-11-23T12:00Z\t0\n"
    weather = read_weather(write(tmp_path, text, "w.csv"), grid_from())
    np.testing.assert_allclose(weather.outdoor_c, (np.arange(8) + 0.5) / 2)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "time", "column is missing"),
        ("time,outdoor_c\n", "time", "no rows"),
        ("time,outdoor_C\n1,2", "outdoor_C", "did you mean «outdoor_c»?"),
        ("time,outdoor_c,outdoor_c\n", "outdoor_c", "twice"),
        ("time,outdoor_c\n2022-11-23T14:00", "", "line 2"),
        ("time,outdoor_c\nnoon,1", "time", "line 2  is not a time"),
        ("time,outdoor_c\n2022-11-23T14:00,cold", "outdoor_c", "«cold» is not a number"),
        ("time,outdoor_c\n2022-11-23T14:00,", "outdoor_c", "value is missing"),
        ("time,outdoor_c\n2022-11-23T14:00,nan", "outdoor_c", "«nan» is not a number"),
        ("time,outdoor_c\n2022-11-23T14:00,271", "outdoor_c", "outside -60 to 60 °C"),
        ("time,outdoor_c,wind_m_s\n2022-11-23T14:00,1,-1", "wind_m_s", "outside 0 to 90"),
        ("time,outdoor_c\n2022-11-23T14:00,1\n2022-11-23T14:00,2", "time", "line 3"),
        ("time,outdoor_c\n2022-10-30T03:00,1", "time", "twice on the clock"),
        ("time,outdoor_c\n2022-03-27T03:00,1", "time", "clocks skip"),
        ("time,outdoor_c\n2022-11-23T00:00,1\n2022-11-24T00:00,1", "time", "more than 12 hours"),
        ('time,outdoor_c\n"2022', "", "the header has 2 columns"),
    ],
)  # fmt: skip
def test_each_problem_of_a_table_is_named(
    tmp_path: Path, text: str, place: str, words: str
) -> None:
    found = problems_of(write(tmp_path, text, "w.csv"), grid_from())
    assert any(p.place == place and words in str(p) for p in found), found


def test_files_that_are_no_weather_are_named(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_bytes(b"PK\0\0")
    assert "not a text file" in problems_of(tmp_path / "w.csv", grid_from())[0].reason
    assert "no such file" in problems_of(tmp_path / "none.epw", grid_from())[0].reason


def test_problems_of_the_file_are_those_of_the_situation(tmp_path: Path) -> None:
    write(tmp_path, "time,outdoor_c\n2022-11-23T14:00,x\nnever,1\n", "w.csv")
    path = write(tmp_path, PLAIN.replace("outdoor_c = -5.0", 'file = "w.csv"'))
    with pytest.raises(InputError) as caught:
        read_situation(path, make_small_city())
    assert {(p.place, p.subject) for p in caught.value.problems} == {
        ("weather.time", "w.csv line 3"), ("weather.outdoor_c", "w.csv line 2"),
    }  # fmt: skip


def test_a_situation_reads_a_file_beside_it(tmp_path: Path) -> None:
    write(tmp_path, make_epw(), "w.epw")
    text = PLAIN.replace("outdoor_c = -5.0", 'file = "w.epw"\nsource = "a made year"')
    weather = read_situation(write(tmp_path, text), make_small_city()).weather
    assert weather.source == "a made year"
    # 23 November is day 326 of the year; 14:15 lies between the hours 14 and 15.
    assert weather.outdoor_c[0] == pytest.approx(326 / 10 - 20 + 0.1425)


@pytest.mark.parametrize("zone", ["Europe/Kyiv", "America/Denver", "Asia/Kathmandu"])
def test_a_typical_year_runs_by_the_fixed_clock_of_its_place(tmp_path: Path, zone: str) -> None:
    offset_h = {"Europe/Kyiv": 2.0, "America/Denver": -7.0, "Asia/Kathmandu": 5.75}[zone]
    path = write(tmp_path, make_epw(offset_h=offset_h), "w.epw")
    start = pd.Timestamp("2022-11-23T14:00") - pd.Timedelta(hours=offset_h)
    grid = TimeGrid(start.tz_localize("UTC").floor("30min"), 2, zone)
    late = (start.tz_localize("UTC") - grid.start) / pd.Timedelta(hours=1)
    weather = read_weather(path, grid)
    expected = 326 / 10 - 20 + (14.25 - late) / 100
    assert weather.outdoor_c[0] == pytest.approx(expected)
    assert (weather.wind_m_s == 4).all()


def test_irradiance_is_centred_on_its_hour(tmp_path: Path) -> None:
    path = write(tmp_path, make_epw(), "w.epw")
    solar = read_weather(path, grid_from("2022-11-24T00:00", 48)).solar_w_m2
    assert np.flatnonzero(solar).tolist() == [21, 22, 23, 24]
    assert solar.sum() / 2 == pytest.approx(240.0)
    assert solar[22] == solar[23]


def test_a_year_wraps_and_a_leap_day_is_the_day_before(tmp_path: Path) -> None:
    path = write(tmp_path, make_epw(), "w.epw")
    night = read_weather(path, grid_from("2022-12-31T23:00", 4)).outdoor_c
    # From the record of 31 December, hour 24, to that of 1 January, hour 1.
    last, first = 36.4 - 20 + 0.24, -20 + 0.01
    np.testing.assert_allclose(night[2:], last + (first - last) * np.array([0.25, 0.75]))
    leap = read_weather(path, grid_from("2024-02-29T12:00", 2)).outdoor_c
    before = read_weather(path, grid_from("2024-02-28T12:00", 2)).outdoor_c
    np.testing.assert_array_equal(leap, before)


def test_missing_values_are_bridged_or_filled_in(tmp_path: Path) -> None:
    lines = make_epw().splitlines()
    bare = []
    for number, line in enumerate(lines):
        fields = line.split(",")
        if number >= 8:
            fields[13], fields[21] = "9999", "999"
            if fields[1:4] == ["11", "23", "15"]:
                fields[6] = "99.9"
        bare.append(",".join(fields))
    path = write(tmp_path, "\n".join(bare), "w.epw")
    weather = read_weather(path, grid_from())
    assert weather.outdoor_c[2] == pytest.approx(326 / 10 - 20 + 0.1525)
    assert (weather.wind_m_s == 3).all()
    assert weather.solar_w_m2[0] > 0  # the overcast sky of the file's own place
    assert "assumed overcast" in weather.source


def test_half_hourly_records_are_read(tmp_path: Path) -> None:
    lines = make_epw().splitlines()
    fine = lines[:8]
    for line in lines[8:]:
        fields = line.split(",")
        hour = int(fields[3])
        for minute in (30, 60):
            fields[4], fields[6] = str(minute), str((hour - 1 + minute / 60) / 2)
            fine.append(",".join(fields))
    path = write(tmp_path, "\n".join(fine), "w.epw")
    outdoor_c = read_weather(path, grid_from("2022-11-23T06:00", 4)).outdoor_c
    np.testing.assert_allclose(outdoor_c, (6.25 + np.arange(4) / 2) / 2)


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("LOCATION", "PLACE", "LOCATION", "line is missing"),
        ("50.4,30.5", "here,there", "LOCATION", "can't be read"),
        ("50.4,30.5", "504,30.5", "LOCATION", "can't be read"),
        ("1999,11,23,15,0", "1999,11,23,25,0", "records", "not a record"),
        ("1999,2,28,3,0", "1999,2,30,3,0", "records", "not a record"),
        ("1999,11,23,15,0,?9,12.750", "1999,11,23,15,0,?9,", "records", "not a record"),
        ("1999,11,23,15,0,?9,12.750", "1999,11,23,15,0,?9,inf", "records", "not a record"),
        ("1999,11,23,15,0,?9,12.750", "1999,11,23,15,0,?9,-300", "outdoor_c", "outside -60 to 60"),
        ("1999,11,23,15,0,?9,12.750", "1999,11,23", "records", "not a record"),
        ("1999,11,23,15,0,?9", "hello", "records", "not a record"),
    ],
)
def test_each_problem_of_a_year_is_named(
    tmp_path: Path, old: str, new: str, place: str, words: str
) -> None:
    text = make_epw()
    assert old in text
    path = write(tmp_path, text.replace(old, new, 1), "w.epw")
    found = problems_of(path, grid_from())
    assert any(p.place == place and words in str(p) for p in found), found


def test_a_cut_off_year_is_noticed(tmp_path: Path) -> None:
    whole = make_epw()
    path = write(tmp_path, whole[: len(whole) // 2 + 20], "w.epw")
    (problem,) = problems_of(path, grid_from("2022-03-01"))
    assert problem.subject.startswith("line ")
    path = write(tmp_path, make_epw(days=range(200)), "w.epw")
    assert read_weather(path, grid_from("2022-03-01")).outdoor_c.shape == (8,)
    (problem,) = problems_of(path, grid_from("2022-11-01"))
    assert "doesn't cover the horizon" in problem.reason
    assert "outdoor_c" in problem.reason
    path = write(tmp_path, make_epw(days=range(0)), "w.epw")
    assert problems_of(path, grid_from())[0].reason == "the file has none"


@pytest.mark.data
@pytest.mark.skipif(not BESTEST.exists(), reason=f"{BESTEST.name} is not in VATRA_DATA")
def test_a_real_year_is_read() -> None:
    weather = read_weather(BESTEST, grid_from("2023-01-01", 2 * 8760, "Etc/GMT+7"))
    assert isinstance(weather, Weather)
    assert weather.outdoor_c[2:5] == pytest.approx([-17.65, -16.95, -16.275])
    records = [line.split(",") for line in BESTEST.read_text(encoding="utf-8").splitlines()[8:]]
    dry_bulb = [float(record[6]) for record in records]
    assert weather.outdoor_c.min() == pytest.approx(min(dry_bulb), abs=1.0)
    assert weather.outdoor_c.max() == pytest.approx(max(dry_bulb), abs=1.0)
    # Over the year the sum of the irradiance is that of the records.
    total = sum(float(record[13]) for record in records)
    assert weather.solar_w_m2.min() == 0
    assert weather.solar_w_m2.sum() / 2 == pytest.approx(total, rel=1e-6)
    assert "DENVER" in weather.source


def test_one_row_is_the_weather_of_one_hour(tmp_path: Path) -> None:
    path = write(tmp_path, "time,outdoor_c\n2022-11-23 14:00,-2\n", "w.csv")
    assert list(read_weather(path, grid_from(slots=2)).outdoor_c) == [-2.0, -2.0]
    assert "doesn't cover" in problems_of(path, grid_from(slots=3))[0].reason


def test_a_gap_outside_the_horizon_does_not_matter(tmp_path: Path) -> None:
    rows = ["2022-11-20T00:00,0", *(f"{time},-2" for time in hourly(8))]
    path = write(tmp_path, "\n".join(["time,outdoor_c", *rows]), "w.csv")
    assert (read_weather(path, grid_from()).outdoor_c == -2).all()


def test_a_leap_day_among_the_records_is_left_out(tmp_path: Path) -> None:
    leap = make_epw().replace("1999,3,1,1,0", "1999,2,29,24,0,?9,50\n1999,3,1,1,0", 1)
    leap = leap.replace("?9,50\n", "?9,50" + ",0" * 28 + "\n")
    path = write(tmp_path, leap, "w.epw")
    assert read_weather(path, grid_from("2024-02-28T20:00", 20)).outdoor_c.max() < 0


def test_a_year_without_temperatures_is_no_weather(tmp_path: Path) -> None:
    lines = []
    for line in make_epw().splitlines():
        fields = line.split(",")
        if len(fields) > 30:
            fields[6] = "99.9"
        lines.append(",".join(fields))
    path = write(tmp_path, "\n".join(lines), "w.epw")
    assert problems_of(path, grid_from())[0].place == "outdoor_c"


def test_files_in_older_encodings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "w.epw"
    path.write_bytes(make_epw().replace("Testove", "Köln").encode("latin-1"))
    assert "Köln" in read_weather(path, grid_from()).source


def test_a_table_with_a_field_too_long_is_no_weather(tmp_path: Path) -> None:
    path = write(tmp_path, "time,outdoor_c\n" + "1" * 200_000, "w.csv")
    assert "is not a CSV" in problems_of(path, grid_from())[0].reason
