"""Newton's method on many load cases at once, with one elimination order for all of them.

Unknowns are the angle and the logarithm of the magnitude of each node's voltage, so the Jacobian
has a 2 × 2 block wherever the admittance matrix has an entry. Blocks are eliminated in a given
order without exchanging rows; all kernels see nodes in that order already.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Complex = NDArray[np.complex128]

SHARES_PER_WORKER = 4
THREADED_FROM = 2_000
"""Cases times nodes: fewer are solved sooner than threads are started."""


@njit()
def _eliminate(
    y_start: Int, y_node: Int, power: Complex, voltage: Complex, held: Int,
    y: Complex, slope: Complex, lu_start: Int, lu_node: Int, lu_diagonal: Int,
    lu: Float, inverse: Float, row: Float,
) -> None:  # fmt: skip
    # Row by row: scatter the Jacobian's row, take the rows above out of it, keep what is left.
    for i in range(held.size):
        for k in range(lu_start[i], lu_start[i + 1]):
            row[lu_node[k], 0] = 0.0
            row[lu_node[k], 1] = 0.0
            row[lu_node[k], 2] = 0.0
            row[lu_node[k], 3] = 0.0
        if held[i] == 0:
            row[i, 0] = 1.0
            row[i, 3] = 1.0
        else:
            own = 0.0j
            for k in range(y_start[i], y_start[i + 1]):
                j = y_node[k]
                a = voltage[i] * np.conj(y[k] * voltage[j])
                if j == i:
                    own = a
                    continue
                row[j, 0] = a.imag
                row[j, 1] = a.real
                row[j, 2] = -a.real
                row[j, 3] = a.imag
            row[i, 0] = -(power[i] - own).imag
            row[i, 1] = (power[i] + own).real + slope[i].real
            row[i, 2] = (power[i] - own).real
            row[i, 3] = (power[i] + own).imag + slope[i].imag
            if held[i] == 1:
                for k in range(y_start[i], y_start[i + 1]):
                    row[y_node[k], 2] = 0.0
                    row[y_node[k], 3] = 0.0
                row[i, 3] = 1.0
        for k in range(lu_start[i], lu_diagonal[i]):
            j = lu_node[k]
            a, b, c, d = row[j, 0], row[j, 1], row[j, 2], row[j, 3]
            if a == 0.0 and b == 0.0 and c == 0.0 and d == 0.0:
                continue
            la = a * inverse[j, 0] + b * inverse[j, 2]
            lb = a * inverse[j, 1] + b * inverse[j, 3]
            lc = c * inverse[j, 0] + d * inverse[j, 2]
            ld = c * inverse[j, 1] + d * inverse[j, 3]
            row[j, 0], row[j, 1], row[j, 2], row[j, 3] = la, lb, lc, ld
            for m in range(lu_diagonal[j] + 1, lu_start[j + 1]):
                n = lu_node[m]
                row[n, 0] -= la * lu[m, 0] + lb * lu[m, 2]
                row[n, 1] -= la * lu[m, 1] + lb * lu[m, 3]
                row[n, 2] -= lc * lu[m, 0] + ld * lu[m, 2]
                row[n, 3] -= lc * lu[m, 1] + ld * lu[m, 3]
        for k in range(lu_start[i], lu_start[i + 1]):
            j = lu_node[k]
            lu[k, 0] = row[j, 0]
            lu[k, 1] = row[j, 1]
            lu[k, 2] = row[j, 2]
            lu[k, 3] = row[j, 3]
        a, b, c, d = row[i, 0], row[i, 1], row[i, 2], row[i, 3]
        determinant = a * d - b * c
        if determinant == 0.0:
            determinant = np.nan
        inverse[i, 0] = d / determinant
        inverse[i, 1] = -b / determinant
        inverse[i, 2] = -c / determinant
        inverse[i, 3] = a / determinant


@njit()
def _substitute(
    lu_start: Int, lu_node: Int, lu_diagonal: Int, lu: Float, inverse: Float, step: Float
) -> None:
    nodes = lu_diagonal.size
    for i in range(nodes):
        p, q = step[i, 0], step[i, 1]
        for k in range(lu_start[i], lu_diagonal[i]):
            j = lu_node[k]
            p -= lu[k, 0] * step[j, 0] + lu[k, 1] * step[j, 1]
            q -= lu[k, 2] * step[j, 0] + lu[k, 3] * step[j, 1]
        step[i, 0], step[i, 1] = p, q
    for i in range(nodes - 1, -1, -1):
        p, q = step[i, 0], step[i, 1]
        for k in range(lu_diagonal[i] + 1, lu_start[i + 1]):
            j = lu_node[k]
            p -= lu[k, 0] * step[j, 0] + lu[k, 1] * step[j, 1]
            q -= lu[k, 2] * step[j, 0] + lu[k, 3] * step[j, 1]
        step[i, 0] = inverse[i, 0] * p + inverse[i, 1] * q
        step[i, 1] = inverse[i, 2] * p + inverse[i, 3] * q


def solve_cases(
    y_start: Int, y_node: Int, y: Complex, kind: Int, island: Int, islands: int,
    lu_start: Int, lu_node: Int, lu_diagonal: Int,
    constant: Complex, with_v: Complex, with_v2: Complex,
    tolerance: float, iterations: int, voltage: Complex, mismatch: Float,
) -> None:  # fmt: skip
    """Solve load cases on all cores; write voltages and the largest mismatch of each island.

    Parameters
    ----------
    y_start, y_node, y
        Admittance matrix by rows, nodes in the order of elimination.
    kind
        By node: 0 slack, 1 voltage held, 2 power given.
    island, islands
        By node: its island; their number.
    lu_start, lu_node, lu_diagonal
        Pattern of the factors by rows, columns ascending, with the place of each diagonal.
    constant, with_v, with_v2
        Case × node, or 1 × node for all cases alike: power injected, its part in proportion to
        the voltage, and to its square, per unit.
    tolerance
        Largest mismatch of power of a solution, per unit.
    iterations
        Most steps.
    voltage
        Case × node: voltages to start from, written.
    mismatch
        Case × island, written.
    """
    cases, nodes = voltage.shape
    workers = min(os.cpu_count() or 1, cases)

    def work(begin: int, end: int) -> None:
        _solve(
            begin, end, y_start, y_node, y, kind, island, islands, lu_start, lu_node, lu_diagonal,
            constant, with_v, with_v2, tolerance, iterations, voltage, mismatch,
            np.empty((lu_node.size, 4)), np.empty((nodes, 4)), np.zeros((nodes, 4)),
            np.empty((nodes, 2)), np.empty(nodes, np.complex128), np.empty(nodes, np.complex128),
        )  # fmt: skip

    if cases * nodes < THREADED_FROM:
        work(0, cases)
        return
    # Some cases take more steps than others: small shares, so that no core waits long.
    shares = np.linspace(0, cases, min(cases, SHARES_PER_WORKER * workers) + 1).astype(int)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, shares[:-1].tolist(), shares[1:].tolist()))


@njit()
def _solve(
    begin: int, end: int,
    y_start: Int, y_node: Int, y: Complex, kind: Int, island: Int, islands: int,
    lu_start: Int, lu_node: Int, lu_diagonal: Int,
    constant: Complex, with_v: Complex, with_v2: Complex,
    tolerance: float, iterations: int, voltage: Complex, mismatch: Float,
    lu: Float, inverse: Float, row: Float, step: Float, power: Complex, slope: Complex,
) -> None:  # fmt: skip
    # Loops rather than slices: those bring much more to compile than the method itself.
    nodes = kind.size
    for case in range(begin, end):
        v = voltage[case]
        fixed = constant[case % constant.shape[0]]
        linear = with_v[case % with_v.shape[0]]
        square = with_v2[case % with_v2.shape[0]]
        for turn in range(iterations + 1):
            for n in range(islands):
                mismatch[case, n] = 0.0
            for i in range(nodes):
                total = 0.0j
                for k in range(y_start[i], y_start[i + 1]):
                    total += y[k] * v[y_node[k]]
                power[i] = v[i] * np.conj(total)
                m = abs(v[i])
                missing = power[i] - (fixed[i] + linear[i] * m + square[i] * m * m)
                slope[i] = -(linear[i] * m + 2.0 * square[i] * m * m)
                step[i, 0] = missing.real if kind[i] > 0 else 0.0
                step[i, 1] = missing.imag if kind[i] > 1 else 0.0
                worst = max(abs(step[i, 0]), abs(step[i, 1]))
                # Comparisons that NaN fails: an island that is lost stays so.
                if not worst <= mismatch[case, island[i]]:
                    mismatch[case, island[i]] = np.inf if np.isnan(worst) else worst
            left = 0
            for n in range(islands):
                if tolerance < mismatch[case, n] < np.inf:
                    left += 1
            if left == 0 or turn == iterations:
                break
            _eliminate(
                y_start, y_node, power, v, kind, y, slope, lu_start, lu_node,
                lu_diagonal, lu, inverse, row,
            )  # fmt: skip
            _substitute(lu_start, lu_node, lu_diagonal, lu, inverse, step)
            for i in range(nodes):
                if tolerance < mismatch[case, island[i]] < np.inf:
                    v[i] *= np.exp(complex(-step[i, 1], -step[i, 0]))
