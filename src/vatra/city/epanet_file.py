"""Reads an EPANET input file: what is in it, what is wrong with it, and what of it may be run.

The file comes from outside: sections that make EPANET write files of their own, and all that has
nothing to do with flow, are taken out. The format is that of the EPANET 2.2 user manual, appendix
C.2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from vatra.problems import InputError, Problem, name_ids

MOST_BYTES = 64_000_000
_MOST_LINE = 1023  # EPANET's own limit, less one
_MOST_ID = 31
OURS = "vatra~"
"""How ids begin that are added for a run."""

_SECTIONS = (
    "TITLE", "JUNCTIONS", "RESERVOIRS", "TANKS", "PIPES", "PUMPS", "VALVES", "EMITTERS", "LEAKAGE",
    "CURVES", "PATTERNS", "ENERGY", "STATUS", "CONTROLS", "RULES", "DEMANDS", "QUALITY",
    "REACTIONS", "SOURCES", "MIXING", "OPTIONS", "TIMES", "REPORT", "COORDINATES", "VERTICES",
    "LABELS", "BACKDROP", "TAGS", "ROUGHNESS", "END",
)  # fmt: skip
_DROPPED = {
    "TITLE", "ENERGY", "QUALITY", "REACTIONS", "SOURCES", "MIXING", "REPORT", "LABELS", "BACKDROP",
    "TAGS", "VERTICES", "END",
}  # fmt: skip
_DROPPED_OPTIONS = {"HYDRAULICS", "MAP", "QUALITY", "VERIFY", "SEGMENTS"}
_SI_UNITS = {"LPS", "LPM", "MLD", "CMH", "CMD", "CMS"}
_US_UNITS = {"CFS", "GPM", "MGD", "IMGD", "AFD"}
_PSI_M, _KPA_M = 0.70307, 1.0 / 9.80665


@dataclass(frozen=True)
class EpanetFile:
    """A water network as a file that EPANET can run.

    Parameters
    ----------
    name
        Name of the file.
    sections
        What is run, as words by section and line: the file without what has nothing to do with
        flow.
    junctions, reservoirs, tanks
        Ids of its nodes.
    pipes, pumps, valves
        Ids of its links.
    pressure_unit_m
        Its unit of pressure in m of water.
    """

    name: str
    sections: Mapping[str, tuple[tuple[str, ...], ...]]
    junctions: tuple[str, ...]
    reservoirs: tuple[str, ...]
    tanks: tuple[str, ...]
    pipes: tuple[str, ...]
    pumps: tuple[str, ...]
    valves: tuple[str, ...]
    pressure_unit_m: float

    @property
    def text(self) -> str:
        """The file as EPANET reads it."""
        lines: list[str] = []
        for section, rows in self.sections.items():
            lines += [f"[{section}]", *(" ".join(map(_quoted, row)) for row in rows)]
        quiet = ["[REPORT]", "STATUS NO", "SUMMARY NO", "MESSAGES YES", "[END]", ""]
        return "\n".join(lines + quiet)


def epanet_id(given: object) -> str:
    """Return an id as EPANET takes it: no spaces or quotes, short enough to add to.

    Parameters
    ----------
    given
        Id of a row in a table.
    """
    return re.sub(r"[^\w.\-]", "_", str(given))[:24]


def read_epanet(path: Path | str) -> EpanetFile:
    """Read an EPANET input file and check it.

    Parameters
    ----------
    path
        A ``.inp`` file in UTF-8.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            reason = f"has {size / 1e6:.0f} MB, more than {MOST_BYTES / 1e6:.0f}"
            raise InputError(path.name, [Problem(path.name, "", reason, "give a smaller model")])
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = f"can't be read ({getattr(error, 'strerror', None) or error})"
        mend = "save it as text in UTF-8"
        raise InputError(path.name, [Problem(path.name, "", reason, mend)]) from error
    return parse_epanet(text, path.name)


def parse_epanet(text: str, name: str = "water.inp") -> EpanetFile:
    """Read the text of an EPANET input file, as `read_epanet` does.

    Parameters
    ----------
    text
        The text.
    name
        Name of the file, for messages.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    reader = _Reader(name)
    if len(text) > MOST_BYTES:
        reader.problem(0, "", f"has {len(text) / 1e6:.0f} MB", "give a smaller model")
    else:
        reader.read(text)
        reader.check()
    if reader.problems:
        raise InputError(name, reader.problems)
    return reader.result()


def check_water_file(
    text: str | None, frames: Mapping[str, pd.DataFrame], name: str = "water.inp"
) -> list[Problem]:
    """Find what is wrong with a city's model of its water network.

    Parameters
    ----------
    text
        The model, None where there is none.
    frames
        The city's tables; `water_nodes` names nodes of the model.
    name
        Name of the file, for messages.
    """
    nodes = frames.get("water_nodes")
    named = [] if nodes is None else [str(node) for node in nodes.index]
    if text is None:
        if not named:
            return []
        mend = f"add {name}, or remove the table"
        return [Problem("water_nodes", "", f"names nodes, but there is no {name}", mend)]
    try:
        network = parse_epanet(text, name)
    except InputError as error:
        return list(error.problems)
    known = {*network.junctions, *network.reservoirs, *network.tanks}
    lost = [node for node in named if node not in known and epanet_id(node) not in known]
    if not lost:
        return []
    reason = f"no such node in {name}"
    return [Problem("water_nodes.node_id", name_ids(lost), reason, "add it or correct the id")]


@dataclass
class _Reader:
    """A file as it is read."""

    name: str
    problems: list[Problem] = field(default_factory=list)
    rows: dict[str, list[tuple[int, list[str]]]] = field(default_factory=dict)
    ids: dict[str, dict[str, int]] = field(default_factory=dict)

    def problem(self, line: int, subject: str, reason: str, mend: str) -> None:
        place = f"{self.name}:{line}" if line else self.name
        self.problems.append(Problem(place, subject, reason, mend))

    def read(self, text: str) -> None:
        section = ""
        long: list[int] = []
        loose: list[int] = []
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.split(";", 1)[0].strip()
            if not line:
                continue
            if len(raw) > _MOST_LINE:
                long.append(number)
                continue
            if not line.isprintable() and not line.replace("\t", " ").isprintable():
                self.problem(number, "", "holds characters that aren't text", "remove them")
                continue
            if line.startswith("["):
                section = self._section(number, line)
                if section == "END":
                    break
                continue
            if not section:
                loose.append(number)
                continue
            self._row(section, number, line)
        if long:
            lines = f"line {name_ids(long)}"
            self.problem(0, lines, f"longer than {_MOST_LINE} characters", "split them")
        if loose:
            lines = f"line {name_ids(loose)}"
            self.problem(0, lines, "stands before the first section", "add its [SECTION]")

    def _section(self, number: int, line: str) -> str:
        word = line.strip("[] \t").upper()
        # EPANET itself goes by the first four letters.
        found = next((s for s in _SECTIONS if len(word) >= 3 and word[:4] == s[:4]), "")
        if not found:
            known = "see the EPANET manual, appendix C.2, for those there are"
            self.problem(number, f"[{word[:20]}]", "is no section of EPANET", known)
            return "?"
        return found

    def _row(self, section: str, number: int, line: str) -> None:
        if section in _DROPPED or section == "?":
            return
        words = _words(line)
        if section == "OPTIONS" and words and words[0].upper() in _DROPPED_OPTIONS:
            return
        self.rows.setdefault(section, []).append((number, words))

    def check(self) -> None:
        self._nodes()
        self._links()
        self._named("CURVES", 3)
        self._named("PATTERNS", 2)
        self._references()
        self._options()
        if not self.ids["JUNCTIONS"] and not self.problems:
            self.problem(0, "[JUNCTIONS]", "holds no junction", "give a whole network")
        if not (self.ids["RESERVOIRS"] or self.ids["TANKS"]) and not self.problems:
            mend = "give a reservoir or a tank that the water comes from"
            self.problem(0, "[RESERVOIRS], [TANKS]", "hold no source", mend)

    def _take_ids(self, section: str, taken: dict[str, int]) -> None:
        mine: dict[str, int] = {}
        for number, words in self.rows.get(section, []):
            given = words[0]
            if len(given.encode()) > _MOST_ID:
                self.problem(number, given[:40], f"is longer than {_MOST_ID}", "shorten the id")
            if given.startswith(OURS):
                self.problem(number, given, f"begins with «{OURS}», which is kept for the run",
                             "rename it")  # fmt: skip
            if given in taken:
                reason = f"stands in line {taken[given]} already"
                self.problem(number, given, reason, "give each its own id")
            taken[given] = number
            mine[given] = number
        self.ids[section] = mine

    def _numbers(
        self, section: str, number: int, words: list[str], columns: Iterable[tuple[int, str]],
        *, positive: bool = False,
    ) -> None:  # fmt: skip
        for at, what in columns:
            if at >= len(words):
                continue
            value = _number(words[at])
            if value is None:
                reason = f"{what} «{words[at][:20]}» is not a number"
                self.problem(number, f"[{section}] {words[0]}", reason, "write it as one")
            elif positive and value <= 0.0:
                reason = f"{what} {words[at][:20]} is not above zero"
                self.problem(number, f"[{section}] {words[0]}", reason, "correct it")

    def _nodes(self) -> None:
        taken: dict[str, int] = {}
        for section in ("JUNCTIONS", "RESERVOIRS", "TANKS"):
            self._take_ids(section, taken)
        for number, words in self.rows.get("JUNCTIONS", []):
            self._numbers("JUNCTIONS", number, words, ((1, "elevation"), (2, "demand")))
        for number, words in self.rows.get("RESERVOIRS", []):
            self._numbers("RESERVOIRS", number, words, ((1, "head"),))
        names = ("elevation", "level", "lowest level", "highest level", "diameter", "volume")
        for number, words in self.rows.get("TANKS", []):
            self._numbers("TANKS", number, words, list(enumerate(names, 1)))
            levels = [_number(word) for word in words[2:5]]
            if len(words) > 3 and None not in levels and len(levels) == 3:
                level, low, high = (value or 0.0 for value in levels)
                if not low <= level <= high:
                    reason = f"its level {level:g} is not between {low:g} and {high:g}"
                    self.problem(number, f"[TANKS] {words[0]}", reason, "correct the levels")
        self.nodes = taken

    def _links(self) -> None:
        taken: dict[str, int] = {}
        for section in ("PIPES", "PUMPS", "VALVES"):
            self._take_ids(section, taken)
            for number, words in self.rows.get(section, []):
                subject = f"[{section}] {words[0]}"
                if len(words) < 3 + (section == "PIPES") * 3:
                    self.problem(number, subject, "is not complete", "give all its columns")
                    continue
                missing = [end for end in words[1:3] if end not in self.nodes]
                if missing:
                    reason = f"no node «{name_ids(missing)}»"
                    self.problem(number, subject, reason, "add it or correct the id")
                elif words[1] == words[2]:
                    reason = "begins and ends at the same node"
                    self.problem(number, subject, reason, "correct one of its ends")
        columns = ((3, "length"), (4, "diameter"), (5, "roughness"))
        for number, words in self.rows.get("PIPES", []):
            self._numbers("PIPES", number, words, columns, positive=True)
        self.links = taken

    def _named(self, section: str, least: int) -> None:
        """Take curves and patterns, which go on over several lines."""
        names: dict[str, int] = {}
        last: dict[str, float] = {}
        for number, words in self.rows.get(section, []):
            names.setdefault(words[0], number)
            if len(words) < least:
                self.problem(number, f"[{section}] {words[0]}", "is not complete", "give values")
                continue
            if section == "PATTERNS" and words[1].upper() in {"FIXED", "VARIABLE"}:
                continue
            self._numbers(section, number, words, [(n, "value") for n in range(1, len(words))])
            x = _number(words[1])
            if section == "CURVES" and x is not None:
                if x <= last.get(words[0], -math.inf):
                    reason = f"x goes from {last[words[0]]:g} to {x:g}"
                    self.problem(number, f"[CURVES] {words[0]}", reason, "let x rise")
                last[words[0]] = x
        self.ids[section] = names

    def _references(self) -> None:
        curves, patterns = self.ids["CURVES"], self.ids["PATTERNS"]
        for number, words in self.rows.get("PUMPS", []):
            pairs = dict(zip([w.upper() for w in words[3::2]], words[4::2], strict=False))
            named = [
                (pairs.get("HEAD"), curves, "curve"),
                (pairs.get("PATTERN"), patterns, "pattern"),
            ]
            self._known(number, f"[PUMPS] {words[0]}", named)
            # Curves of EPANET 1 stand in the row itself.
            own_curve = len(words) > 3 and _number(words[3]) is not None
            if not pairs.keys() & {"HEAD", "POWER"} and not own_curve:
                reason = "has neither a curve nor a power"
                self.problem(number, f"[PUMPS] {words[0]}", reason, "add HEAD or POWER")
        for section, column in (("JUNCTIONS", 3), ("RESERVOIRS", 2), ("DEMANDS", 2)):
            for number, words in self.rows.get(section, []):
                given = words[column] if len(words) > column else None
                self._known(number, f"[{section}] {words[0]}", [(given, patterns, "pattern")])
        for number, words in self.rows.get("DEMANDS", []):
            if words[0].upper() != "MULTIPLY":
                self._known(number, "[DEMANDS]", [(words[0], self.nodes, "node")])
        for number, words in self.rows.get("STATUS", []):
            self._known(number, "[STATUS]", [(words[0], self.links, "link")])
        for number, words in self.rows.get("CONTROLS", []):
            upper = [word.upper() for word in words]
            link = words[1] if len(words) > 1 else None
            node = words[upper.index("NODE") + 1] if "NODE" in upper[:-1] else None
            named = [(link, self.links, "link"), (node, self.nodes, "node")]
            self._known(number, "[CONTROLS]", named)

    def _known(
        self, number: int, subject: str, named: list[tuple[str | None, dict[str, int], str]]
    ) -> None:
        for given, where, what in named:
            if given and given not in where:
                reason = f"no {what} «{given[:40]}»"
                self.problem(number, subject, reason, "add it or correct the id")

    def _options(self) -> None:
        self.units, self.pressure = "GPM", ""
        for number, words in self.rows.get("OPTIONS", []):
            if len(words) < 2:
                continue
            key, value = words[0].upper(), words[1].upper()
            if key == "UNITS":
                self.units = value
                if value not in _SI_UNITS | _US_UNITS:
                    mend = f"use one of {', '.join(sorted(_SI_UNITS | _US_UNITS))}"
                    self.problem(number, "[OPTIONS] UNITS", f"«{value[:20]}» is no unit", mend)
            elif key == "PRESSURE" and len(words) == 2:
                self.pressure = value

    def result(self) -> EpanetFile:
        metric = self.units in _SI_UNITS
        unit = (_KPA_M if self.pressure == "KPA" else 1.0) if metric else _PSI_M
        found = {section: tuple(ids) for section, ids in self.ids.items()}
        return EpanetFile(
            name=self.name,
            sections={n: tuple(tuple(words) for _, words in rows) for n, rows in self.rows.items()},
            junctions=found["JUNCTIONS"],
            reservoirs=found["RESERVOIRS"],
            tanks=found["TANKS"],
            pipes=found["PIPES"],
            pumps=found["PUMPS"],
            valves=found["VALVES"],
            pressure_unit_m=unit,
        )


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word or not word else word


def _words(line: str) -> list[str]:
    """Words of a line; quotes hold several together, as in EPANET."""
    if '"' not in line:
        return line.split()
    words: list[str] = []
    for n, part in enumerate(line.split('"')):
        if n % 2:
            words.append(part)
        else:
            words += part.split()
    return words or [""]


def _number(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
