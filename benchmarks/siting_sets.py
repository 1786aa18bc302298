"""Readers of the published siting instances: what is asked, and the best answer known."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]

MEDIAN, PACKED, FACILITY, COVER = "p-median", "capacitated p-median", "facility", "cover"
COVER_RADIUS = {"SJC": 800.0}
"""Service distance that the sets are solved with in the literature, where the file has none
(Lorena and Pereira, 2002). Elsewhere the distance at which a site reaches 2 % of the points."""
MEDIAN_SITES = (100, 200, 300, 400, 500)
COVER_SITES = (2, 5, 10)
"""Numbers of sites for sets that come without."""


DENSE, PAIRS = 7_000, 30_000_000
"""Points up to which all distances are kept, and pairs that are kept of larger sets."""


@dataclass(frozen=True)
class Case:
    """One instance.

    Parameters
    ----------
    kind
        Which problem.
    name, p
        Its name in the literature; sites to open, 0 where that is free.
    costs
        Site × home; of a whole home. For covers a sparse matrix of zeros: who reaches whom.
    best
        Best value known, None if unknown.
    need, capacity, opening
        Heads by home, places and cost by site; empty where the problem has none. For p-medians
        with lists cut short, `need` is what a home costs at least beyond its list.
    points
        Where homes and sites are, if lists are cut short.
    """

    kind: str
    name: str
    p: int
    costs: Floats | sp.csr_array
    best: float | None
    need: Floats
    capacity: Floats
    opening: Floats
    points: Floats | None = None


NONE = np.zeros(0)


def cases_of(folder: Path) -> Iterator[Case]:
    """Yield every instance found under a folder, the small ones first."""
    files = sorted(
        (f for f in folder.rglob("*") if f.suffix in {".txt", ".tsp"}),
        key=lambda f: (f.parent.name, f.stat().st_size, f.name),
    )
    known = _known_values(folder)
    for file in files:
        kind = file.parent.name
        if file.suffix == ".tsp":
            yield from _tsplib(file, folder)
        elif kind == "mclp":
            yield from _cover(file)
        elif kind == "pmedcap":
            yield _packed(file)
        elif kind == "cap":
            yield from _facility(file, known)
        elif kind == "pmed" and _numbers(file).size > 3 and file.stem[4:].isdigit():
            yield _graph_median(file, known)


def _numbers(file: Path) -> Floats:
    values = []
    for word in file.read_text().split():
        try:
            values.append(float(word))
        except ValueError:
            values.append(np.nan)
    return np.array(values)


def _known_values(folder: Path) -> dict[str, float]:
    known: dict[str, float] = {}
    for name in ("pmedopt.txt", "bounds_cap_pmed.txt"):
        for file in folder.rglob(name):
            for line in file.read_text().splitlines():
                words = line.split()
                if len(words) > 1 and words[-1].replace(".", "", 1).isdigit():
                    known[words[0]] = float(words[-1])
    return known


def shortest_paths(nodes: int, edges: Floats) -> Floats:
    """All shortest paths of a graph; of edges given twice the last one counts."""
    length = np.full((nodes, nodes), np.inf)
    for a, b, metres in edges:
        length[int(a) - 1, int(b) - 1] = length[int(b) - 1, int(a) - 1] = metres
    finite = np.isfinite(length)
    graph = sp.csr_array((length[finite], np.nonzero(finite)), shape=length.shape)
    return np.asarray(dijkstra(graph, directed=False))


def floor_euclid(xy: Floats) -> Floats:
    """Distances between points, rounded down."""
    apart = np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
    return np.floor(apart, out=apart)


def _graph_median(file: Path, known: dict[str, float]) -> Case:
    values = _numbers(file)
    n, edges, p = (int(v) for v in values[:3])
    costs = shortest_paths(n, values[3 : 3 + 3 * edges].reshape(-1, 3))
    return Case(MEDIAN, file.stem, p, costs, known.get(file.stem), NONE, NONE, NONE)


def _tsplib(file: Path, folder: Path) -> Iterator[Case]:
    xy = []
    for line in file.read_text().splitlines():
        words = line.split()
        if len(words) == 3 and words[0].isdigit():
            xy.append((float(words[1]), float(words[2])))
    wanted: dict[int, float] = {}
    for table in folder.rglob("*.csv"):
        with table.open(newline="") as lines:
            for row in csv.DictReader(lines):
                if row.get("name") == file.stem and row.get("opt_or_bkn"):
                    wanted[int(row["p"])] = float(row["opt_or_bkn"])
    points = np.array(xy)
    plan: list[tuple[int, float | None]] = [*sorted(wanted.items())] or [
        (p, None) for p in MEDIAN_SITES if p < len(points)
    ]
    if len(points) <= DENSE:
        costs = floor_euclid(points)
        for p, best in plan:
            yield Case(MEDIAN, file.stem, p, costs, best, NONE, NONE, NONE)
        return
    near, beyond = nearest_lists(points, PAIRS // len(points))
    for p, best in plan:
        yield Case(MEDIAN, file.stem, p, near, best, beyond, NONE, NONE, points)


def nearest_lists(points: Floats, count: int) -> tuple[sp.csr_array, Floats]:
    """List each point's nearest ones, and how far the first is that the list leaves out.

    Whoever finds no site in the list pays at least that, so bounds hold; true costs are
    recounted from the points.
    """
    n = len(points)
    count = min(count, n - 1)
    found = cKDTree(points).query(points, count + 1, workers=2)
    far, who = np.floor(np.asarray(found[0])), np.asarray(found[1])
    ptr = np.arange(n + 1) * count
    near = sp.csr_array((far[:, :count].ravel(), who[:, :count].ravel(), ptr), shape=(n, n))
    return near, far[:, count]


def _packed(file: Path) -> Case:
    values = _numbers(file)
    n, p, room = int(values[2]), int(values[3]), values[4]
    rows = values[5 : 5 + 4 * n].reshape(n, 4)
    return Case(
        PACKED, file.stem, p, floor_euclid(rows[:, 1:3]), values[1], rows[:, 3],
        np.full(n, room), NONE,
    )  # fmt: skip


def _facility(file: Path, known: dict[str, float]) -> Iterator[Case]:
    values = _numbers(file)
    m, n = int(values[0]), int(values[1])
    sites = values[2 : 2 + 2 * m].reshape(m, 2)
    rows = values[2 + 2 * m :][: n * (m + 1)].reshape(n, m + 1)
    free = np.isnan(sites[:, 0])  # «capacity»: one for all, part of the name
    sizes = {file.stem: 0.0}
    if free.any():
        sizes = {k: float(k.split("_")[1]) for k in known if k.startswith(file.stem + "_")}
    for name, size in sizes.items():
        places = np.where(free, size, sites[:, 0])
        costs = np.ascontiguousarray(rows[:, 1:].T)
        yield Case(FACILITY, name, 0, costs, known.get(name), rows[:, 0], places, sites[:, 1])


def _cover(file: Path) -> Iterator[Case]:
    """Points, or a graph, or facilities (F) and customers (C), all with what each one weighs."""
    lines = [line.split() for line in file.read_text().splitlines() if line.split()]
    header, rows = lines[0], lines[1:]
    n = int(header[0])
    if rows[0][0] in {"F", "C"}:
        sites = np.array([[float(w) for w in r[2:4]] for r in rows if r[0] == "F"])
        homes = np.array([[float(w) for w in r[2:5]] for r in rows if r[0] == "C"])
        weight = homes[:, 2]
        apart = np.hypot(
            sites[:, None, 0] - homes[None, :, 0], sites[:, None, 1] - homes[None, :, 1]
        )
    elif len(rows) > n:
        weight = np.array([float(r[3]) for r in rows[:n]])
        apart = shortest_paths(n, np.array([[float(w) for w in r[:3]] for r in rows]))
    else:
        points = np.array([[float(w) for w in r[:3]] for r in rows[:n]])
        weight = points[:, 2]
        apart = np.hypot(
            points[:, None, 0] - points[None, :, 0], points[:, None, 1] - points[None, :, 1]
        )
    stem = file.stem.split("_")[-1]
    letters = stem.rstrip("0123456789")
    radius = COVER_RADIUS.get(letters, float(np.quantile(apart, 0.02)))
    row, column = np.nonzero(apart <= radius)
    zeros = sp.csr_array((np.zeros(len(row)), (row, column)), shape=apart.shape)
    for p in COVER_SITES:
        name = f"{stem} within {radius:,.0f}"
        yield Case(COVER, name, p, zeros, None, weight, NONE, NONE)
