"""AC check of an accepted switching: voltages, losses, and slots that have no operating point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vatra.networks.power_dispatch import Dispatch
from vatra.networks.power_flow.ac import PowerFlow, solve_ac

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]

REACTIVE_SHARE = 0.4
"""Reactive over active power of a 10 kV feeder: a power factor of 0.93; assumed. Operators in
Ukraine bill above 0.25 to 0.4."""

_SCALES = np.array([0.98, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
"""Shares of the load tried where all of it has no operating point."""


@dataclass(frozen=True)
class AcState:
    """Operating points of the slots of one state of damage.

    Parameters
    ----------
    solved
        By slot: whether every island has an operating point.
    voltage_pu
        Bus × slot; NaN where dark or without operating point.
    line_mw
        Branch × slot: active power at the end that carries more; NaN without operating point.
    supplied_mw, lost_mw
        By slot: what sources give, and what lines and transformers turn to heat; NaN likewise.
    short
        Bus × slot: True where power reaches and there is no operating point.
    keep_share
        By slot: largest share of the load of those buses, of the shares tried, that has an
        operating point; 1 where all of it has, NaN where none of them has.
    """

    solved: Bool
    voltage_pu: Float
    line_mw: Float
    supplied_mw: Float
    lost_mw: Float
    short: Bool
    keep_share: Float


def ac_state(dispatch: Dispatch, bus_mw: Float, bus_mvar: Float) -> AcState:
    """Solve the slots of one state of damage, all at once.

    Parameters
    ----------
    dispatch
        Islands and feeds.
    bus_mw, bus_mvar
        Bus × slot: what is drawn, 0 on dark buses.
    """
    flow = _solve(dispatch, bus_mw, bus_mvar)
    live = dispatch.live[:, None]
    short = live & np.isnan(flow.voltage_pu.T)
    keep = np.ones(bus_mw.shape[1])
    for slot in np.flatnonzero(~flow.solved):
        keep[slot] = _keep_share(dispatch, bus_mw[:, slot], bus_mvar[:, slot], short[:, slot])
    with np.errstate(invalid="ignore"):
        carried = np.fmax(np.abs(flow.from_mva.real), np.abs(flow.to_mva.real)).T
        lost = (flow.from_mva + flow.to_mva).real.sum(axis=1)
    supplied = _supplied(dispatch, flow, bus_mw)
    return AcState(
        solved=flow.solved, voltage_pu=flow.voltage_pu.T, line_mw=carried,
        supplied_mw=np.where(flow.solved, supplied, np.nan),
        lost_mw=np.where(flow.solved, lost, np.nan), short=short, keep_share=keep,
    )  # fmt: skip


def _solve(dispatch: Dispatch, bus_mw: Float, bus_mvar: Float) -> PowerFlow:
    grid, others = dispatch.grid()
    given = dispatch.given_mw(bus_mw)
    return solve_ac(
        grid,
        load_mva=(bus_mw + 1j * bus_mvar).T,
        generator_mw=given[others].T,
        branch_on=dispatch.branch_on,
        tolerance_mva=1e-6,
    )


def _keep_share(dispatch: Dispatch, mw: Float, mvar: Float, short: Bool) -> float:
    """Find the largest of the shares tried at which the short buses have an operating point."""
    scale = np.where(short[:, None], _SCALES[None, :], 1.0)
    flow = _solve(dispatch, mw[:, None] * scale, mvar[:, None] * scale)
    works = np.flatnonzero(flow.solved)
    return float(_SCALES[works[0]]) if works.size else float("nan")


def _supplied(dispatch: Dispatch, flow: PowerFlow, bus_mw: Float) -> Float:
    """By slot: what flows out of the buses that feeds sit on, and what those draw themselves."""
    fed = np.zeros(len(flow.grid.buses), dtype=np.bool_)
    fed[dispatch.feeds.bus[dispatch.can_mw > 0.0]] = True
    tail, head = (flow.grid.rows("branches", c) for c in ("from_bus", "to_bus"))
    out = flow.from_mva.real[:, fed[tail]].sum(axis=1) + flow.to_mva.real[:, fed[head]].sum(axis=1)
    return np.asarray(out + bus_mw[fed].sum(axis=0))
