"""Files of others are read right, and wrong ones are refused with everything that is wrong."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import tomllib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vatra.networks.power_flow import (
    read_pandapower,
    read_power_grid,
    solve_ac,
    solve_with_power_grid_model,
)
from vatra.networks.power_flow.matpower import parse_matpower
from vatra.networks.power_flow.pandapower_json import parse_pandapower
from vatra.networks.power_flow.pgm_json import parse_power_grid_model
from vatra.problems import InputError

CASE = Path(__file__).parents[2] / "cases" / "power_ieee14"


def test_the_published_solution_of_the_ieee_14_bus_case() -> None:
    expected = tomllib.loads((CASE / "expected.toml").read_text(encoding="utf-8"))
    flow = solve_ac(read_power_grid(CASE / "input.m"))
    bus = flow.bus_table()
    np.testing.assert_allclose(bus["v_pu"], expected["v_pu"], atol=expected["tolerance_pu"])
    np.testing.assert_allclose(
        bus["angle_deg"], expected["angle_deg"], atol=expected["tolerance_deg"]
    )


def matrix(name: str, values: Any) -> str:
    rows = "\n".join("\t" + "\t".join(f"{float(v)!r}" for v in row) + ";" for row in values)
    return f"mpc.{name} = [\n{rows}\n];\n"


def test_matpower_cases(pandapower: Any, switchless: Any) -> None:
    net, grid = switchless
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandapower.runpp(net, calculate_voltage_angles=True)
    # The case that pandapower made of the grid for its own solver.
    bus, gen = net._ppc["bus"].copy(), net._ppc["gen"].copy()
    branch = net._ppc["branch"].real.copy()
    bus[:, 0] += 1
    gen[:, 0] += 1
    branch[:, :2] += 1
    text = "function mpc = c\nmpc.version = '2'; % of 2\nmpc.baseMVA = 100;\n"
    text += matrix("bus", bus[:, :13]) + matrix("gen", gen[:, :10])
    text += matrix("branch", branch[:, :13])
    # The format has no conductance of branches.
    lossless = grid.branches.assign(from_g_pu=0.0, to_g_pu=0.0)
    expected = solve_ac(dataclasses.replace(grid, branches=lossless))
    ours = solve_ac(parse_matpower(text, "case.m"))
    assert ours.solved.all()
    np.testing.assert_allclose(ours.voltage[0], expected.voltage[0], atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mpc.version = '2'", "mpc.version = '1'", "not '2'"),
        ("mpc.baseMVA = 100", "mpc.baseMVA = system('ls')", "not a number"),
        ("mpc.baseMVA = 100;", "", "is missing"),
        ("mpc.gen = [", "mpc.generators = [", "is missing"),
        ("\t2\t40\t42.4", "\t2\t40", "rows of"),
        ("\t2\t40\t42.4", "\t99\t40\t42.4", "not in buses"),
        ("\t2\t40\t42.4", "\tNaN\t40\t42.4", "not in buses"),
        ("\t2\t40\t42.4", "\tdelete(all)\t40\t42.4", "not a row of numbers"),
        ("];", "];\nmpc.branch(:, 3) = mpc.branch(:, 3) / 2;", "computes its values"),
        ("0.05917", "Inf", "not a finite number"),
        ("];", "];\nmpc.dcline = [1 2 1 10 0 0];", "is not read"),
    ],
)
def test_matpower_files_that_are_refused(old: str, new: str, words: str) -> None:
    text = (CASE / "input.m").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(InputError, match=words):
        parse_matpower(text.replace(old, new, 1), "case.m")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_matpower_text_that_is_damaged_never_crashes(data: st.DataObject) -> None:
    text = (CASE / "input.m").read_text(encoding="utf-8")
    at = data.draw(st.integers(0, len(text) - 1))
    cut = data.draw(st.integers(0, 40))
    put = data.draw(st.text(max_size=8))
    with contextlib.suppress(InputError):
        grid = parse_matpower(text[:at] + put + text[at + cut :], "case.m")
        assert len(grid.buses) > 0


def pgm_content() -> dict[str, Any]:
    """One of each component, with taps, an open end and every kind of load."""
    on = {"from_status": 1, "to_status": 1}
    data = {
        "node": [
            {"id": i, "u_rated": 1e3 * kv} for i, kv in enumerate([110, 10, 10, 10, 0.4, 0.4])
        ],
        "line": [
            {"id": 10, "from_node": 1, "to_node": 2, **on, "r1": 0.3, "x1": 0.2, "c1": 1e-6,
             "tan1": 0.01, "i_n": 200.0},
            {"id": 11, "from_node": 2, "to_node": 3, **on, "to_status": 0, "r1": 0.2, "x1": 0.1,
             "c1": 2e-6, "tan1": 0.02, "i_n": 100.0},
        ],
        "link": [{"id": 15, "from_node": 4, "to_node": 5, **on}],
        "generic_branch": [
            {"id": 16, "from_node": 1, "to_node": 3, **on, "r1": 0.3, "x1": 0.4, "g1": 1e-6,
             "b1": 2e-6, "k": 1.02, "theta": 0.01, "sn": 5e6}
        ],
        "transformer": [
            {"id": 20, "from_node": 0, "to_node": 1, **on, "u1": 115e3, "u2": 10.5e3, "sn": 25e6,
             "uk": 0.12, "pk": 80e3, "i0": 0.01, "p0": 20e3, "winding_from": 2, "winding_to": 2,
             "clock": 12, "tap_side": 0, "tap_pos": 3, "tap_min": -9, "tap_max": 9, "tap_nom": 0,
             "tap_size": 1.7e3, "uk_min": 0.11, "uk_max": 0.13, "pk_min": 70e3, "pk_max": 90e3},
            {"id": 21, "from_node": 2, "to_node": 4, **on, "u1": 10.2e3, "u2": 420.0, "sn": 0.63e6,
             "uk": 0.06, "pk": 6e3, "i0": 0.02, "p0": 1.2e3, "winding_from": 2, "winding_to": 1,
             "clock": 5, "tap_side": 1, "tap_pos": -1, "tap_min": 2, "tap_max": -2, "tap_nom": 0,
             "tap_size": 10.0, "uk_min": 0.05, "uk_max": 0.07, "pk_min": 5e3, "pk_max": 7e3},
        ],
        "sym_load": [
            {"id": 30 + n, "node": node, "status": 1, "type": n, "p_specified": p, "q_specified": q}
            for n, (node, p, q) in enumerate([(3, 1e6, 3e5), (5, 2e5, 5e4), (4, 1e5, 2e4)])
        ],
        "sym_gen": [{"id": 35, "node": 2, "status": 1, "type": 0, "p_specified": 2e5,
                     "q_specified": 1e4}],
        "shunt": [{"id": 40, "node": 3, "status": 1, "g1": 1e-4, "b1": -2e-3}],
        "source": [{"id": 50, "node": 0, "status": 1, "u_ref": 1.03, "u_ref_angle": 0.1,
                    "sk": 2e9, "rx_ratio": 0.2}],
        "sym_voltage_sensor": [{"id": 60, "measured_object": 1, "u_measured": 1e4}],
    }  # fmt: skip
    return {"version": "1.0", "type": "input", "is_batch": False, "attributes": {}, "data": data}


def test_power_grid_model_files(tmp_path: Path) -> None:
    pgm = pytest.importorskip("power_grid_model", reason="power-grid-model isn't installed")
    utils = pytest.importorskip("power_grid_model.utils")
    content = pgm_content()
    theirs = json.dumps(content)
    model = utils.json_deserialize(theirs)
    found = pgm.PowerGridModel(model).calculate_power_flow(error_tolerance=1e-7)["node"]
    expected = found["u_pu"] * np.exp(1j * found["u_angle"])
    path = tmp_path / "grid.json"
    for compact in (False, True):
        path.write_text(utils.json_serialize(model, use_compact_list=compact), encoding="utf-8")
        flow = solve_ac(read_power_grid(path))
        assert flow.solved.all()
        np.testing.assert_allclose(flow.voltage[0, : expected.size], expected, atol=1e-6, rtol=0)


def test_power_grid_model_gives_the_same_answer(reference: Any) -> None:
    pytest.importorskip("power_grid_model", reason="power-grid-model isn't installed")
    _, grid = reference
    if len(grid.generators):
        with pytest.raises(InputError, match="hold a voltage"):
            solve_with_power_grid_model(grid)
        return
    rng = np.random.default_rng(1)
    table = grid.loads["p_mw"].to_numpy() + 1j * grid.loads["q_mvar"].to_numpy()
    load = table * rng.uniform(0.2, 1.5, (6, 1))
    load[3] *= 1e4
    ours, theirs = solve_ac(grid, load_mva=load), solve_with_power_grid_model(grid, load)
    assert ours.solved.tolist() == theirs.solved.tolist() == [True] * 3 + [False] + [True] * 2
    good = ours.solved
    np.testing.assert_allclose(ours.voltage[good], theirs.voltage[good], atol=1e-6, rtol=0)
    np.testing.assert_allclose(ours.loading[good], theirs.loading[good], atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_batch": True}, "not a single input"),
        ({"data": None}, "is missing"),
        ({"data": {"node": [[1, 2]]}}, "not a table"),
        ({"data": {"node": [{"id": 1, "u_rated": "x"}]}}, "not a table"),
        ({"data": {"node": [{"u_rated": 1.0}]}}, "is missing"),
        ({"data": {"node": [{"id": None, "u_rated": 1.0}]}}, "no id"),
        ({"data": {"node": [{"id": 1, "u_rated": -5.0}]}}, "must be positive"),
        ({"data": {"node": [{"id": 1, "u_rated": 1.0}] * 2}}, "twice"),
        ({"data": {"asym_line": [{"id": 1}]}}, "is not read"),
        ({"data": {"source": [{"id": 5, "node": 9, "status": 1, "u_ref": 1.0}]}}, "not in node"),
    ],
)
def test_power_grid_model_files_that_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_power_grid_model(pgm_content() | change, "grid.json")


def pandapower_content() -> dict[str, Any]:
    def table(**columns: list[Any]) -> dict[str, Any]:
        rows = [list(row) for row in zip(*columns.values(), strict=True)]
        held = {"columns": list(columns), "index": list(range(len(rows))), "data": rows}
        return {"_module": "pandas.core.frame", "_class": "DataFrame", "_object": json.dumps(held)}

    net = {
        "bus": table(vn_kv=[20.0, 20.0], in_service=[True, True]),
        "line": table(
            from_bus=[0], to_bus=[1], length_km=[5.0], r_ohm_per_km=[0.2], x_ohm_per_km=[0.1],
            c_nf_per_km=[200.0], max_i_ka=[0.3],
        ),
        "load": table(bus=[1], p_mw=[2.0], q_mvar=[0.4]),
        "ext_grid": table(bus=[0], vm_pu=[1.02]),
        "sn_mva": 1.0,
        "f_hz": 50.0,
    }  # fmt: skip
    return {"_module": "pandapower.auxiliary", "_class": "pandapowerNet", "_object": net}


def test_a_small_pandapower_file_needs_only_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(json.dumps(pandapower_content()), encoding="utf-8")
    flow = solve_ac(read_pandapower(path))
    assert flow.voltage_pu[0, 1] == pytest.approx(1.014, abs=1e-3)


@pytest.mark.parametrize(
    ("table", "value", "words"),
    [
        ("bus", None, "not in bus"),
        ("line", {"_object": "["}, "not a table"),
        ("line", {"_module": "os", "_class": "system", "_object": "ls"}, "not a table"),
        ("load", {"columns": ["bus", "p_mw"], "index": [0], "data": [[7, 1.0]]}, "not in bus"),
        ("load", {"columns": ["bus"], "index": [0], "data": [[1]]}, "p_mw"),
        ("load", {"columns": ["bus", "p_mw"], "index": [0, 0], "data": [[1, 1.0]] * 2}, "twice"),
        ("load", {"columns": ["bus", "p_mw"], "index": [0], "data": [[1, "x"]]}, "not a finite"),
        ("trafo3w", {"columns": ["hv_bus"], "index": [0], "data": [[1]]}, "is not read"),
        ("sn_mva", "many", "positive number"),
        ("switch", {"columns": ["bus", "element", "et", "closed"], "index": [0],
                    "data": [[0, 3, "t3", False]]}, "not read"),
    ],
)  # fmt: skip
def test_pandapower_files_that_are_refused(table: str, value: Any, words: str) -> None:
    content = pandapower_content()
    content["_object"][table] = value
    with pytest.raises(InputError, match=words):
        parse_pandapower(content, "net.json")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("grid.json", "{"),
        ("grid.json", "[1, 2]"),
        ("grid.json", '{"a": 1}'),
        ("grid.json", "[" * 100_000),
        ("grid.json", "\ufeff"),
        ("grid.m", ""),
        ("grid.m", "mpc.bus = [" * 1000),
    ],
)
def test_files_that_are_no_grids(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_power_grid(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_power_grid(tmp_path / "none.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_power_grid(tmp_path / "bytes.json")
