"""The data of the map with a time slider, packed for a page that opens without network."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pandas as pd
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

from vatra.planning.model import Plan
from vatra.publish._map import WIDTH, Ground, block_side, district_names
from vatra.publish.figures import Figures
from vatra.publish.words import Language

GRAINS = 60_000
"""Steps of a coordinate along the longer side: about half a metre in a city of 30 km."""

TEMPERATURE_STEP_H = 2
COLDEST_C = -40.0
"""Temperatures are kept as half degrees above this in a byte; 255 stands for unknown."""

LINE_TOLERANCE_SHARE = 1 / 4000


def packed(values: NDArray[Any]) -> str:
    """Return an array's bytes, little-endian, as base64 text."""
    array = np.ascontiguousarray(values)
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(little.tobytes()).decode("ascii")


def map_data(plan: Plan, ground: Ground, figures: Figures) -> dict[str, Any]:
    """Return what the map shows, without words.

    Parameters
    ----------
    plan
        The plan.
    ground
        What the maps share.
    figures
        Figures of the plan.

    Returns
    -------
    dict[str, Any]
        Texts and numbers for JSON; the arrays are base64 text.
    """
    slots = plan.situation.grid.slots
    rows, state = _states(figures)
    step = max(1, TEMPERATURE_STEP_H * 2)
    kept = [*range(0, slots, step)]
    warm = plan.warm_points
    points = shapely.get_coordinates(shapely.centroid(warm.sites.geometry.to_numpy()))
    gap_row = plan.city.blocks.index.get_indexer(warm.blocks.index)
    gaps = (warm.blocks["need"] - warm.blocks["reached"]).to_numpy(dtype=np.float64)
    keep = (gaps > 0) & (gap_row >= 0)
    grain = grains_per_unit(ground)
    data: dict[str, Any] = {
        "grain": grain,
        "width": WIDTH,
        "height": round(ground.projection.height, 1),
        "span": round(ground.projection.span_m),
        "slots": slots,
        "cell": round(block_side(ground.blocks), 2),
        "xy": packed(_grains(ground.blocks, grain)),
        "row": packed(rows),
        "rows": len(state),
        "state": packed(_two_bits(state)),
        "temperature_step": step,
        "temperature_slots": len(kept),
        "temperature": packed(_half_degrees(plan.outlook.homes.indoor_c[:, kept]).T),
        "points": packed(_grains(ground.projection.place(points), grain)),
        "capacity": packed(_capped(plan.warm_points.sites.get("capacity", pd.Series(dtype=int)))),
        "gaps": packed(_grains(ground.blocks[gap_row[keep]], grain)),
        "gap": packed(_capped(pd.Series(gaps[keep]))),
        "water": _lines(shapely.get_rings(_parts(plan.city.water_bodies)), ground),
        "borders": _lines(shapely.get_rings(_parts(plan.city.districts)), ground),
        "primary": _lines(shapely.get_parts(ground.streets["primary"]), ground),
        "secondary": _lines(shapely.get_parts(ground.streets["secondary"]), ground),
        "dark": [round(v) for v in figures.dark.tolist()],
        "cold": [round(v) for v in figures.people_below[1].tolist()],
        "districts": _district_boxes(plan, ground),
    }
    return data


def with_words(data: dict[str, Any], plan: Plan, language: Language) -> Markup:
    """Return the data with a language's words, as JSON that can't leave its element.

    Parameters
    ----------
    data
        As `map_data` returns it.
    plan
        The plan, for its times and districts.
    language
        The language.
    """
    grid = plan.situation.grid
    times = [language.at(local) for local in grid.local]
    dark = [language.about(v, 2) for v in data["dark"]]
    cold = [language.about(v, 2) for v in data["cold"]]
    said = {
        **{k: v for k, v in data.items() if k not in ("dark", "cold")},
        "times": times,
        "said": [
            language.say("slider_value", when=t, dark=d, cold=c)
            for t, d, c in zip(times, dark, cold, strict=True)
        ],
        "names": district_names(plan, language),
    }
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 # what could end the element is escaped above


def _states(figures: Figures) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Return the distinct rows of block states, and which of them each block has.

    Blocks of a feeder share a row, whatever else the city's tables say.
    """
    state = np.ascontiguousarray(figures.block_state.astype(np.uint8))
    if not len(state):
        return np.zeros(0, dtype=np.uint32), np.zeros((0, state.shape[1]), dtype=np.uint8)
    whole = state.view(np.dtype((np.void, state.shape[1]))).ravel()
    _, first, which = np.unique(whole, return_index=True, return_inverse=True)
    return which.astype(np.uint32), state[first]


def _two_bits(state: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pack states, slot after slot, four to a byte, the first in the lowest bits."""
    flat = state.T.ravel()
    padded = np.zeros(-(-len(flat) // 4) * 4, dtype=np.uint8)
    padded[: len(flat)] = flat
    four = padded.reshape(-1, 4)
    shifted = four << np.array([0, 2, 4, 6], dtype=np.uint8)
    return np.asarray(np.bitwise_or.reduce(shifted, axis=1), dtype=np.uint8)


def _half_degrees(indoor_c: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Keep temperatures as half degrees, rounded down so that no threshold is crossed."""
    known = np.isfinite(indoor_c)
    steps = np.floor((np.where(known, indoor_c, 0.0) - COLDEST_C) * 2)
    return np.where(known, np.clip(steps, 0, 254), 255).astype(np.uint8)


def grains_per_unit(ground: Ground) -> int:
    """Return the steps of a quantised coordinate in a map unit."""
    return int(GRAINS // max(WIDTH, ground.projection.height))


def _grains(xy: NDArray[np.float64], grain: int) -> NDArray[np.uint16]:
    """Quantise map coordinates; 65535 stands for no place."""
    known = np.isfinite(xy)
    steps = np.round(np.where(known, xy, 0.0) * grain)
    return np.where(known, np.clip(steps, 0, 65534), 65535).astype(np.uint16)


def _capped(values: pd.Series[Any]) -> NDArray[np.uint16]:
    return np.clip(np.round(values.to_numpy(dtype=np.float64)), 0, 65535).astype(np.uint16)


def _parts(table: Any) -> Any:
    return shapely.get_parts(table.geometry.to_numpy())


def _lines(parts: Any, ground: Ground) -> dict[str, Any]:
    """Pack lines: all coordinates, and where each line starts."""
    tolerance = ground.projection.span_m * LINE_TOLERANCE_SHARE
    simple = shapely.simplify(parts, tolerance, preserve_topology=False)
    simple = simple[~shapely.is_empty(simple)]
    xy, line = shapely.get_coordinates(simple, return_index=True)
    starts = np.flatnonzero(np.diff(line, prepend=-1)).astype(np.uint32)
    return {
        "xy": packed(_grains(ground.projection.place(xy), grains_per_unit(ground))),
        "starts": packed(starts),
    }


def _district_boxes(plan: Plan, ground: Ground) -> list[list[float]]:
    """Return the box and the middle of each district, map units."""
    geometry = plan.city.districts.geometry.to_numpy()
    low = ground.projection.place(shapely.bounds(geometry)[:, :2])
    high = ground.projection.place(shapely.bounds(geometry)[:, 2:])
    middle = shapely.get_coordinates(shapely.point_on_surface(geometry))
    spots = ground.projection.place(middle)
    boxes = np.column_stack([low[:, 0], high[:, 1], high[:, 0], low[:, 1], spots])
    return [[round(float(v), 1) for v in box] for box in boxes]
