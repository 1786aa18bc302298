"""What a city is made of: every table, its columns, units, ranges and references.

This is the one place that says what a city's tables hold. Reading, writing, checking, the
documentation of the format and the synthetic city all follow it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["id", "ref", "text", "int", "float", "bool", "choice"]

ARCHETYPES = (
    "prewar_brick",
    "brick_5",
    "panel_5",
    "panel_9",
    "panel_9_late",
    "panel_16",
    "new_build",
    "private_house",
)
"""Housing archetypes; `vatra.homes` holds their physics."""

HEATING = ("district", "gas", "electric", "stove")
CUSTOMER_KINDS = (
    "hospital", "water", "sewage", "heat", "emergency", "telecom", "transport",
    "school", "office", "shop", "industry",
)  # fmt: skip
SITE_KINDS = (
    "school", "kindergarten", "college", "hall", "library", "clinic", "station",
    "worship", "sports", "office", "shop", "other",
)  # fmt: skip
SITE_STATUS = ("candidate", "open", "closed", "unverified")
STREET_RANKS = ("primary", "secondary", "residential", "path")
WAY_KINDS = ("road", "rail", "bus")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        Name, with its unit where it has one.
    kind
        What its values are. ``ref`` is the id of a row in the table `refers_to`.
    about
        What it says, for the documentation and for messages.
    unit
        Unit of measurement, empty where there is none.
    minimum, maximum
        Range of values allowed, ends included.
    choices
        Values allowed, of a ``choice``.
    refers_to
        Table that a ``ref`` points into; several where the id may be in any of them.
    nullable
        Whether a value may be missing.
    default
        What a missing column is filled with; None where the column must be there.
    """

    name: str
    kind: Kind
    about: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    nullable: bool = False
    default: object = None


@dataclass(frozen=True)
class Table:
    """One table of a city, a layer of its GeoPackage.

    Parameters
    ----------
    name
        Name of the layer and of the attribute of `City`.
    about
        What a row is.
    columns
        Its columns, the id first.
    geometry
        Geometry types allowed; empty for a table without geometry.
    required
        Whether a city needs at least one row.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    geometry: tuple[str, ...] = ()
    required: bool = False
    column: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", {c.name: c for c in self.columns})

    @property
    def id(self) -> str:
        """Name of the id column."""
        return self.columns[0].name


def _id(name: str, about: str = "Unique id") -> Column:
    return Column(name, "id", about)


def _ref(name: str, table: str | tuple[str, ...], about: str, *, nullable: bool = False) -> Column:
    tables = (table,) if isinstance(table, str) else table
    return Column(name, "ref", about, refers_to=tables, nullable=nullable)


def _count(name: str, about: str, *, default: object = None) -> Column:
    return Column(name, "int", about, unit="1", minimum=0, default=default)


def _number(
    name: str, unit: str, about: str, *, nullable: bool = False, default: object = None,
    minimum: float = 0.0, maximum: float | None = None,
) -> Column:  # fmt: skip
    return Column(name, "float", about, unit, minimum, maximum, nullable=nullable, default=default)


def _flag(name: str, about: str, *, default: object = False) -> Column:
    return Column(name, "bool", about, default=default)


_ASSUMED = _flag("assumed", "True where the row was synthesised, not known")
_BACKUP = (
    _number("backup_mw", "MW", "Own generation that starts when the feeder is dark", default=0.0),
    _number("backup_fuel_h", "h", "Hours that the fuel on site lasts at full load", default=0.0),
)

TABLES: tuple[Table, ...] = (
    Table(
        "districts",
        "An administrative district",
        (
            _id("district_id"),
            Column("name", "text", "Name in English"),
            Column("name_uk", "text", "Name in Ukrainian", default=""),
        ),
        ("Polygon", "MultiPolygon"),
        required=True,
    ),
    Table(
        "water_bodies",
        "A river or lake, for maps",
        (_id("water_body_id"), Column("name", "text", "Name", default="")),
        ("Polygon", "MultiPolygon"),
    ),
    Table(
        "blocks",
        "A residential building, or a group of like houses: the smallest unit of people",
        (
            _id("block_id"),
            _ref("district_id", "districts", "District"),
            Column("archetype", "choice", "Kind of building", choices=ARCHETYPES),
            Column("floors", "int", "Floors above ground", "1", 1, 60),
            _count("dwellings", "Flats or houses; each is one electricity customer"),
            _number("floor_area_m2", "m²", "Heated floor area of all dwellings"),
            _count("residents", "People who live here now, displaced people included"),
            _count("displaced", "Of them displaced", default=0),
            _count("infants", "Of them under 3 years old", default=0),
            _count("elderly", "Of them over 70, not counted as infants or disabled", default=0),
            _count("disabled", "Of them disabled or chronically ill", default=0),
            Column("heating", "choice", "How it is heated", choices=HEATING),
            _flag(
                "pumped_heat", "True where the heat point needs its feeder's power", default=True
            ),
            _flag("gas_stove", "True where flats cook with gas"),
            _ref("feeder_id", "feeders", "10 kV feeder"),
            _ref("heat_zone_id", "heat_zones", "District heat zone", nullable=True),
            _ref("water_zone_id", "water_zones", "Water pressure zone", nullable=True),
            _ref("sewage_zone_id", "sewage_zones", "Sewage catchment", nullable=True),
            _ASSUMED,
        ),
        ("Point", "Polygon", "MultiPolygon"),
        required=True,
    ),
    Table(
        "power_sources",
        "Where power enters the city's 110 kV network: bulk supply points and CHP plants",
        (
            _id("power_source_id"),
            Column("kind", "choice", "Kind of source", choices=("grid", "chp")),
            _ref("substation_id", "substations", "Substation that it feeds"),
            _number("capacity_mw", "MW", "Most that it can give"),
            _ASSUMED,
        ),
        ("Point",),
    ),
    Table(
        "substations",
        "A 110/10 kV substation",
        (
            _id("substation_id"),
            Column("name", "text", "Name", default=""),
            _ref("district_id", "districts", "District"),
            _number("capacity_mw", "MW", "Most that it may carry"),
            Column("bus", "text", "Id of its bus in the power model", nullable=True),
            _ASSUMED,
        ),
        ("Point",),
        required=True,
    ),
    Table(
        "lines",
        "A 110 kV line between two substations",
        (
            _id("line_id"),
            _ref("from_id", "substations", "One end"),
            _ref("to_id", "substations", "Other end"),
            _number("capacity_mw", "MW", "Most that it may carry"),
            _ASSUMED,
        ),
        ("LineString",),
    ),
    Table(
        "feeders",
        "A 10 kV feeder: what a dispatcher can switch",
        (
            _id("feeder_id"),
            _ref("substation_id", "substations", "Substation that feeds it"),
            Column("queue", "text", "Queue of the public schedule, for example 3.2", nullable=True),
            _number("peak_mw", "MW", "Load at the city's winter peak, critical part included"),
            _number("critical_mw", "MW", "Of it, critical customers", default=0.0),
            _count("customers", "Electricity customers"),
            _flag("protected", "True where planned cuts must not touch it"),
            _flag("reserved", "True where it is kept for automatic under-frequency shedding"),
            Column(
                "switching",
                "choice",
                "How it is switched",
                choices=("remote", "manual"),
                default="remote",
            ),
            _number("capacity_mw", "MW", "Most that it may carry"),
            _ASSUMED,
        ),
        ("LineString", "MultiLineString", "Point"),
        required=True,
    ),
    Table(
        "customers",
        "A customer that is not a dwelling: hospitals, pumps, boiler houses, offices, industry",
        (
            _id("customer_id"),
            Column("name", "text", "Name", default=""),
            Column("kind", "choice", "Kind of customer", choices=CUSTOMER_KINDS),
            _ref("feeder_id", "feeders", "10 kV feeder"),
            _number("peak_mw", "MW", "Load at the winter peak"),
            _flag("critical", "True where it must be kept"),
            *_BACKUP,
            _ASSUMED,
        ),
        ("Point",),
    ),
    Table(
        "heat_zones",
        "An area heated by the same district heat sources",
        (
            _id("heat_zone_id"),
            Column("name", "text", "Name", default=""),
            _number("design_mw", "MW", "Heat that it needs at the design temperature"),
            _ASSUMED,
        ),
    ),
    Table(
        "heat_sources",
        "A CHP plant or boiler house",
        (
            _id("heat_source_id"),
            Column("name", "text", "Name", default=""),
            Column("kind", "choice", "Kind of plant", choices=("chp", "boiler_house")),
            _ref("heat_zone_id", "heat_zones", "Zone that it heats"),
            _number("capacity_mw", "MW", "Heat that it can give"),
            _number("electric_mw", "MW", "Power that its pumps and burners need"),
            _ref("feeder_id", "feeders", "10 kV feeder that it lives on"),
            _ref("water_zone_id", "water_zones", "Where make-up water comes from", nullable=True),
            *_BACKUP,
            _ASSUMED,
        ),
        ("Point",),
    ),
    Table(
        "water_zones",
        "An area of one water pressure zone",
        (
            _id("water_zone_id"),
            Column("name", "text", "Name", default=""),
            _number("demand_m3_h", "m³/h", "Mean demand of an ordinary day"),
            _number("tank_m3", "m³", "Usable storage in tanks that feed it", default=0.0),
            _count("gravity_floors", "Floors that mains pressure reaches", default=5),
            _ASSUMED,
        ),
    ),
    Table(
        "water_nodes",
        "A node of the model in `water.inp`; without this table a zone's node bears its id",
        (
            _id("node_id", "Id of the node in `water.inp`"),
            _ref("water_zone_id", "water_zones", "Zone that draws its water there"),
            _ASSUMED,
        ),
    ),
    Table(
        "sewage_zones",
        "A catchment drained by the same sewage pumps",
        (
            _id("sewage_zone_id"),
            Column("name", "text", "Name", default=""),
            _number("buffer_h", "h", "Hours until it overflows when pumps stop", default=4.0),
            _ASSUMED,
        ),
    ),
    Table(
        "pumps",
        "A water works, a water pumping station or a sewage pumping station",
        (
            _id("pump_id", "Unique id; a pump of `water.inp` that stands here bears the same"),
            Column("name", "text", "Name", default=""),
            Column("kind", "choice", "What it lifts", choices=("water_works", "water", "sewage")),
            _ref(
                "water_zone_id",
                "water_zones",
                "Zone that it feeds; none for water works, which feed all",
                nullable=True,
            ),
            _ref("sewage_zone_id", "sewage_zones", "Catchment that it drains", nullable=True),
            _number("capacity_m3_h", "m³/h", "Most that it lifts"),
            _number("electric_mw", "MW", "Power at full load"),
            _ref("feeder_id", "feeders", "10 kV feeder that it lives on"),
            *_BACKUP,
            _ASSUMED,
        ),
        ("Point",),
    ),
    Table(
        "sites",
        "A building that could be a warm point",
        (
            _id("site_id"),
            Column("name", "text", "Name", default=""),
            Column("kind", "choice", "Kind of building", choices=SITE_KINDS),
            _ref("district_id", "districts", "District"),
            _number("floor_area_m2", "m²", "Floor area that people can use"),
            _count("capacity", "People whom it can hold at once"),
            _ref("feeder_id", "feeders", "10 kV feeder", nullable=True),
            _ref("heat_zone_id", "heat_zones", "District heat zone", nullable=True),
            _ref("water_zone_id", "water_zones", "Water pressure zone", nullable=True),
            *_BACKUP,
            _flag("shelter", "True where a shelter from air raids is inside or next door"),
            Column("status", "choice", "Known state", choices=SITE_STATUS, default="candidate"),
            _ASSUMED,
        ),
        ("Point", "Polygon", "MultiPolygon"),
    ),
    Table(
        "streets",
        "A stretch of street between two junctions that people can walk",
        (
            _id("street_id"),
            Column("from_node", "int", "Junction at its start", "1", 0),
            Column("to_node", "int", "Junction at its end", "1", 0),
            _number("length_m", "m", "Length"),
            Column("rank", "choice", "Rank", choices=STREET_RANKS, default="residential"),
            Column("bridge", "text", "Name of the bridge that it is part of", nullable=True),
        ),
        ("LineString",),
        required=True,
    ),
    Table(
        "destinations",
        "A town or region outside that can take people in",
        (
            _id("destination_id"),
            Column("name", "text", "Name in English"),
            Column("name_uk", "text", "Name in Ukrainian", default=""),
            _count("beds", "People whom it can take in"),
            _flag("own_heat", "True where its heat doesn't hang on the city's networks"),
            _flag("own_water", "True where its water doesn't"),
            _ref(
                "beyond_id", "destinations", "Where those go on to who find no bed", nullable=True
            ),
            _number("beyond_h", "h", "Hours on the way there", default=0.0),
            _ASSUMED,
        ),
    ),
    Table(
        "ways_out",
        "A road, railway station or bus line by which people leave the city",
        (
            _id("way_id"),
            Column("name", "text", "Name in English", default=""),
            Column("name_uk", "text", "Name in Ukrainian", default=""),
            Column("kind", "choice", "Kind of way", choices=WAY_KINDS),
            _ref("destination_id", "destinations", "Where it leads"),
            _ref("district_id", "districts", "Only district that it serves", nullable=True),
            _number("travel_h", "h", "Hours from here to there"),
            _number("lanes", "1", "Of a road, lanes out of the city", default=0.0),
            _number("trains_h", "1/h", "Of a railway, trains an hour", default=0.0),
            _count("train_people", "People whom a train takes", default=1200),
            _count("buses", "Of a bus line, buses that go to and fro", default=0),
            _count("bus_people", "People whom a bus takes", default=45),
            _number("first_hour", "h", "Local hour from which it runs", default=0.0, maximum=24.0),
            _number("last_hour", "h", "Local hour until which it runs", default=24.0, maximum=24.0),
            _ASSUMED,
        ),
        ("Point",),
    ),
)

TABLE: dict[str, Table] = {table.name: table for table in TABLES}
"""The tables by name."""
