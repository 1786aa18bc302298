"""A mixed-integer program put together row by row, for SciPy's HiGHS."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

Float = NDArray[np.float64]
Int = NDArray[np.int64]


@dataclass(frozen=True)
class Answer:
    """What the solver found.

    Parameters
    ----------
    value
        By variable; empty where nothing was found in time.
    objective
        Its worth; NaN where nothing was found.
    bound
        What no answer is worth more than; infinite where there is none.
    """

    value: Float
    objective: float
    bound: float

    @property
    def gap(self) -> float:
        """How far the answer can be from the best, relative to the bound."""
        if not math.isfinite(self.bound) or math.isnan(self.objective):
            return math.inf
        return max(self.bound - self.objective, 0.0) / max(abs(self.bound), 1e-9)


@dataclass
class Program:
    """Variables and rows, added one block after another; the worth is maximised."""

    lower: list[Float] = field(default_factory=list)
    upper: list[Float] = field(default_factory=list)
    whole: list[Int] = field(default_factory=list)
    worth: list[Float] = field(default_factory=list)
    rows: list[Int] = field(default_factory=list)
    columns: list[Int] = field(default_factory=list)
    values: list[Float] = field(default_factory=list)
    least: list[Float] = field(default_factory=list)
    most: list[Float] = field(default_factory=list)
    variables: int = 0
    count: int = 0

    def add(
        self, shape: tuple[int, ...], lower: ArrayLike = 0.0, upper: ArrayLike = 1.0, *,
        worth: ArrayLike = 0.0, whole: bool = False,
    ) -> Int:  # fmt: skip
        """Add a block of variables; return their numbers in its shape.

        Parameters
        ----------
        shape
            Shape of the block.
        lower, upper
            Bounds, of the shape or wider.
        worth
            What a unit of each is worth.
        whole
            Whether they are whole numbers.
        """
        size = int(np.prod(shape))
        for held, given in ((self.lower, lower), (self.upper, upper), (self.worth, worth)):
            held.append(np.broadcast_to(np.asarray(given, np.float64), shape).ravel())
        self.whole.append(np.full(size, int(whole), dtype=np.int64))
        first = self.variables
        self.variables += size
        return np.arange(first, first + size, dtype=np.int64).reshape(shape)

    def row_block(self, count: int, least: ArrayLike = -np.inf, most: ArrayLike = np.inf) -> Int:
        """Add rows without entries; return their numbers.

        Parameters
        ----------
        count
            How many.
        least, most
            Between which their sums lie.
        """
        self.least.append(np.broadcast_to(np.asarray(least, np.float64), (count,)).copy())
        self.most.append(np.broadcast_to(np.asarray(most, np.float64), (count,)).copy())
        first = self.count
        self.count += count
        return np.arange(first, first + count, dtype=np.int64)

    def put(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike) -> None:
        """Add entries; what stands in the same place is summed.

        Parameters
        ----------
        rows, columns, values
            Of like shape, or such that they can be spread over one another.
        """
        spread = np.broadcast_arrays(
            np.asarray(rows, np.int64), np.asarray(columns, np.int64),
            np.asarray(values, np.float64),
        )  # fmt: skip
        for held, given in zip((self.rows, self.columns, self.values), spread, strict=True):
            held.append(given.ravel())  # type: ignore[attr-defined]

    def solve(self, *, gap: float = 1e-4, seconds: float = 60.0, relaxed: bool = False) -> Answer:
        """Find the best variables, or good ones with a bound.

        Parameters
        ----------
        gap
            Relative distance from the bound at which to stop.
        seconds
            Time at which to stop.
        relaxed
            Whether whole numbers may be broken.
        """
        worth = np.concatenate(self.worth)
        matrix = coo_array(
            (
                np.concatenate(self.values),
                (np.concatenate(self.rows), np.concatenate(self.columns)),
            ),
            shape=(self.count, self.variables),
        ).tocsr()
        found = milp(
            -worth,
            integrality=None if relaxed else np.concatenate(self.whole),
            bounds=Bounds(np.concatenate(self.lower), np.concatenate(self.upper)),
            constraints=LinearConstraint(
                matrix, np.concatenate(self.least), np.concatenate(self.most)
            ),
            options={"mip_rel_gap": gap, "time_limit": seconds},
        )
        bound = getattr(found, "mip_dual_bound", None)
        best = math.inf if bound is None else -float(bound)
        values: Float | None = found.x
        if values is None:
            return Answer(np.empty(0), math.nan, best)
        objective = float(worth @ values)
        if bound is None and found.status == 0:
            best = objective
        return Answer(np.asarray(values), objective, max(best, objective))
