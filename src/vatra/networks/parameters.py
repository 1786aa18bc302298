"""What is assumed of the networks beyond the city's tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NetworkParameters:
    """What is assumed of the networks. All of it can be varied in ensembles.

    Parameters
    ----------
    design_outdoor_c
        Outdoor temperature at which a heat zone needs its design heat, °C; −22 for Kyiv.
    indoor_c
        Indoor temperature at which it needs none, °C.
    source_ramp_h
        Hours that a heat source takes from standstill to full heat; assumed. Faster ramps break
        pipes.
    makeup_share
        Share of its zone's water below which a heat source gets no make-up water; assumed.
    makeup_buffer_h
        Hours that a heat source runs without make-up water; assumed.
    tank_start_share
        How full the water tanks are before the first slot; assumed.
    sewage_flow_share
        Inflow of a sewage catchment relative to the capacity of its pumps; assumed.
    refuel_h
        Hours after which a backup generator's fuel is full again; infinite for no refuelling.
    chp_islands
        Whether CHP plants can carry an island that the grid doesn't reach.
    """

    design_outdoor_c: float = -22.0
    indoor_c: float = 20.0
    source_ramp_h: float = 4.0
    makeup_share: float = 0.2
    makeup_buffer_h: float = 6.0
    tank_start_share: float = 0.8
    sewage_flow_share: float = 0.5
    refuel_h: float = float("inf")
    chp_islands: bool = True
