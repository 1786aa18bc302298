"""Reads grids in the JSON format of power-grid-model, without needing it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.networks.power_flow._file import parse_json, read_text
from vatra.networks.power_flow.model import PowerGrid, stack
from vatra.problems import InputError, Problem, name_ids

Float = NDArray[np.float64]

BASE_MVA = 1.0
_CURRENT, _IMPEDANCE = 2, 1  # of loads: `LoadGenType`
_LEFT_OUT = ("sensor", "regulator", "fault")  # say nothing of the flow at fixed taps
_READ = {
    "node": ("id", "u_rated"),
    "line": ("id", "from_node", "to_node", "from_status", "to_status", "r1", "x1"),
    "link": ("id", "from_node", "to_node", "from_status", "to_status"),
    "generic_branch": ("id", "from_node", "to_node", "from_status", "to_status", "r1", "x1"),
    "transformer": ("id", "from_node", "to_node", "from_status", "to_status", "u1", "u2", "sn",
                    "uk", "pk", "i0", "p0", "clock", "tap_side", "tap_pos", "tap_size"),
    "source": ("id", "node", "status", "u_ref"),
    "shunt": ("id", "node", "status", "g1", "b1"),
    "sym_load": ("id", "node", "status", "type", "p_specified", "q_specified"),
    "sym_gen": ("id", "node", "status", "type", "p_specified", "q_specified"),
}  # fmt: skip


def read_power_grid_model(path: Path, *, f_hz: float = 50.0) -> PowerGrid:
    """Read an input data set of power-grid-model.

    Sensors, regulators and faults are left out. Three-winding transformers and unbalanced
    elements are refused: leaving them out would give wrong flows.

    Parameters
    ----------
    path
        A JSON file of type ``input``, not a batch.
    f_hz
        Frequency; the file doesn't say.

    Raises
    ------
    InputError
        With every problem found.
    """
    name = Path(path).name
    return parse_power_grid_model(parse_json(read_text(Path(path)), name), name, f_hz=f_hz)


def parse_power_grid_model(content: dict[str, Any], name: str, *, f_hz: float = 50.0) -> PowerGrid:
    """Read the content of such a file, as `read_power_grid_model` does.

    Parameters
    ----------
    content
        The JSON object.
    name
        Name of the file, for messages.
    f_hz
        Frequency.
    """
    problems: list[Problem] = []
    data = content.get("data")
    if content.get("type", "input") != "input" or content.get("is_batch", False):
        problems.append(Problem(name, "", "is not a single input", "export the input data set"))
    if not isinstance(data, dict):
        problems.append(Problem(name, "data", "is missing", "export the input data set"))
        raise InputError(name, problems)
    attributes = content.get("attributes") or {}
    tables = {}
    for component, required in _READ.items():
        listed = attributes.get(component) if isinstance(attributes, dict) else None
        tables[component] = _table(component, data.get(component, []), listed, required, problems)
    for component, rows in data.items():
        left_out = any(word in component for word in _LEFT_OUT)
        if component not in _READ and not left_out and rows:
            problems.append(Problem(component, "", "is not read", "replace it"))
    if not problems:
        _check_references(tables, problems)
    if problems:
        raise InputError(name, problems)
    return _grid(name, f_hz, tables).completed()


def _table(
    component: str, rows: Any, listed: Any, required: tuple[str, ...], problems: list[Problem]
) -> pd.DataFrame:
    frame = pd.DataFrame(columns=list(required), dtype=np.float64)
    try:
        if rows:
            columns = None if isinstance(rows[0], dict) else list(listed)
            frame = pd.DataFrame(rows, columns=columns).astype(np.float64)
    except (TypeError, ValueError, KeyError, AssertionError):
        mend = "give rows of numbers"
        problems.append(Problem(component, "", "is not a table of numbers", mend))
        return pd.DataFrame(columns=list(required), dtype=np.float64)
    missing = [column for column in required if column not in frame.columns]
    if missing:
        problems.append(Problem(component, name_ids(missing), "is missing", "add the attribute"))
        return pd.DataFrame(columns=list(required), dtype=np.float64)
    whole = [c for c in ("id", "node", "from_node", "to_node") if c in required]
    bad = ~np.isfinite(frame[whole].to_numpy()).all(axis=1)
    if bad.any():
        lines = name_ids(np.flatnonzero(bad))
        problems.append(Problem(component, f"row {lines}", "has no id or node", "add it"))
        return pd.DataFrame(columns=list(required), dtype=np.float64)
    return frame.astype(dict.fromkeys(whole, np.int64)).set_index("id", drop=False)


def _check_references(tables: dict[str, pd.DataFrame], problems: list[Problem]) -> None:
    nodes = tables["node"].index
    for component, frame in tables.items():
        if not frame.index.is_unique:
            problems.append(Problem(component, "", "has an id twice", "renumber"))
        for column in ("node", "from_node", "to_node"):
            if component == "node" or column not in frame:
                continue
            bad = frame.index[~frame[column].isin(nodes)]
            if len(bad):
                place = f"{component}.{column}"
                problems.append(Problem(place, name_ids(bad), "not in node", "correct the id"))


def _value(frame: pd.DataFrame, name: str, default: float) -> Float:
    if name not in frame:
        return np.full(len(frame), default)
    values = frame[name].to_numpy(np.float64)
    return np.where(np.isnan(values), default, values)


def _grid(name: str, f_hz: float, tables: dict[str, pd.DataFrame]) -> PowerGrid:
    node, link = tables["node"], tables["link"]
    kv = node["u_rated"] / 1e3
    source, behind = _sources(tables["source"])
    shunt = tables["shunt"]
    square = kv.loc[shunt["node"]].to_numpy() ** 2
    links = {
        "from_bus": link["from_node"], "to_bus": link["to_node"],
        "closed": (link["from_status"] > 0) & (link["to_status"] > 0),
    }  # fmt: skip
    loads = [_loads(tables["sym_load"], 1.0), _loads(tables["sym_gen"], -1.0)]
    branches = [
        _lines(tables["line"], kv, f_hz), _generic(tables["generic_branch"], kv),
        _transformers(tables["transformer"], kv), behind,
    ]  # fmt: skip
    inside = pd.Series(kv.loc[tables["source"]["node"]].to_numpy(), index=source["bus"])
    parts = [part.rename_axis(None).to_frame("kv") for part in (kv.astype(float), inside)]
    buses = stack(parts, "buses")
    return PowerGrid(
        name=name, base_mva=BASE_MVA,
        buses=buses,
        branches=stack(branches, "branches"),
        links=pd.DataFrame(links),
        loads=stack(loads, "loads"),
        shunts=pd.DataFrame(
            {"bus": shunt["node"], "g_mw": shunt["g1"] * square, "b_mvar": shunt["b1"] * square,
             "in_service": shunt["status"] > 0}
        ),
        sources=source,
    )  # fmt: skip


def _sources(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put sources behind their short-circuit impedance, each at a bus of its own."""
    inner = np.array([f"source {i}" for i in frame.index], dtype=object)
    on = (frame["status"] > 0).to_numpy()
    sources = pd.DataFrame(
        {"bus": inner, "v_pu": frame["u_ref"].to_numpy(),
         "angle_deg": np.rad2deg(_value(frame, "u_ref_angle", 0.0)), "in_service": on},
        index=frame.index.to_numpy(),
    )  # fmt: skip
    z = BASE_MVA * 1e6 / _value(frame, "sk", 1e10)
    ratio = _value(frame, "rx_ratio", 0.1)
    x = z / np.hypot(1.0, ratio)
    columns = {
        "from_bus": inner, "to_bus": frame["node"].to_numpy(object), "r_pu": x * ratio, "x_pu": x,
        "from_closed": on, "to_closed": on,
    }  # fmt: skip
    return sources, _branches(columns, pd.Index(inner))


def _branches(columns: dict[str, Any], index: pd.Index[Any]) -> pd.DataFrame:
    base: dict[str, Any] = {
        "from_g_pu": 0.0, "from_b_pu": 0.0, "to_g_pu": 0.0, "to_b_pu": 0.0, "tap": 1.0,
        "shift_deg": 0.0, "from_limit_mva": np.inf, "to_limit_mva": np.inf,
    }  # fmt: skip
    made = {k: v.to_numpy() if isinstance(v, pd.Series) else v for k, v in (base | columns).items()}
    return pd.DataFrame(made, index=index.to_numpy())


def _ends(frame: pd.DataFrame) -> dict[str, Any]:
    return {
        "from_bus": frame["from_node"].to_numpy(object),
        "to_bus": frame["to_node"].to_numpy(object),
        "from_closed": frame["from_status"] > 0, "to_closed": frame["to_status"] > 0,
    }  # fmt: skip


def _lines(line: pd.DataFrame, kv: pd.Series[float], f_hz: float) -> pd.DataFrame:
    ohm = kv.loc[line["from_node"]].to_numpy() ** 2 / BASE_MVA
    b = np.pi * f_hz * _value(line, "c1", 0.0) * ohm
    g = b * _value(line, "tan1", 0.0)
    limit = _value(line, "i_n", np.inf) * 1e-3 * np.sqrt(3.0) * np.sqrt(ohm * BASE_MVA)
    columns = {
        **_ends(line), "r_pu": line["r1"] / ohm, "x_pu": line["x1"] / ohm, "from_b_pu": b,
        "to_b_pu": b, "from_g_pu": g, "to_g_pu": g, "from_limit_mva": limit,
        "to_limit_mva": limit,
    }  # fmt: skip
    return _branches(columns, line.index)


def _generic(branch: pd.DataFrame, kv: pd.Series[float]) -> pd.DataFrame:
    ohm = kv.loc[branch["to_node"]].to_numpy() ** 2 / BASE_MVA
    b, g = (_value(branch, c, 0.0) * ohm / 2.0 for c in ("b1", "g1"))
    limit = _value(branch, "sn", np.inf) / 1e6
    columns = {
        **_ends(branch), "r_pu": branch["r1"] / ohm, "x_pu": branch["x1"] / ohm, "from_b_pu": b,
        "to_b_pu": b, "from_g_pu": g, "to_g_pu": g, "tap": _value(branch, "k", 1.0),
        "shift_deg": np.rad2deg(_value(branch, "theta", 0.0)), "from_limit_mva": limit,
        "to_limit_mva": limit,
    }  # fmt: skip
    return _branches(columns, branch.index)


def _transformers(trafo: pd.DataFrame, kv: pd.Series[float]) -> pd.DataFrame:
    """Make pi circuits at the tap that is set; uk and pk lie between their values at the ends."""
    from_kv, to_kv = (kv.loc[trafo[c]].to_numpy() for c in ("from_node", "to_node"))
    low, high = _value(trafo, "tap_min", 0.0), _value(trafo, "tap_max", 0.0)
    nominal = _value(trafo, "tap_nom", 0.0)
    position = _value(trafo, "tap_pos", np.nan)
    position = np.where(np.isnan(position), nominal, position)
    steps = np.where(high >= low, position - nominal, nominal - position)
    turned = steps * trafo["tap_size"].to_numpy()
    at_from = trafo["tap_side"].to_numpy() == 0
    u1 = (trafo["u1"].to_numpy() + np.where(at_from, turned, 0.0)) / 1e3
    u2 = (trafo["u2"].to_numpy() + np.where(at_from, 0.0, turned)) / 1e3
    uk, pk = (
        _between(position, nominal, low, high, trafo[c].to_numpy(), trafo, c) for c in ("uk", "pk")
    )
    sn = trafo["sn"].to_numpy() / 1e6
    ohm = to_kv**2 / BASE_MVA
    z = uk * u2**2 / sn / ohm
    r = pk / 1e6 / sn * u2**2 / sn / ohm
    x = np.sign(z) * np.sqrt(np.maximum(z**2 - r**2, 0.0))
    g = trafo["p0"].to_numpy() / 1e6 / u2**2 * ohm
    idle = trafo["i0"].to_numpy() * sn / u2**2 * ohm
    b = -np.sqrt(np.maximum(idle**2 - g**2, 0.0))
    columns = {
        **_ends(trafo), "r_pu": r, "x_pu": x, "from_g_pu": g / 2.0, "to_g_pu": g / 2.0,
        "from_b_pu": b / 2.0, "to_b_pu": b / 2.0, "tap": (u1 / u2) / (from_kv / to_kv),
        "shift_deg": 30.0 * trafo["clock"].to_numpy(),
        "from_limit_mva": sn * from_kv / (trafo["u1"].to_numpy() / 1e3),
        "to_limit_mva": sn * to_kv / (trafo["u2"].to_numpy() / 1e3),
    }  # fmt: skip
    return _branches(columns, trafo.index)


def _between(  # noqa: PLR0917
    position: Float, nominal: Float, low: Float, high: Float, value: Float,
    trafo: pd.DataFrame, name: str,
) -> Float:  # fmt: skip
    at_low = np.where(np.isnan(_value(trafo, f"{name}_min", np.nan)), value,
                      _value(trafo, f"{name}_min", np.nan))  # fmt: skip
    at_high = np.where(np.isnan(_value(trafo, f"{name}_max", np.nan)), value,
                       _value(trafo, f"{name}_max", np.nan))  # fmt: skip
    upper = (position - nominal) * (high - nominal) > 0.0
    end, there = np.where(upper, high, low), np.where(upper, at_high, at_low)
    span = end - nominal
    share = np.where(span == 0.0, 0.0, (position - nominal) / np.where(span == 0.0, 1.0, span))
    return np.asarray(value + share * (there - value))


def _loads(frame: pd.DataFrame, sign: float) -> pd.DataFrame:
    kind = frame["type"].to_numpy()
    columns = {
        "bus": frame["node"].to_numpy(object),
        "p_mw": sign * _value(frame, "p_specified", 0.0) / 1e6,
        "q_mvar": sign * _value(frame, "q_specified", 0.0) / 1e6,
        "current_share": (kind == _CURRENT).astype(np.float64),
        "impedance_share": (kind == _IMPEDANCE).astype(np.float64),
        "in_service": frame["status"].to_numpy() > 0,
    }  # fmt: skip
    return pd.DataFrame(columns, index=frame.index.to_numpy())
