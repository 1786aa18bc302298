from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.situation.files import PLAIN, write
from tests.situation.small_city import make_small_city
from vatra.problems import InputError, Problem
from vatra.situation import read_situation

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "november-2022.toml"
CITY = make_small_city()


def problems_of(folder: Path, text: str, hours: float | None = None) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        read_situation(write(folder, text), CITY, hours)
    return caught.value.problems


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    text = """
start = 2022-11-23T14:10:00
nam = "x"
basis = "confirmd"
[[supply]]
limit_mw = nan
clams = ["C1"]
[[supply]]
from = 2022-11-24T00:00:00
to = 2022-11-23T00:00:00
limit_mw = -4
claims = ["C9"]
[[supply]]
queues = 4.3
area = "SS-03"
[[damage]]
asset = "H-01"
remaining_share = 1.5
[[damage]]
asset = "North Bridge"
table = "feeders"
from = 2022-03-27T03:30:00
[weather]
outdoor_c = [[2022-10-30T03:30:00, -1.0], ["x", 3]]
[[claims]]
id = "C1"
[rules]
max_dark_h = "x"
"""
    found = {(p.place, p.subject): f"{p.reason}: {p.mend}" for p in problems_of(tmp_path, text)}
    expected = {
        ("nam", ""): "unknown key: did you mean «name»?",
        ("start", "2022-11-23T14:10:00"): "the nearest is 2022-11-23T14:00+02:00",
        ("basis", "confirmd"): "did you mean «confirmed»?",
        ("claims[1].text", ""): "is missing",
        ("supply[1].clams", ""): "did you mean «claims»?",
        ("supply[1].limit_mw", "nan"): "not a finite number",
        ("supply[2].to", "2022-11-23T00:00:00"): "is not after «from»",
        ("supply[2].limit_mw", "-4"): "is below 0 MW",
        ("supply[2].claims", "C9"): "no such claim",
        ("supply[3].area", "SS-03"): "did you mean «SS-02»?",
        ("supply[3].queues", "4.3"): "half queues",
        ("damage[1].asset", "H-01"): "did you mean «H-001»?",
        ("damage[1].remaining_share", "1.5"): "is above 1",
        ("damage[2].table", "feeders"): "it is in streets",
        ("damage[2].from", "2022-03-27T03:30:00"): "the clocks skip that hour: write 2022-03-27 04",
        ("weather.outdoor_c", "2022-10-30T03:30:00"): "2022-10-30T03:30+03:00 or 2022-10-30T03:30",
        ("weather.outdoor_c", "x"): "is not a time",
        ("rules.max_dark_h", "x"): "not a number",
    }
    assert found.keys() == expected.keys()
    for where, words in expected.items():
        assert words in found[where], where


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("hours = 24", "hours = 0", "hours", "is below 0.5 h"),
        ("hours = 24", "hours = 400.5", "hours", "is above 400 h"),
        ("hours = 24", "hours = 1.3", "hours", "whole number of half-hours"),
        ("hours = 24", 'hours = "24"', "hours", "without quotes"),
        ("hours = 24", "hours = true", "hours", "is not a number"),
        ("start = 2022-11-23T14:00:00+02:00\n", "", "start", "is missing"),
        ("start = 2022", "start = 1822", "start", "check the year"),
        ("start = 2022-11-23T14:00:00+02:00", "start = 14:00:00", "start", "is not a time"),
        ("start = 2022-11-23T14:00:00+02:00", "start = 2023-03-26T03:00:00", "start", "skip"),
        ("start = 2022-11-23T14:00:00+02:00", "start = 2022-10-30T03:30:00", "start", "twice"),
        ("limit_mw = 430", "limit_mw = inf", "supply[1].limit_mw", "finite"),
        ("limit_mw = 430", f"limit_mw = 1{'0' * 400}", "supply[1].limit_mw", "finite"),
        ("limit_mw = 430", "limit_mw = 430000", "supply[1].limit_mw", "above 100000 MW"),
        ("limit_mw = 430", "limit_mw = 1\nqueues = 1", "supply[1]", "both are given"),
        ("limit_mw = 430", "", "supply[1]", "needs one of them"),
        ("limit_mw = 430", "queues = 7", "supply[1].queues", "is above 6 queues"),
        ("limit_mw = 430", "queues = -1", "supply[1].queues", "is below 0"),
        ("[[supply]]", "[supply]", "supply", "two brackets"),
        ("[[supply]]\nfrom = 2022", "[[supply]]\nfrom = 2023", "supply", "within the horizon"),
        ("[weather]\noutdoor_c = -5.0\n", "", "weather", "is missing"),
        ("outdoor_c = -5.0", "", "weather.outdoor_c", "is missing"),
        ("outdoor_c = -5.0", "outdoor_c = 268", "weather.outdoor_c", "is above 60 °C"),
        ("outdoor_c = -5.0", "outdoor_c = []", "weather.outdoor_c", "not a list of times"),
        ("outdoor_c = -5.0", "outdoor_c = [1, 2]", "weather.outdoor_c", "not a list of times"),
        (
            "outdoor_c = -5.0",
            "outdoor_c = [[2022-11-23T14:00:00, 1], [2022-11-23T14:00:00, 2]]",
            "weather.outdoor_c",
            "don't rise",
        ),
        (
            "outdoor_c = -5.0",
            "outdoor_c = [[2022-11-23T14:00:00, 1], [2022-11-24T13:00:00, 2]]",
            "weather.outdoor_c",
            "give values from 2022-11-23T14:00+02:00 to 2022-11-24T14:00+02:00",
        ),
        ("outdoor_c = -5.0", 'file = "none.csv"', "weather", "no such file"),
        ("outdoor_c = -5.0", 'file = "."', "weather", "can't be read"),
        ("outdoor_c = -5.0", "file = 3", "weather.file", "is not a text"),
        ("outdoor_c = -5.0", 'file = "x"\nwind_m_s = 1', "weather.wind_m_s", "beside a file"),
        ("[weather]", "[[weather]]", "weather", "is not a table"),
        ("hours = 24", 'name_uk = ""', "name_uk", "is not a text"),
        ("hours = 24", "damage = [1]", "damage", "not a list of tables"),
        ("hours = 24", "rules = 1", "rules", "is not a table"),
    ],
)  # fmt: skip
def test_each_problem_is_named(tmp_path: Path, old: str, new: str, place: str, words: str) -> None:
    assert old in PLAIN
    found = problems_of(tmp_path, PLAIN.replace(old, new, 1))
    assert any(p.place == place and words in str(p) for p in found), found


@pytest.mark.parametrize(
    ("added", "place", "words"),
    [
        ("[[damage]]\n", "damage[1].asset", "is missing"),
        ('[[damage]]\nasset = "P-001"\ntable = "pump"', "damage[1].table", "mean «pumps»"),
        ('[[damage]]\nasset = "D-0"', "damage[1].asset", "is not in the tables of the city"),
        ('[[damage]]\nasset = "P-001"\nclaims = "C1"', "damage[1].claims", "list of texts"),
        ('[[damage]]\nasset = "P-001"\nclaims = ["C1"]', "damage[1].claims", "[[claims]]"),
        ('[[claims]]\nid = "A"\ntext = "a"\n' * 2, "claims[2].id", "is there before"),
        ('[[claims]]\ntext = "a"\n', "claims[1].id", "is missing"),
        ("[[supply]]\nfrom = 2022-11-23T14:00:00\nlimit_mw = 5", "supply[2].from", "same time"),
    ],
)  # fmt: skip
def test_each_problem_of_an_added_table_is_named(
    tmp_path: Path, added: str, place: str, words: str
) -> None:
    found = problems_of(tmp_path, f"{PLAIN}\n{added}\n")
    assert any(p.place == place and words in str(p) for p in found), found


def test_an_id_in_two_tables_needs_its_table(tmp_path: Path) -> None:
    twin = CITY.pumps.rename(index={"P-001": "H-001"})
    city = CITY.with_tables(pumps=twin)
    path = write(tmp_path, PLAIN + '[[damage]]\nasset = "H-001"\n')
    with pytest.raises(InputError, match='table = "heat_sources" or table = "pumps"'):
        read_situation(path, city)
    path = write(tmp_path, PLAIN + '[[damage]]\nasset = "H-001"\ntable = "pumps"\n')
    assert read_situation(path, city).damage[0].table == "pumps"


def test_a_bad_length_from_the_caller_is_a_problem_too(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, PLAIN, float("nan"))
    assert problem.place == "hours"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a = 1\nb = = 2\n", "line 2", "is not valid TOML"),
        ("start = 2022-02-31\n", "line 1", "is not valid TOML"),
        (f"a = {'9' * 5000}", "", "is not valid TOML"),
        ("a = " + "[" * 5000, "", "is nested too deeply"),
    ],
)
def test_broken_toml_names_its_line(tmp_path: Path, text: str, place: str, words: str) -> None:
    (problem,) = problems_of(tmp_path, text)
    assert problem.place == place
    assert words in problem.reason


def test_files_that_are_no_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_situation(tmp_path / "none.toml", CITY)
    with pytest.raises(InputError, match="can't be read"):
        read_situation(tmp_path, CITY)
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_situation(path, CITY)


LINES = EXAMPLE.read_text(encoding="utf-8").splitlines()
JUNK = st.sampled_from(
    ["nan", "-1", '""', "[]", "{}", "[[]]", "true", "2022-10-30", "03:30:00", '"C1"', "1e400",
     "[[1]]", '["C1"]', "0", "-0.0", "9999-12-31T23:30:00", "2022-11-23T14:00:00-12:00"]
)  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.one_of(st.none(), JUNK)), max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_slip_gives_a_situation_or_problems(
    tmp_path_factory: pytest.TempPathFactory, slips: list[tuple[int, str | None]]
) -> None:
    lines = list(LINES)
    for number, junk in slips:
        key, equals, _ = lines[number].partition(" = ")
        lines[number] = f"{key} = {junk}" if equals and junk is not None else ""
    path = write(tmp_path_factory.getbasetemp(), "\n".join(lines), "slips.toml")
    situation, problems = None, tuple[Problem, ...]()
    try:
        situation = read_situation(path, CITY)
    except InputError as error:
        problems = error.problems
    assert (situation is None) == bool(problems)
    assert all(problem.reason for problem in problems)
    if situation:
        assert situation.limit_mw.shape == (situation.grid.slots,)
