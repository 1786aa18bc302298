"""What is drawn says what the numbers say."""

from __future__ import annotations

import base64
import itertools
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publish.cities import small_plan
from vatra.planning.model import Plan
from vatra.publish import _grid, _map, _map_data, _svg
from vatra.publish.figures import figures_of
from vatra.publish.words import ENGLISH, JOINER, NBSP


def test_text_and_attributes_are_escaped() -> None:
    drawn = str(_svg.text(1, 2, '<b>&"', 'a"b'))
    assert "<b>" not in drawn
    assert "&lt;b&gt;&amp;" in drawn
    assert 'class="a&#34;b"' in drawn


def test_step_line_breaks_where_nothing_is_known() -> None:
    x = np.array([0.0, 10.0, 20.0, 30.0])
    assert _svg.step_line(x, np.array([5.0, 5.0, 8.0])) == "M0 5H20V8H30"
    assert _svg.step_line(x, np.array([5.0, np.nan, 8.0])) == "M0 5H10M20 8H30"


def test_step_band_goes_there_and_back() -> None:
    x = np.array([0.0, 10.0, 20.0])
    band = _svg.step_band(x, np.array([9.0, 8.0]), np.array([1.0, 2.0]))
    assert band == "M0 1H10V2H20L20 8H10V9H0Z"


@given(st.floats(1e-3, 1e9))
def test_ticks_reach_just_above_the_top(top: float) -> None:
    ticks = _svg.nice_ticks(top)
    assert ticks[0] == 0
    assert ticks[-2] < top <= ticks[-1] * (1 + 1e-9)
    assert len(ticks) <= 7


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_labels_never_overlap(wanted: list[float]) -> None:
    placed = sorted(_svg.spread(wanted, 15, 0, 100))
    assert all(b - a >= 15 - 1e-9 for a, b in itertools.pairwise(placed))
    assert placed[-1] <= 100 + 1e-9


@pytest.mark.parametrize(
    ("start", "columns"),
    [("2022-11-23 16:00Z", 48), ("2022-10-29 21:00Z", 50), ("2023-03-25 22:00Z", 46)],
)
def test_a_day_has_as_many_half_hours_as_it_has(start: str, columns: int) -> None:
    plan = small_plan(start=start, slots=40)
    day = _grid.days_of(plan.schedule.grid)[0]
    assert len(day.times) == columns
    drawn = str(_grid.day_grid(plan.schedule, day, ENGLISH))
    assert f'data-columns="{columns}"' in drawn


def test_days_cover_the_horizon(plan: Plan) -> None:
    days = _grid.days_of(plan.schedule.grid)
    grid = plan.situation.grid
    assert [d.first for d in days] == [-36, 12, 60, 108]
    assert days[0].times[36] == grid.local[0]


def area(d: str) -> float:
    return sum(
        float(w) * float(h) for w, h in re.findall(r"h(-?[\d.]+)v([\d.]+)", d) if float(w) > 0
    )


def test_the_fill_of_a_cell_is_its_dark_share() -> None:
    plan = small_plan(slots=48, start="2022-11-23 22:00Z")
    shares = pd.DataFrame([np.full(48, 0.3)], index=["1.1"])
    plan = replace(plan, schedule=replace(plan.schedule, queue_dark_share=shares))
    (day,) = _grid.days_of(plan.schedule.grid)
    drawn = dict(
        re.findall(
            r'<path class="(\w+)" d="([^"]+)"', str(_grid.day_grid(plan.schedule, day, ENGLISH))
        )
    )
    assert area(drawn["part"]) / area(drawn["lit"]) == pytest.approx(0.3, abs=0.02)
    assert "dark" not in drawn
    assert "unknown" not in drawn


def test_grid_in_words(plan: Plan) -> None:
    days = _grid.days_of(plan.schedule.grid)
    words = {w.queue: w for w in _grid.queue_words(plan.schedule, days, ENGLISH)}
    first = words["1.1"]
    assert first.days[0].replace(JOINER, "") == "Dark 18:00–22:00."
    assert first.dark_h.replace(NBSP, " ") == "36 hours"
    parts = words["3.2"].days[1].replace(JOINER, "").replace(NBSP, " ")
    assert parts.startswith("Dark 00:00–01:30, 06:00–09:30")
    assert "Light for most, up to 2 of 2 lines, 02:00–05:30" in parts
    assert "Light for some, up to 1 of 2 lines, 01:30–02:00, 05:30–06:00" in parts


def test_a_few_lines_with_light_dont_break_up_the_dark_hours() -> None:
    plan = small_plan(slots=48, start="2022-11-23 22:00Z")
    values = np.ones(48)
    values[:8], values[8:12], values[12:14] = 0.9, 0.3, 0.7
    shares = pd.DataFrame([values], index=["1.1"])
    schedule = replace(plan.schedule, queue_dark_share=shares)
    (words,) = _grid.queue_words(schedule, _grid.days_of(schedule.grid), ENGLISH)
    assert re.sub(r" up to .*? lines,", "", words.days[0].replace(JOINER, "")) == (
        "Dark, but for a few lines, 00:00–04:00, 07:00–24:00. Light for most, 04:00–06:00. "
        "Light for some, 06:00–07:00."
    )


def test_queues_whose_lines_differ_are_said_to(plan: Plan) -> None:
    assert not _grid.is_mixed(plan.schedule)
    shares = plan.schedule.queue_dark_share * 0.5
    assert _grid.is_mixed(replace(plan.schedule, queue_dark_share=shares))


def test_unknown_shares_are_said() -> None:
    plan = small_plan(slots=48, start="2022-11-23 22:00Z")
    values = np.zeros(48)
    values[40:] = np.nan
    shares = pd.DataFrame([values], index=["1.1"])
    plan = replace(plan, schedule=replace(plan.schedule, queue_dark_share=shares))
    days = _grid.days_of(plan.schedule.grid)
    (words,) = _grid.queue_words(plan.schedule, days, ENGLISH)
    assert words.days[0].replace(JOINER, "") == "Not known 20:00–24:00."
    assert words.dark_h == "not known"
    assert 'class="unknown"' in str(_grid.day_grid(plan.schedule, days[0], ENGLISH))


@pytest.fixture(scope="module")
def ground(plan: Plan) -> _map.Ground:
    return _map.ground_of(plan)


def test_north_is_up_and_nothing_is_squeezed(plan: Plan, ground: _map.Ground) -> None:
    xy = shapely.get_coordinates(plan.city.blocks.geometry)
    x, y = ground.blocks.T
    scale = ground.projection.scale
    np.testing.assert_allclose(np.diff(x), np.diff(xy[:, 0]) * scale)
    np.testing.assert_allclose(np.diff(y), -np.diff(xy[:, 1]) * scale)
    assert (ground.blocks >= 0).all()
    assert x.max() <= _map.WIDTH
    assert y.max() <= ground.projection.height


def test_a_block_without_place_is_counted_not_drawn() -> None:
    plan = small_plan()
    blocks = plan.city.blocks.copy()
    blocks.geometry = [shapely.Point(), None, *blocks.geometry[2:]]
    plan = replace(plan, city=plan.city.with_tables(blocks=blocks))
    ground = _map.ground_of(plan)
    assert np.isnan(ground.blocks[:2]).all()
    assert (ground.square_of[:2] == -1).all()
    state = figures_of(plan).block_state
    assert _map.light_maps(plan, ground, state, [0])
    data = _map_data.map_data(plan, ground, figures_of(plan))
    places = np.frombuffer(base64.b64decode(data["xy"]), "<u2").reshape(-1, 2)
    assert (places[:2] == 65535).all()


def test_a_large_city_is_drawn_in_cells(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_map, "MOST_BLOCKS", 10)
    monkeypatch.setattr(_map, "CELLS", 8)
    ground = _map.ground_of(plan)
    assert len(ground.corners) <= 81
    (drawn,) = _map.light_maps(plan, ground, figures_of(plan).block_state, [20])
    squares = sum(area(str(p)) for p in drawn) / ground.side**2
    assert squares == pytest.approx(len(ground.corners), rel=0.01)


def test_lines_keep_their_shape(ground: _map.Ground) -> None:
    line = shapely.LineString([(0, 0), (1000, 0), (1000, 500)])
    d = _map.line_path(line, ground.projection)
    start, steps = d.split("l")
    assert start.startswith("M")
    moves = [float(v) for v in re.findall(r"-?[\d.]+", steps)]
    east = 1000 * ground.projection.scale
    assert moves == pytest.approx([east, 0, 0, -east / 2], abs=0.15)
    assert _map.line_path(shapely.box(0, 0, 9, 9), ground.projection, closed=True).endswith("z")


def test_packed_states_unpack(plan: Plan, ground: _map.Ground) -> None:
    figures = figures_of(plan)
    data = _map_data.map_data(plan, ground, figures)
    row = np.frombuffer(base64.b64decode(data["row"]), "<u4")
    packed = np.frombuffer(base64.b64decode(data["state"]), np.uint8)
    slots = figures.block_state.shape[1]
    for block, slot in ((0, 0), (17, 5), (100, 77), (195, slots - 1)):
        at = slot * data["rows"] + int(row[block])
        assert (packed[at >> 2] >> (2 * (at & 3))) & 3 == figures.block_state[block, slot]


@settings(max_examples=40, deadline=None)
@given(st.floats(-39, 80))
def test_packed_temperatures_keep_their_side_of_a_threshold(indoor: float) -> None:
    byte = int(_map_data._half_degrees(np.array([indoor], dtype=np.float32))[0])
    for threshold in (8, 12, 16):
        assert (byte < (threshold + 40) * 2) == (np.float32(indoor) < threshold)


def test_unknown_temperature_is_kept_as_unknown() -> None:
    assert _map_data._half_degrees(np.array([np.nan], dtype=np.float32))[0] == 255
