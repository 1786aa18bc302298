"""What is assumed of people on the move, of roads, trains and buses in winter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MoveRules:
    """Parameters of a relocation. All of them are assumed where no source is named.

    Parameters
    ----------
    car_share
        Share of people whose household has a car with fuel and a driver.
    car_people
        People in a car.
    companions
        People who travel with each infant, elderly or disabled person and count as vulnerable.
    lane_cars_h
        Cars a lane and hour at capacity on a road out (1,900: multilane highways, HCM).
    breakdown_share
        Share of that up to which a road is filled, so that it doesn't break down.
    winter_share
        Share that is left of roads and of the speed of buses at or below 0 °C (snow takes 4 to
        30 %, HCM).
    dark_share
        Share of road capacity that is left in the dark.
    daylight
        Local hours from and until which it is light; late November at 50° north.
    curfew
        Local hours from and until which private cars don't move; None for no curfew. Trains, and
        buses by their own hours, run on.
    fuel_share
        Share of cars and buses that have fuel.
    bus_load_h
        Hours a bus stands at both ends of a round trip.
    road_ready_h, bus_ready_h, rail_ready_h
        Hours from the decision until roads are policed, buses are at the pick-up points, and
        trains are at the platforms.
    pack_h
        Hours from the decision until the first people leave home.
    pickup_walk_m
        Longest walk to a pick-up point, metres.
    detour
        Distance of shuttle buses over distance as the crow flies.
    pickup_people_h
        People whom a pick-up point sends off in an hour: a bus of 45 every ten minutes.
    shuttle_km_h
        Speed of shuttle buses from pick-up points to stations.
    inner_lane_cars_h
        Cars a lane and hour inside the city, through junctions.
    urgent_h
        Hours before the deadline within which people go before others of their tier.
    cell_m
        Side of the squares into which districts are cut, metres.
    step_h
        Length of a step of the plan, hours.
    most_days
        Longest plan, days; who isn't out by then is left without a way.
    notice_h
        Hours of notice before a failure of the grid (12: the city's security director, 2022).
    """

    car_share: float = 0.6
    car_people: float = 2.5
    companions: float = 0.5
    lane_cars_h: float = 1900.0
    breakdown_share: float = 0.85
    winter_share: float = 0.8
    dark_share: float = 0.85
    daylight: tuple[float, float] = (8.0, 16.0)
    curfew: tuple[float, float] | None = (23.0, 5.0)
    fuel_share: float = 1.0
    bus_load_h: float = 1.0
    road_ready_h: float = 2.0
    bus_ready_h: float = 4.0
    rail_ready_h: float = 6.0
    pack_h: float = 2.0
    pickup_walk_m: float = 1000.0
    detour: float = 1.3
    pickup_people_h: float = 270.0
    shuttle_km_h: float = 15.0
    inner_lane_cars_h: float = 700.0
    urgent_h: float = 24.0
    cell_m: float = 3000.0
    step_h: float = 1.0
    most_days: float = 15.0
    notice_h: float = 12.0
