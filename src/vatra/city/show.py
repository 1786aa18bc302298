"""Says what a city is, in words and a few figures."""

from __future__ import annotations

import pandas as pd

from vatra.city.model import City

_HOUSING = {
    "prewar_brick": "older brick",
    "brick_5": "five-storey brick",
    "panel_5": "five-storey panel",
    "panel_9": "nine-storey panel",
    "panel_9_late": "late panel",
    "panel_16": "sixteen-storey panel",
    "new_build": "new insulated",
    "private_house": "private houses",
}
_HEATING = {
    "district": "district heat",
    "gas": "gas",
    "electric": "electricity",
    "stove": "stoves",
}


def summarise_city(city: City) -> str:
    """Describe a city in plain words.

    Parameters
    ----------
    city
        The city.

    Returns
    -------
    str
        A few paragraphs: people, districts, housing, networks, what is assumed.
    """
    about = city.about
    name = f"{about.name} ({about.name_uk})" if about.name_uk else about.name
    kind = "a synthetic city" if about.synthetic else "a city"
    parts = [
        f"{name} is {kind} of {_people(city)}.",
        _districts(city),
        _housing(city),
        _power(city),
        _heat_and_water(city),
        _streets_and_sites(city),
        _assumed(city),
    ]
    return "\n\n".join(part for part in parts if part)


def rounded(value: float) -> str:
    """Write a number with three digits that count, and thousands set apart.

    Parameters
    ----------
    value
        The number.
    """
    if value == 0 or abs(value) < 1000:
        return f"{value:.3g}"
    digits = len(str(int(abs(value)))) - 3
    return f"{round(value, -digits):,.0f}"


def _people(city: City) -> str:
    blocks = city.blocks
    total = f"{rounded(city.residents)} residents"
    displaced = int(blocks["displaced"].sum())
    if displaced:
        total += f", {rounded(displaced)} of them displaced"
    vulnerable = {
        "under 3": int(blocks["infants"].sum()),
        "over 70": int(blocks["elderly"].sum()),
        "disabled or chronically ill": int(blocks["disabled"].sum()),
    }
    counted = [f"{rounded(count)} {who}" for who, count in vulnerable.items() if count]
    return f"{total}: {', '.join(counted)}" if counted else total


def _count(count: int, what: str, plural: str = "") -> str:
    return f"{rounded(count)} {what if count == 1 else plural or f'{what}s'}"


def _districts(city: City) -> str:
    residents = city.blocks.groupby("district_id")["residents"].sum()
    residents = residents.reindex(city.districts.index).fillna(0)
    rows = [
        f"  {name:<24} {rounded(int(residents[key])):>10}"
        for key, name in city.districts["name"].items()
    ]
    head = f"{_count(len(rows), 'district')}, residents:"
    return "\n".join([head, *rows])


def _shares(values: pd.Series, words: dict[str, str]) -> str:
    share = (values / values.sum()).sort_values(ascending=False, kind="stable")
    return ", ".join(
        f"{words[str(key)]} {part:.0%}" for key, part in share.items() if part >= 0.005
    )


def _housing(city: City) -> str:
    blocks = city.blocks
    if not city.residents:
        return ""
    homes = blocks.groupby("archetype")["residents"].sum()
    heating = blocks.groupby("heating")["residents"].sum()
    return (
        f"Housing: {_count(len(blocks), 'block')} with "
        f"{rounded(int(blocks['dwellings'].sum()))} dwellings. By residents: "
        f"{_shares(homes, _HOUSING)}. Heated by {_shares(heating, _HEATING)}."
    )


def _power(city: City) -> str:
    feeders = city.feeders
    protected, reserved = int(feeders["protected"].sum()), int(feeders["reserved"].sum())
    queues = feeders["queue"].nunique()
    sources = city.power_sources
    supply = (
        f" {_count(len(sources), 'source')} can give {rounded(sources['capacity_mw'].sum())} MW."
        if len(sources)
        else ""
    )
    return (
        f"Power: {rounded(city.about.known_peak_mw)} MW at the winter peak, of it "
        f"{rounded(feeders['critical_mw'].sum())} MW critical; "
        f"{_count(len(city.substations), 'substation')}, {_count(len(feeders), 'feeder')} "
        f"in {_count(queues, 'queue')}, {rounded(protected)} of them protected from cuts and "
        f"{rounded(reserved)} reserved for automatic shedding.{supply}"
    )


def _heat_and_water(city: City) -> str:
    sentences = []
    if len(city.heat_zones):
        sentences.append(
            f"District heat: {_count(len(city.heat_zones), 'zone')} that need "
            f"{rounded(city.heat_zones['design_mw'].sum())} MW on the coldest day, from "
            f"{_count(len(city.heat_sources), 'plant')}."
        )
    else:
        sentences.append("No district heat is known.")
    if len(city.water_zones):
        daily = city.water_zones["demand_m3_h"].sum() * 24
        sentences.append(
            f"Water: {_count(len(city.water_zones), 'pressure zone')}, {rounded(daily)} m³ a day, "
            f"{_count(len(city.pumps), 'pumping station')} for water and sewage."
        )
    else:
        sentences.append("No water network is known.")
    return " ".join(sentences)


def _streets_and_sites(city: City) -> str:
    length = rounded(city.streets["length_m"].sum() / 1000)
    bridges = city.streets["bridge"].nunique()
    if not len(city.sites):
        sites = "No building is known that could be a warm point."
    else:
        sites = (
            f"{_count(len(city.sites), 'building')} could be warm points and hold "
            f"{rounded(city.sites['capacity'].sum())} people at once."
        )
    return f"Streets: {length} km to walk, {_count(bridges, 'bridge')}. {sites}"


def _assumed(city: City) -> str:
    lines = []
    if city.about.assumptions:
        lines.append("Assumed:")
        lines += [f"  - {a.what} ({a.source})" for a in city.about.assumptions]
    rows = [
        f"{name} {frame['assumed'].mean():.0%}"
        for name, frame in city.tables().items()
        if "assumed" in frame and len(frame) and frame["assumed"].any()
    ]
    if rows:
        lines.append(f"Rows that were synthesised: {', '.join(rows)}.")
    lines += [f"Data: {text}" for text in city.about.attribution]
    return "\n".join(lines)
