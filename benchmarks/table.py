"""The table that every benchmark prints: case, figure, vatra, reference, ratio, verdict."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure.

    Parameters
    ----------
    case
        What was run.
    figure
        What is measured, with its unit.
    vatra
        Vatra's value.
    reference
        The peer's value, the known optimum or the figure to meet; None where there is none.
    more_is_better
        Whether the value should be at least the reference, not at most.
    """

    case: str
    figure: str
    vatra: float
    reference: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """Vatra's value over the reference."""
        return self.vatra / self.reference if self.reference else None

    @property
    def verdict(self) -> str:
        """Whether the reference is met; empty where there is none."""
        if self.reference is None:
            return ""
        slack = 1e-9 * max(1.0, abs(self.reference))
        if self.more_is_better:
            return "met" if self.vatra >= self.reference - slack else "MISSED"
        return "met" if self.vatra <= self.reference + slack else "MISSED"


def show(rows: list[Row], *, as_json: bool) -> None:
    """Print the rows, for people or for machines."""
    if as_json:
        print(
            json.dumps(
                [
                    {
                        "case": r.case, "figure": r.figure.strip(), "vatra": r.vatra,
                        "reference": r.reference, "ratio": r.ratio, "verdict": r.verdict,
                    }
                    for r in rows
                ],
                indent=1,
            )
        )  # fmt: skip
        return
    header = ("case", "figure", "vatra", "reference", "ratio", "verdict")
    cells = [
        (
            r.case, r.figure, f"{r.vatra:,.4g}" if abs(r.vatra) < 1e4 else f"{r.vatra:,.0f}",
            "" if r.reference is None else f"{r.reference:,.6g}",
            "" if r.ratio is None else f"{r.ratio:.3f}", r.verdict,
        )
        for r in rows
    ]  # fmt: skip
    widths = [max(len(row[i]) for row in [header, *cells]) for i in range(6)]
    for row in [header, *cells]:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
