"""What an import left out, repaired, guessed and assumed, in sentences."""

from __future__ import annotations

from vatra.city.model import Assumption
from vatra.city.osm_buildings import Buildings
from vatra.city.osm_people import Housed
from vatra.city.osm_read import OsmExtract
from vatra.city.osm_sites import OsmSites
from vatra.city.osm_streets import OsmStreets
from vatra.city.population import PopulationGrid
from vatra.city.show import rounded


def import_assumptions(*, peak_unknown: bool) -> tuple[Assumption, ...]:
    """Return what an imported city takes for granted besides its synthetic networks.

    Parameters
    ----------
    peak_unknown
        Whether its winter peak was estimated.
    """
    notes = [
        Assumption(
            "Residents of each cell of the population grid are shared out over its homes by floor "
            "area, at most 45 m² a resident; 13 % are taken as over 70, 3 % as under 3 and 5 % as "
            "disabled or chronically ill, nobody as displaced.",
            "Мешканців кожної клітинки сітки населення розподілено між її будинками за площею, "
            "не більше 45 м² на мешканця; 13 % вважаємо старшими за 70 років, 3 % — молодшими "
            "за 3, 5 % — людьми з інвалідністю чи хронічно хворими, переміщених не враховано.",
            ("blocks",),
        ),
        Assumption(
            "Kind of housing is guessed from floors and year of construction; houses heat and cook "
            "with gas, other buildings have district heat.",
            "Тип будинків визначено за поверховістю та роком; приватні будинки опалюються газом, "
            "решта — централізовано.",
            ("blocks",),
        ),
        Assumption(
            "Public buildings are candidates for warm points that nobody has inspected: the usual "
            "share of their floor area counts, 3.5 m² a person, without generators or shelters.",
            "Громадські будівлі — неперевірені кандидати на пункти обігріву: враховано звичайну "
            "частку площі, 3,5 м² на особу, без генераторів та укриттів.",
            ("sites",),
            "3.5 m² a person: Sphere Handbook; shares assumed",
        ),
    ]
    if peak_unknown:
        notes.append(
            Assumption(
                "The city's winter peak is taken as 0.5 kW a resident.",
                "Зимовий пік міста взято як 0,5 кВт на мешканця.",
                ("feeders",),
                "1,500 MW for 3 million residents in Kyiv; assumed elsewhere",
            )
        )
    return tuple(notes)


def _sentence(count: int, one: str, many: str) -> list[str]:
    """Return a sentence for a count, none for zero; the count goes in place of {}."""
    return [(one if count == 1 else many).format(rounded(count))] if count else []


def map_notes(
    extract: OsmExtract, found: Buildings, streets: OsmStreets, sites: OsmSites, beyond: int
) -> list[str]:
    """Say what of the map was left out, repaired or guessed.

    Parameters
    ----------
    extract, found, streets, sites
        What was read and made of it.
    beyond
        Buildings beyond the edge of the extract.
    """
    notes = [
        *_sentence(
            extract.repaired,
            "The outline of {} building crossed itself and was repaired.",
            "The outlines of {} buildings crossed themselves and were repaired.",
        ),
        *_sentence(
            extract.dropped,
            "{} building was left out: its outline is broken or cut off in the extract.",
            "{} buildings were left out: their outlines are broken or cut off in the extract.",
        ),
        *_sentence(
            beyond,
            "{} building beyond the edge of the extract was left out.",
            "{} buildings beyond the edge of the extract were left out.",
        ),
        *_sentence(
            found.guessed_floors,
            "The floors of {} building are not known and were guessed from its neighbours.",
            "The floors of {} buildings are not known and were guessed from their neighbours.",
        ),
        *_sentence(
            streets.islands,
            f"{{}} stretch of street ({rounded(streets.islands_m)} m) was left out: it is not "
            "connected to the rest.",
            f"{{}} stretches of street ({rounded(streets.islands_m)} m) were left out: they are "
            "not connected to the rest.",
        ),
        *_sentence(
            sites.merged,
            "{} public place was left out: its building has another one already.",
            "{} public places were left out: their buildings have another one already.",
        ),
        *_sentence(
            sites.small,
            "{} public place is too small for a warm point and was left out.",
            "{} public places are too small for warm points and were left out.",
        ),
    ]
    if extract.coast:
        notes.append("The sea is not drawn: OpenStreetMap holds coastlines only as lines.")
    return notes


def people_notes(grid: PopulationGrid, housed: Housed) -> list[str]:
    """Say which residents of the grid were left out, and where homes and people don't fit.

    Parameters
    ----------
    grid, housed
        What was read and made of it.
    """
    return [
        *_sentence(
            grid.broken,
            "{} cell of the grid has no usable geometry and was left out.",
            "{} cells of the grid have no usable geometry and were left out.",
        ),
        *_sentence(
            grid.unknown,
            "The residents of {} cell of the grid are not known and were left out.",
            "The residents of {} cells of the grid are not known and were left out.",
        ),
        *_sentence(
            round(housed.outside),
            "{} resident of the grid lives outside of the extract and was left out.",
            "{} residents of the grid live outside of the extract and were left out; cells on its "
            "edge count in part.",
        ),
        *_sentence(
            round(housed.astray),
            "{} resident was left out: no building stands near the cell.",
            "{} residents were left out: no building stands near their cells.",
        ),
        *_sentence(
            round(housed.placed),
            "{} resident of a cell without buildings was put on a block of its own.",
            "{} residents of cells without buildings were put on blocks of their own.",
        ),
        *_sentence(
            housed.empty_homes,
            "{} building that could be a home stands empty: the grid knows of nobody there.",
            "{} buildings that could be homes stand empty: the grid knows of nobody there.",
        ),
        *_sentence(
            housed.crowded,
            "The floor area of {} block is too small for its residents and was raised.",
            "The floor areas of {} blocks are too small for their residents and were raised.",
        ),
    ]
