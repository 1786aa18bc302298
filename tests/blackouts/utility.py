"""A small utility's files: feeders, a limit, and ways to spoil them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

FEEDERS = (
    "feeder,substation,district,queue,customers,residents,peak_mw,critical_mw,reserved,protected,"
    "switching"
)
LIMIT = "start,limit_mw\n2022-11-24T00:00:00+02:00,{limit}\n2022-11-24T16:00:00+02:00,{evening}\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def feeder_rows(count: int, seed: int = 0) -> str:
    rng = np.random.default_rng(seed)
    lines = [FEEDERS]
    for i in range(count):
        peak = rng.lognormal(0.5, 0.4)
        mixed = 0.2 * peak if rng.random() < 0.3 else 0.0
        lines.append(
            f"F-{i:03d},S-{i // 6},D-{i % 2},{1 + i // 2 % 3}.{1 + i % 2},"
            f"{rng.integers(100, 900)},{rng.integers(300, 2000)},{peak:.3f},{mixed:.3f},"
            f"{'yes' if i % 11 == 5 else 'no'},{'yes' if i % 9 == 4 else ''},"
            f"{'manual' if i % 5 == 0 else 'remote'}"
        )
    return "\n".join(lines) + "\n"


def write_utility(folder: Path, count: int = 24, seed: int = 0) -> tuple[Path, Path]:
    """Write FEEDERS.csv and LIMIT.csv; about half of the peak may be drawn."""
    feeders = write(folder, "FEEDERS.csv", feeder_rows(count, seed))
    text = LIMIT.format(limit=f"{0.9 * count:.1f}", evening=f"{0.8 * count:.1f}")
    return feeders, write(folder, "LIMIT.csv", text)
