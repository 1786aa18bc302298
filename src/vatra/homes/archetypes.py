"""What each kind of building is made of, thermally, and what is assumed of the people in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vatra.city.schema import ARCHETYPES


@dataclass(frozen=True)
class Archetype:
    """Thermal figures of one kind of building, per m² of heated floor.

    Heat is lost from the air directly (windows and air exchange) and from the heavy mass (walls,
    roof, floor); air and mass exchange heat with each other.

    Parameters
    ----------
    loss_w_m2k
        Heat loss per kelvin between the air inside and outside, W/m²K: transmission and air
        exchange of the building's mean flat.
    direct_share
        Share of it that bypasses the heavy mass: windows and air exchange.
    cooling_tau_h
        Time constant of cooling of the mean flat, hours: that of the single exponential which is as
        warm after two days without heat. The heavy mass follows from it
        (`vatra.homes.two_node.slow_time_constant`).
    aperture
        Solar heat inside per W/m² of global horizontal irradiance, m² per m² of floor: windows
        0.15-0.20 m²/m² × transmittance 0.6 × frame 0.7 × shade 0.6 × mean of four façades 0.8.
    top_corner_factor
        Loss of a flat in the top corner relative to the mean flat.
    source
        Where loss and time constant come from.
    top_corner_share
        Share of flats in the top corners: four of a usual building of its kind.
    cold_spot_factor
        Of the coldest place with heating pipes, stairs, attic or cellar: its share of the way from
        the indoor to the outdoor temperature; EN 12831, factors of unheated rooms (stairs with an
        outer door 0.6, cellar with windows 0.8, attic without insulation 0.9, one outer wall 0.4).
    cold_spot_tau_h
        Hours in which that place follows; assumed: 4 for an attic, 12 for a cellar or stairs.
    """

    loss_w_m2k: float
    direct_share: float
    cooling_tau_h: float
    aperture: float
    top_corner_factor: float
    source: str
    top_corner_share: float
    cold_spot_factor: float
    cold_spot_tau_h: float


PHYSICS: dict[str, Archetype] = {
    "prewar_brick": Archetype(
        2.22, 0.40, 75.0, 0.030, 1.4,
        "Loss: TABULA CZ.AB.01. Time constant: coefficient of accumulation of walls 2½ bricks "
        "thick, 65-100 h in the middle and 60-65 h in the corner of a building.",
        top_corner_share=4 / 32, cold_spot_factor=0.9, cold_spot_tau_h=4.0,
    ),
    "brick_5": Archetype(
        2.66, 0.40, 60.0, 0.032, 1.5,
        "Loss: TABULA PL.MFH.02. Time constant: measured 51 and 66 h in an uninsulated brick "
        "building (Baumit VIVA park).",
        top_corner_share=4 / 80, cold_spot_factor=0.9, cold_spot_tau_h=4.0,
    ),
    "panel_5": Archetype(
        2.90, 0.40, 50.0, 0.032, 1.7,
        "Loss: assumed, between TABULA CZ.AB.04 (2.28) and RS.AB.04 (4.45, which would need "
        "twice the heat that such buildings are known to use). Time constant: coefficient of "
        "accumulation of the series K7-3 51 h and 1-605A 77 h in the middle, 32-46 h in corners.",
        top_corner_share=4 / 80, cold_spot_factor=0.8, cold_spot_tau_h=12.0,
    ),
    "panel_9": Archetype(
        2.28, 0.45, 57.0, 0.034, 1.6,
        "Loss: TABULA CZ.AB.04. Time constant: as for the panel series, 46-77 h.",
        top_corner_share=4 / 144, cold_spot_factor=0.6, cold_spot_tau_h=12.0,
    ),
    "panel_9_late": Archetype(
        1.67, 0.50, 66.0, 0.034, 1.6,
        "Loss: TABULA CZ.AB.05. Time constant: assumed, the capacity of the older panels with "
        "the lower loss.",
        top_corner_share=4 / 144, cold_spot_factor=0.6, cold_spot_tau_h=12.0,
    ),
    "panel_16": Archetype(
        1.90, 0.50, 52.0, 0.036, 1.6,
        "Loss: assumed, between TABULA BG.AB.04 (1.55) and PL.AB.03 (2.34). Time constant: "
        "assumed below that of nine floors, as engineers in Kyiv say that these cool first.",
        top_corner_share=4 / 128, cold_spot_factor=0.6, cold_spot_tau_h=12.0,
    ),
    "new_build": Archetype(
        1.04, 0.60, 120.0, 0.040, 1.5,
        "Loss: TABULA PL.AB.06. Time constant: between measured 97 h (light, insulated) and "
        "191 h (massive, insulated, Baumit VIVA park).",
        top_corner_share=4 / 200, cold_spot_factor=0.4, cold_spot_tau_h=12.0,
    ),
    "private_house": Archetype(
        2.80, 0.35, 51.0, 0.036, 1.0,
        "Assumed: uninsulated masonry house, loss as of five-floor brick with more envelope; "
        "time constant as measured in an uninsulated brick building (51 h).",
        top_corner_share=0.0, cold_spot_factor=0.4, cold_spot_tau_h=12.0,
    ),
}  # fmt: skip
"""Physics of each of `vatra.city.schema.ARCHETYPES`.

The TABULA figure of heat capacity, 45 Wh/m²K for every building, isn't used: it would give time
constants of 10-29 h for old buildings where 42-77 h and more are measured.
"""

COUPLING_W_M2K = 9.2
"""Air to heavy mass, W/K per m² of floor: 3.45 W/m²K × 4.5 m²/m² (air to surfaces) in series
with 9.1 W/m²K × 2.5 m²/m² (surfaces to mass), ISO 13790 5R1C."""

LIGHT_WH_M2K = 20.0
"""Heat capacity of air, furniture and surfaces, Wh/K per m²; assumed: air 1, furniture and goods
of 40 kg at 1.3 kJ/kgK 14, a centimetre of plaster on a quarter of the surfaces 5. ISO 52016-1 has
2.8 for air and furniture without surfaces, with which flats would lose 4 K within an hour; nobody
reports that, see `docs/validation.md`."""


@dataclass(frozen=True)
class HomeParameters:
    """What is assumed of homes beyond their archetype. All of it can be varied in ensembles.

    Parameters
    ----------
    mass_factor
        Factor on the heavy mass, one figure or one a block. Measured time constants of like
        buildings differ by about ±35 %, claims in the press by a factor of ten.
    loss_factor
        Factor on the heat loss, one figure or one a block.
    setpoint_c
        Indoor temperature that the heating holds, °C.
    initial_c
        Indoor temperature before the first slot, °C, in balance with the outdoors.
    design_outdoor_c
        Outdoor temperature for which heating is designed, °C; −22 for Kyiv.
    heater_setpoint_c
        Temperature at which people stop their electric heaters, °C; assumed, the WHO guideline.
    heater_share
        Share of dwellings that own an electric heater; assumed.
    heater_spread_k
        Half the width of the band of its mean temperature in which a building's heaters go from all
        to as many as hold it. It is narrow even where set temperatures differ by ±1.5 K, as after a
        cut each flat is about as far below its own: found with 600 thermostats stepped by minutes.
    heater_kw
        Power of the heaters of such a dwelling, kW; 1-2 kW are usual.
    gas_unpowered_share
        Share of gas heating that works with no electricity; assumed (boilers without pumps).
    people_w
        Heat of a resident at home, W.
    appliance_w_m2
        Mean heat of appliances and light where there is power, W/m²; with people about the
        3 W/m² of TABULA and ISO 13790.
    stove_kw
        Mean heat that a dwelling in the cold gets from its gas stove, kW; assumed. It dries up
        the oxygen and makes carbon monoxide, so nobody should.
    one_room_share
        Share of residents who live in one room of theirs when it is cold, with all heaters in it.
    one_room_area
        Area of that room relative to the dwelling; assumed.
    between_rooms_w_m2k
        Heat that the room loses to the rest of the dwelling, W/K per m² of dwelling: 25 m² of inner
        walls and doors at 2 W/m²K in a flat of 55 m².
    convective_share
        Share of the heat of radiators, heaters, people and appliances that goes to the air.
    emission_per_k
        Extra heat of a radiator for each kelvin that a room is colder than the set temperature:
        1.3 (the radiators' exponent) over 62.5 K (95/70 °C water, 20 °C room).
    heat_ramp_h
        Hours in which a building's radiators warm up when district heat comes back, and cool down
        when it stops; assumed: the heat in about 0.8 l of water for each m² of floor.
    """

    mass_factor: ArrayLike = 1.0
    loss_factor: ArrayLike = 1.0
    setpoint_c: float = 20.0
    initial_c: float = 20.0
    design_outdoor_c: float = -22.0
    heater_setpoint_c: float = 18.0
    heater_spread_k: float = 0.25
    heater_share: float = 0.6
    heater_kw: float = 1.5
    gas_unpowered_share: float = 0.3
    people_w: float = 70.0
    appliance_w_m2: float = 2.0
    stove_kw: float = 0.3
    one_room_share: float = 0.0
    one_room_area: float = 0.33
    between_rooms_w_m2k: float = 0.9
    convective_share: float = 0.7
    emission_per_k: float = 1.3 / 62.5
    heat_ramp_h: float = 1.0


def physics_table() -> NDArray[np.float64]:
    """Return the physics as an array, one row an archetype in the order of the schema.

    Returns
    -------
    NDArray[np.float64]
        Columns: loss W/m²K, direct share, time constant h, aperture, top corner factor and share,
        cold spot's factor and time constant h.
    """
    rows = [PHYSICS[name] for name in ARCHETYPES]
    return np.array(
        [
            [
                r.loss_w_m2k,
                r.direct_share,
                r.cooling_tau_h,
                r.aperture,
                r.top_corner_factor,
                r.top_corner_share,
                r.cold_spot_factor,
                r.cold_spot_tau_h,
            ]
            for r in rows
        ]
    )
