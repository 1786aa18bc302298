"""The cases of homes as the tests and the benchmark read them."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatra.homes import Zone, cool_down, make_two_node

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
DATA = Path(os.environ.get("VATRA_DATA", ROOT.parent / "shared" / "data"))
HORIZON_H = 500.0


def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def pair(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Input and expected figures of a case."""
    return load(CASES / name / "input.toml"), load(CASES / name / "expected.toml")


def ashrae140_zone(given: dict[str, Any], name: str) -> Zone:
    """The room of one of the cases of ASHRAE 140."""
    case = next(c for c in given["case"] if c["name"] == name)
    layers = given["layers"][case["layers"]]
    surfaces = [{**s, "layers": layers[s["kind"]]} for s in given["surfaces"].values()]
    own = {k: v for k, v in case.items() if k not in {"name", "layers"}}
    return Zone.from_dict({**given["zone"], "surface": surfaces, "window": given["window"], **own})


def cool_downs() -> list[tuple[str, dict[str, Any], float, dict[str, Any]]]:
    """Every measured cool-down: its name, building, outdoor °C and what is expected."""
    found = []
    for path in sorted(CASES.glob("*/input.toml")):
        case = load(path)
        if case.get("kind") != "cool_down":
            continue
        expected = {run["name"]: run for run in load(path.with_name("expected.toml"))["run"]}
        assert expected.keys() == {run["name"] for run in case["run"]}, path
        found += [
            (f"{path.parent.name}: {run['name']}", case["building"], run["outdoor_c"],
             expected[run["name"]])
            for run in case["run"]
        ]  # fmt: skip
    return found


def cooled(building: dict[str, Any], outdoor_c: float) -> NDArray[np.float64]:
    """Indoor temperature by half-hour, the start first."""
    nodes = make_two_node(building["loss_w_m2k"], building["direct_share"], building["slow_tau_h"])
    path = cool_down(
        nodes,
        np.full(round(HORIZON_H * 2), outdoor_c),
        start_c=building["start_c"],
        ground_share=building["ground_share"],
        ground_c=building["ground_c"],
        air_share=building["air_share"],
    )
    return np.asarray(path[0])
