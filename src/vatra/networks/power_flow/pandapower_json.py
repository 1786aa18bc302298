"""Reads grids that pandapower saved as JSON, without pandapower and without running anything."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.networks.power_flow._file import parse_json, read_text
from vatra.networks.power_flow.model import PowerGrid, stack
from vatra.problems import InputError, Problem, name_ids

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

READ = ("bus", "line", "trafo", "impedance", "switch", "load", "sgen", "storage", "shunt", "ward",
        "gen", "ext_grid")  # fmt: skip
REFUSED = ("trafo3w", "xward", "dcline", "motor", "asymmetric_load", "asymmetric_sgen", "svc",
           "tcsc", "ssc", "vsc", "b2b_vsc", "bi_vsc", "line_dc", "bus_dc", "source_dc",
           "load_dc")  # fmt: skip


def read_pandapower(path: Path) -> PowerGrid:
    """Read a pandapower grid: lines, two-winding transformers, impedances, switches, loads.

    Three-winding transformers, extended wards, motors, unbalanced elements and direct-current
    equipment are refused where any is in service: leaving them out would give wrong flows.
    Controllers are left out: taps stay where they are.

    Parameters
    ----------
    path
        A file written by pandapower's ``to_json``, of version 2.0 or later.

    Raises
    ------
    InputError
        With every problem found.
    """
    name = Path(path).name
    return parse_pandapower(parse_json(read_text(Path(path)), name), name)


def parse_pandapower(content: dict[str, Any], name: str) -> PowerGrid:
    """Read the content of a pandapower JSON file, as `read_pandapower` does.

    Parameters
    ----------
    content
        The JSON object.
    name
        Name of the file, for messages.
    """
    net = content.get("_object", content)
    if isinstance(net, str):
        net = parse_json(net, name)
    if not isinstance(net, dict) or "bus" not in net:
        problem = Problem(name, "", "has no table of buses", "save it with pandapower's to_json")
        raise InputError(name, [problem])
    problems: list[Problem] = []
    tables = {table: _table(net.get(table), table, problems) for table in (*READ, *REFUSED)}
    for table in REFUSED:
        frame = tables[table]
        if len(frame) and _flag(frame, "in_service", default=True).any():
            problems.append(Problem(table, name_ids(frame.index), "is not read", "replace it"))
    base, f_hz = _number(net, "sn_mva", 1.0, problems), _number(net, "f_hz", 50.0, problems)
    if not problems:
        _check_references(tables, problems)
    if problems:
        raise InputError(name, problems)
    try:
        grid = _grid(name, base, f_hz, tables, problems)
    except (KeyError, TypeError, ValueError) as error:
        what = str(error).strip("'\"")[:80]
        problem = Problem(name, what, "is missing or not of the type it should be", "save it again")
        raise InputError(name, [*problems, problem]) from None
    if problems:
        raise InputError(name, problems)
    return grid.completed()


def _table(value: Any, table: str, problems: list[Problem]) -> pd.DataFrame:
    if value is None:
        return pd.DataFrame()
    try:
        held = value["_object"] if isinstance(value, dict) and "_object" in value else value
        held = json.loads(held) if isinstance(held, str) else held
        if isinstance(held, dict) and {"columns", "index", "data"} <= set(held):
            frame = pd.DataFrame(held["data"], index=held["index"], columns=held["columns"])
        else:
            frame = pd.read_json(io.StringIO(json.dumps(held)), orient="columns")
    except (ValueError, TypeError, KeyError, AssertionError):
        problems.append(Problem(table, "", "is not a table", "save it with pandapower's to_json"))
        return pd.DataFrame()
    if not frame.index.is_unique or not frame.columns.is_unique:
        problems.append(Problem(table, "", "has an id or a column twice", "rename one"))
        return pd.DataFrame()
    return frame


def _number(net: dict[str, Any], key: str, default: float, problems: list[Problem]) -> float:
    value = net.get(key, default)
    if isinstance(value, (int, float)) and np.isfinite(value) and value > 0:
        return float(value)
    problems.append(Problem(key, str(value)[:40], "is not a positive number", "correct it"))
    return default


def _check_references(tables: dict[str, pd.DataFrame], problems: list[Problem]) -> None:
    buses = tables["bus"].index
    for table, frame in tables.items():
        for column in ("bus", "from_bus", "to_bus", "hv_bus", "lv_bus"):
            if table == "bus" or not len(frame) or column not in frame:
                continue
            bad = frame.index[~frame[column].isin(buses)]
            if len(bad):
                place, mend = f"{table}.{column}", "correct the id or add the bus"
                problems.append(Problem(place, name_ids(bad), "not in bus", mend))


def _column(frame: pd.DataFrame, name: str, default: float | None = None) -> Float:
    if name not in frame.columns:
        if default is None:
            raise KeyError(name)
        return np.full(len(frame), default)
    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64)
    return values if default is None else np.where(np.isnan(values), default, values)


def _flag(frame: pd.DataFrame, name: str, *, default: bool) -> Bool:
    if name not in frame.columns:
        return np.full(len(frame), default)
    unknown = frame[name].isna().to_numpy()
    return np.where(unknown, default, frame[name].to_numpy(dtype=object)).astype(np.bool_)


def _grid(
    name: str, base: float, f_hz: float, tables: dict[str, pd.DataFrame], problems: list[Problem]
) -> PowerGrid:
    bus = tables["bus"]
    kv = pd.Series(_column(bus, "vn_kv"), index=bus.index)
    buses = pd.DataFrame({"kv": kv, "in_service": _flag(bus, "in_service", default=True)})
    branches = stack(
        [_lines(tables["line"], kv, base, f_hz), _transformers(tables["trafo"], kv, base, problems),
         _impedances(tables["impedance"], base)],
        "branches",
    )  # fmt: skip
    links = _switch(tables["switch"], tables, branches, problems)
    return PowerGrid(
        name=name, base_mva=base, buses=buses, branches=branches, links=links,
        loads=_loads(tables, problems), shunts=_shunts(tables, kv, problems),
        generators=_held(tables["gen"], slack=False),
        sources=stack([_held(tables["ext_grid"], slack=True, label="ext_grid"),
                       _held(tables["gen"], slack=True)], "sources"),
    )  # fmt: skip


def _lines(line: pd.DataFrame, kv: pd.Series[float], base: float, f_hz: float) -> pd.DataFrame:
    if line.empty:
        return pd.DataFrame()
    from_kv = kv.loc[line["from_bus"]].to_numpy()
    ohm = from_kv**2 / base
    km, parallel = _column(line, "length_km"), _column(line, "parallel", 1.0)
    half_b = np.pi * f_hz * _column(line, "c_nf_per_km", 0.0) * 1e-9 * ohm * km * parallel
    half_g = 0.5e-6 * _column(line, "g_us_per_km", 0.0) * ohm * km * parallel
    limit = _column(line, "max_i_ka", np.inf) * _column(line, "df", 1.0) * parallel
    limit = limit * from_kv * np.sqrt(3.0)
    on = _flag(line, "in_service", default=True)
    columns = {
        "from_bus": line["from_bus"], "to_bus": line["to_bus"],
        "r_pu": _column(line, "r_ohm_per_km") * km / ohm / parallel,
        "x_pu": _column(line, "x_ohm_per_km") * km / ohm / parallel,
        "from_g_pu": half_g, "from_b_pu": half_b, "to_g_pu": half_g, "to_b_pu": half_b,
        "tap": 1.0, "shift_deg": 0.0, "from_limit_mva": limit, "to_limit_mva": limit,
        "from_closed": on, "to_closed": on,
    }  # fmt: skip
    return pd.DataFrame(columns).set_axis([f"line {i}" for i in line.index])


def _transformers(
    trafo: pd.DataFrame, kv: pd.Series[float], base: float, problems: list[Problem]
) -> pd.DataFrame:
    """Turn T circuits, with the magnetisation in the middle, into pi circuits."""
    if trafo.empty:
        return pd.DataFrame()
    hv_kv, lv_kv = (kv.loc[trafo[side]].to_numpy() for side in ("hv_bus", "lv_bus"))
    sn, parallel = _column(trafo, "sn_mva"), _column(trafo, "parallel", 1.0)
    rated_hv, rated_lv = _column(trafo, "vn_hv_kv"), _column(trafo, "vn_lv_kv")
    turned_hv, turned_lv, shift = _taps(trafo, problems)
    # Short-circuit impedance at the rated voltage of the low side, on the base of its bus.
    scale = (turned_lv / lv_kv) ** 2 * base / sn / parallel
    r = _column(trafo, "vkr_percent") / 100.0 * scale
    z = _column(trafo, "vk_percent") / 100.0 * scale
    x = np.sign(z) * np.sqrt(np.maximum(z**2 - r**2, 0.0))
    iron = _column(trafo, "pfe_kw", 0.0) * 1e-3
    magnetising = _column(trafo, "i0_percent", 0.0) / 100.0 * sn
    idle = iron - 1j * np.sqrt(np.maximum(magnetising**2 - iron**2, 0.0))
    idle = idle * parallel / base * (lv_kv / turned_lv) ** 2
    share_r = _column(trafo, "leakage_resistance_ratio_hv", 0.5)
    share_x = _column(trafo, "leakage_reactance_ratio_hv", 0.5)
    near, far = r * share_r + 1j * x * share_x, r * (1 - share_r) + 1j * x * (1 - share_x)
    # Star to delta: the middle node of the T is eliminated.
    series = near + far + near * far * idle
    with np.errstate(divide="ignore", invalid="ignore"):
        from_y, to_y = far * idle / series, near * idle / series
    current = sn * parallel * _column(trafo, "df", 1.0)
    on = _flag(trafo, "in_service", default=True)
    columns = {
        "from_bus": trafo["hv_bus"], "to_bus": trafo["lv_bus"],
        "r_pu": series.real, "x_pu": series.imag,
        "from_g_pu": from_y.real, "from_b_pu": from_y.imag,
        "to_g_pu": to_y.real, "to_b_pu": to_y.imag,
        "tap": turned_hv / turned_lv * lv_kv / hv_kv, "shift_deg": shift,
        "from_limit_mva": current * hv_kv / rated_hv, "to_limit_mva": current * lv_kv / rated_lv,
        "from_closed": on, "to_closed": on,
    }  # fmt: skip
    return pd.DataFrame(columns).set_axis([f"trafo {i}" for i in trafo.index])


def _taps(trafo: pd.DataFrame, problems: list[Problem]) -> tuple[Float, Float, Float]:
    """Voltages of both sides at the tap that is set, and the shift in degrees."""
    sides = {"hv": _column(trafo, "vn_hv_kv"), "lv": _column(trafo, "vn_lv_kv")}
    shift = _column(trafo, "shift_degree", 0.0)
    tabled = _flag(trafo, "tap_dependency_table", default=False)
    if tabled.any():
        ids = name_ids(trafo.index[tabled])
        problems.append(Problem("trafo", ids, "takes its tap from a table", "give its ratio"))
    for nth in ("", "2"):
        if f"tap{nth}_side" not in trafo:
            continue
        side = trafo[f"tap{nth}_side"].to_numpy(dtype=object)
        steps = _column(trafo, f"tap{nth}_pos", np.nan) - _column(
            trafo, f"tap{nth}_neutral", np.nan
        )
        percent = _column(trafo, f"tap{nth}_step_percent", np.nan)
        degree = _column(trafo, f"tap{nth}_step_degree", 0.0)
        ideal, ratio = _changer(trafo, nth, np.isfinite(percent))
        for name, sign in (("hv", 1.0), ("lv", -1.0)):
            here = (side == name) & np.isfinite(steps)
            turn = here & ratio & np.isfinite(percent)
            push = np.where(turn, steps * percent / 100.0, 0.0) * np.exp(1j * np.deg2rad(degree))
            sides[name] = sides[name] * np.abs(1.0 + push)
            shift = shift + sign * np.rad2deg(np.angle(1.0 + push))
            turn = here & ideal
            by_percent = 2.0 * np.rad2deg(np.arcsin(np.nan_to_num(steps * percent) / 200.0))
            by = np.where(degree != 0.0, np.nan_to_num(steps) * degree, by_percent)
            shift = shift + np.where(turn, sign * by, 0.0)
    return sides["hv"], sides["lv"], shift


def _changer(trafo: pd.DataFrame, nth: str, stepped: Bool) -> tuple[Bool, Bool]:
    """Which transformers shift only the phase, and which change the ratio."""
    if f"tap{nth}_changer_type" in trafo:
        kind = trafo[f"tap{nth}_changer_type"].to_numpy(dtype=object)
        return kind == "Ideal", (kind == "Ratio") | (kind == "Symmetrical")
    ideal = _flag(trafo, f"tap{nth}_phase_shifter", default=False)
    return ideal, ~ideal & stepped


def _impedances(impedance: pd.DataFrame, base: float) -> pd.DataFrame:
    if impedance.empty:
        return pd.DataFrame()
    sn = _column(impedance, "sn_mva")
    ahead = [_column(impedance, c) for c in ("rft_pu", "xft_pu")]
    back = [_column(impedance, c) for c in ("rtf_pu", "xtf_pu")]
    if not np.allclose(ahead, back):
        raise ValueError("impedance with different values each way")
    on = _flag(impedance, "in_service", default=True)
    shunts = {
        f"{end}_{part}_pu": _column(impedance, f"{part}{end[0]}_pu", 0.0) * sn / base
        for end in ("from", "to") for part in "gb"
    }  # fmt: skip
    columns = {
        "from_bus": impedance["from_bus"], "to_bus": impedance["to_bus"],
        "r_pu": ahead[0] * base / sn, "x_pu": ahead[1] * base / sn, **shunts,
        "tap": 1.0, "shift_deg": 0.0, "from_limit_mva": sn, "to_limit_mva": sn,
        "from_closed": on, "to_closed": on,
    }  # fmt: skip
    return pd.DataFrame(columns).set_axis([f"impedance {i}" for i in impedance.index])


def _switch(
    switch: pd.DataFrame, tables: dict[str, pd.DataFrame], branches: pd.DataFrame,
    problems: list[Problem],
) -> pd.DataFrame:  # fmt: skip
    """Open the ends of branches that have an open switch, and return the ties between buses."""
    links: dict[str, tuple[object, object, bool]] = {}
    bad: list[object] = []
    if switch.empty:
        return pd.DataFrame(columns=["from_bus", "to_bus", "closed"])
    closed = _flag(switch, "closed", default=True)
    tables_of = {"l": ("line", "from_bus"), "t": ("trafo", "hv_bus")}
    ohm = _column(switch, "z_ohm", 0.0)
    for row, (key, bus, element, kind) in enumerate(
        zip(switch.index, switch["bus"], switch["element"], switch["et"], strict=True)
    ):
        if kind == "b" and element in tables["bus"].index and not (ohm[row] > 0.0 and closed[row]):
            links[f"switch {key}"] = (bus, element, bool(closed[row]))
        elif kind in tables_of and element in tables[tables_of[kind][0]].index:
            table, first = tables_of[kind]
            end = "from" if tables[table].loc[element, first] == bus else "to"
            if not closed[row]:
                branches.loc[f"{table} {element}", f"{end}_closed"] = False
        else:
            bad.append(key)
    if bad:
        mend = "use switches without impedance at buses, lines and transformers"
        problems.append(Problem("switch", name_ids(bad), "is of a kind that is not read", mend))
    return pd.DataFrame.from_dict(links, orient="index", columns=["from_bus", "to_bus", "closed"])


def _loads(tables: dict[str, pd.DataFrame], problems: list[Problem]) -> pd.DataFrame:
    parts = []
    for table, sign in (("load", 1.0), ("sgen", -1.0), ("storage", 1.0), ("ward", 1.0)):
        frame = tables[table]
        if frame.empty:
            continue
        p, q = ("ps_mw", "qs_mvar") if table == "ward" else ("p_mw", "q_mvar")
        scale = sign * _column(frame, "scaling", 1.0)
        shares = {}
        for kind, letter in (("current", "i"), ("impedance", "z")):
            both = _column(frame, f"const_{letter}_percent", 0.0)
            of_p = _column(frame, f"const_{letter}_p_percent", 0.0) + both
            of_q = _column(frame, f"const_{letter}_q_percent", 0.0) + both
            if table == "load" and (of_p != of_q).any():
                ids = name_ids(frame.index[of_p != of_q])
                reason = f"has different shares of constant {kind} for p and q"
                problems.append(Problem("load", ids, reason, "split the load"))
            shares[f"{kind}_share"] = of_p / 100.0 if table == "load" else np.zeros(len(frame))
        columns = {
            "bus": frame["bus"].to_numpy(object), "p_mw": scale * _column(frame, p),
            "q_mvar": scale * _column(frame, q, 0.0), **shares,
            "in_service": _flag(frame, "in_service", default=True),
        }  # fmt: skip
        parts.append(pd.DataFrame(columns, index=[f"{table} {i}" for i in frame.index]))
    return stack(parts, "loads")


def _shunts(
    tables: dict[str, pd.DataFrame], kv: pd.Series[float], problems: list[Problem]
) -> pd.DataFrame:
    parts = []
    shunt, ward = tables["shunt"], tables["ward"]
    if len(shunt):
        tabled = _flag(shunt, "step_dependency_table", default=False)
        if tabled.any():
            ids = name_ids(shunt.index[tabled])
            problems.append(Problem("shunt", ids, "takes its step from a table", "give its power"))
        bus_kv = kv.loc[shunt["bus"]].to_numpy()
        rated = _column(shunt, "vn_kv", np.nan)
        scale = _column(shunt, "step", 1.0) * (bus_kv / np.where(rated > 0, rated, bus_kv)) ** 2
        columns = {
            "bus": shunt["bus"].to_numpy(object), "g_mw": scale * _column(shunt, "p_mw", 0.0),
            "b_mvar": -scale * _column(shunt, "q_mvar"),
            "in_service": _flag(shunt, "in_service", default=True),
        }  # fmt: skip
        parts.append(pd.DataFrame(columns, index=[f"shunt {i}" for i in shunt.index]))
    if len(ward):
        columns = {
            "bus": ward["bus"].to_numpy(object), "g_mw": _column(ward, "pz_mw"),
            "b_mvar": -_column(ward, "qz_mvar"),
            "in_service": _flag(ward, "in_service", default=True),
        }  # fmt: skip
        parts.append(pd.DataFrame(columns, index=[f"ward {i}" for i in ward.index]))
    return stack(parts, "shunts")


def _held(frame: pd.DataFrame, *, slack: bool, label: str = "gen") -> pd.DataFrame:
    if frame.empty:
        return pd.DataFrame(columns=["bus", "p_mw", "v_pu"])
    if label == "gen":
        frame = frame[_flag(frame, "slack", default=False) == slack]
    columns = {
        "bus": frame["bus"].to_numpy(object), "v_pu": _column(frame, "vm_pu"),
        "in_service": _flag(frame, "in_service", default=True),
    }  # fmt: skip
    if slack:
        columns["angle_deg"] = _column(frame, "va_degree", 0.0)
    else:
        columns["p_mw"] = _column(frame, "p_mw") * _column(frame, "scaling", 1.0)
    return pd.DataFrame(columns, index=[f"{label} {i}" for i in frame.index])
