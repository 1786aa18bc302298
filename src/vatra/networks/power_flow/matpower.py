"""Reads MATPOWER case files, version 2, without running anything in them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.networks.power_flow._file import read_text
from vatra.networks.power_flow.model import PowerGrid
from vatra.problems import InputError, Problem, name_ids

Float = NDArray[np.float64]

_FIELD = re.compile(r"^\s*mpc\.(\w+)\s*=\s*(.*)$", re.DOTALL)
_FUNCTION = re.compile(r"^\s*function\b")
_IGNORED = re.compile(r"^\s*(end|return)?\s*$")
_MATRICES = {"bus": 13, "gen": 8, "branch": 11}  # least number of columns that are used
_UNSUPPORTED = ("dcline", "if", "softlims")
_ISOLATED, _REFERENCE, _GENERATOR = 4, 3, 2


def read_matpower(path: Path) -> PowerGrid:
    """Read a MATPOWER case: buses, branches, generators, nominal tap ratios and shunts.

    Costs, areas and names are left out. A file that computes its values is refused: only numbers
    are read, nothing is run.

    Parameters
    ----------
    path
        A ``.m`` file with ``mpc.baseMVA``, ``mpc.bus``, ``mpc.gen`` and ``mpc.branch``.

    Raises
    ------
    InputError
        With every problem found.
    """
    return parse_matpower(read_text(Path(path)), Path(path).name)


def parse_matpower(text: str, name: str) -> PowerGrid:
    """Read the text of a MATPOWER case, as `read_matpower` does.

    Parameters
    ----------
    text
        The text.
    name
        Name of the file, for messages.
    """
    problems: list[Problem] = []
    fields = _fields(text, name, problems)
    base = _scalar(fields, name, problems)
    tables = {field: _matrix(field, fields, name, problems) for field in _MATRICES}
    for field in _UNSUPPORTED:
        if field in fields and re.search(r"\d", fields[field][1]):
            place = f"{name}:{fields[field][0]}"
            problems.append(Problem(place, f"mpc.{field}", "is not read", "take it out"))
    if problems:
        raise InputError(name, problems)
    return _grid(name, base, tables).completed()


def _statements(text: str) -> list[tuple[int, str]]:
    """Statements with the line that each begins on, comments and continuations taken out."""
    found: list[tuple[int, str]] = []
    held: list[str] = []
    begun, depth, block = 1, 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare == "%{":
            block += 1
        if block:
            block -= bare == "%}"
            continue
        code = _without_comment(line)
        if code.rstrip().endswith("..."):
            code, ends = code.rstrip()[:-3] + " ", False
        else:
            ends = True
        if not held:
            begun = number
        depth += sum(code.count(c) for c in "[{") - sum(code.count(c) for c in "]}")
        held.append(code)
        if ends and depth <= 0:
            found.append((begun, "\n".join(held)))
            held, depth = [], 0
    if held:
        found.append((begun, "\n".join(held)))
    return found


def _without_comment(line: str) -> str:
    quoted = False
    for place, c in enumerate(line):
        if c == "'":
            quoted = not quoted
        elif c == "%" and not quoted:
            return line[:place]
    return line


def _fields(text: str, name: str, problems: list[Problem]) -> dict[str, tuple[int, str]]:
    fields: dict[str, tuple[int, str]] = {}
    computed = []
    for line, statement in _statements(text):
        if _IGNORED.match(statement) or _FUNCTION.match(statement):
            continue
        match = _FIELD.match(statement.strip())
        if match:
            fields[match[1]] = (line, match[2].strip().rstrip(";").strip())
        else:
            computed.append(line)
    if computed:
        mend = "load it in MATPOWER, save it with savecase and read that"
        lines = f"line {name_ids(computed)}"
        problems.append(Problem(name, lines, "computes its values", mend))
    version = fields.get("version", (0, "'2'"))[1].strip("'\"")
    if version != "2":
        mend = "load it in MATPOWER and save it with savecase"
        problems.append(Problem(name, "mpc.version", f"is {version[:20]!r}, not '2'", mend))
    return fields


def _scalar(fields: dict[str, tuple[int, str]], name: str, problems: list[Problem]) -> float:
    if "baseMVA" not in fields:
        problems.append(Problem(name, "mpc.baseMVA", "is missing", "add it"))
        return np.nan
    line, text = fields["baseMVA"]
    try:
        return float(text)
    except ValueError:
        place = f"{name}:{line}"
        problems.append(Problem(place, "mpc.baseMVA", "is not a number", "write it as one"))
        return np.nan


def _matrix(
    field: str, fields: dict[str, tuple[int, str]], name: str, problems: list[Problem]
) -> Float:
    width = _MATRICES[field]
    nothing = np.empty((0, width))
    if field not in fields:
        problems.append(Problem(name, f"mpc.{field}", "is missing", "add the matrix"))
        return nothing
    line, text = fields[field]
    if not (text.startswith("[") and text.endswith("]")):
        problems.append(Problem(f"{name}:{line}", f"mpc.{field}", "is not a matrix", "use [ ]"))
        return nothing
    rows: list[list[float]] = []
    bad: list[int] = []
    for offset, chunk in enumerate(text[1:-1].split("\n")):
        for part in chunk.split(";"):
            if not part.strip():
                continue
            try:
                rows.append([float(word) for word in part.replace(",", " ").split()])
            except ValueError:
                bad.append(line + offset)
    if bad:
        mend = "write plain numbers"
        lines = f"mpc.{field}, line {name_ids(bad)}"
        problems.append(Problem(name, lines, "is not a row of numbers", mend))
        return nothing
    widths = {len(row) for row in rows}
    if len(widths) > 1 or (widths and min(widths) < width):
        reason = f"has rows of {name_ids(sorted(widths))} columns, not of at least {width} each"
        problems.append(Problem(f"{name}:{line}", f"mpc.{field}", reason, "complete the rows"))
        return nothing
    return np.array(rows) if rows else nothing


def _grid(name: str, base: float, tables: dict[str, Float]) -> PowerGrid:
    bus, gen, branch = tables["bus"], tables["gen"], tables["branch"]
    ids = _ids(bus[:, 0])
    kv = np.where(bus[:, 9] > 0.0, bus[:, 9], 1.0)  # some cases leave the base voltage at 0
    buses = pd.DataFrame({"kv": kv, "in_service": bus[:, 1] != _ISOLATED}, index=ids)
    tap = np.where(branch[:, 8] == 0.0, 1.0, branch[:, 8])
    limit = np.where(branch[:, 5] == 0.0, np.inf, branch[:, 5])
    used = branch[:, 10] > 0.0
    shorted = (branch[:, 2] == 0.0) & (branch[:, 3] == 0.0)
    columns = {
        "from_bus": _ids(branch[:, 0]), "to_bus": _ids(branch[:, 1]), "r_pu": branch[:, 2],
        "x_pu": branch[:, 3], "from_b_pu": branch[:, 4] / 2.0, "to_b_pu": branch[:, 4] / 2.0,
        "tap": tap, "shift_deg": branch[:, 9], "from_limit_mva": limit, "to_limit_mva": limit,
        "from_closed": used, "to_closed": used,
    }  # fmt: skip
    branches = pd.DataFrame(columns, index=np.arange(1, len(branch) + 1))
    links = branches.loc[shorted, ["from_bus", "to_bus"]].assign(closed=used[shorted])
    kind = dict(zip(bus[:, 0], bus[:, 1], strict=True))
    bus_kind = np.array([kind.get(number, 0.0) for number in gen[:, 0]])
    numbers = np.arange(1, len(gen) + 1)
    on = gen[:, 7] > 0.0
    angle = dict(zip(bus[:, 0], bus[:, 8], strict=True))
    slack, held = bus_kind == _REFERENCE, bus_kind == _GENERATOR
    given = ~slack & ~held
    loads = pd.DataFrame(
        {
            "bus": np.concatenate([ids, _ids(gen[given, 0])]),
            "p_mw": np.concatenate([bus[:, 2], -gen[given, 1]]),
            "q_mvar": np.concatenate([bus[:, 3], -gen[given, 2]]),
            "in_service": np.concatenate([np.ones(len(bus), bool), on[given]]),
        },
        index=[*(f"bus {n}" for n in ids), *(f"gen {n}" for n in numbers[given])],
    )
    drawn = (loads["p_mw"] != 0.0) | (loads["q_mvar"] != 0.0)
    shunts = pd.DataFrame({"bus": ids, "g_mw": bus[:, 4], "b_mvar": bus[:, 5]}, index=ids)
    sources = pd.DataFrame(
        {
            "bus": _ids(gen[slack, 0]), "v_pu": gen[slack, 5],
            "angle_deg": [angle.get(number, 0.0) for number in gen[slack, 0]],
            "in_service": on[slack],
        },
        index=numbers[slack],
    )  # fmt: skip
    generators = pd.DataFrame(
        {"bus": _ids(gen[held, 0]), "p_mw": gen[held, 1], "v_pu": gen[held, 5],
         "in_service": on[held]},
        index=numbers[held],
    )  # fmt: skip
    return PowerGrid(
        name=name, base_mva=base, buses=buses, branches=branches[~shorted], links=links,
        loads=loads[drawn], shunts=shunts[(shunts[["g_mw", "b_mvar"]] != 0.0).any(axis=1)],
        generators=generators, sources=sources,
    )  # fmt: skip


def _ids(values: Float) -> NDArray[np.object_]:
    # Numbers of buses are whole; what isn't stays as it is and is refused as unknown.
    return np.array([int(v) if v == np.floor(v) and abs(v) < 2**53 else v for v in values], object)
