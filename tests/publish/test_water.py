"""What the report says of water: the same in both languages, and never nothing."""

from __future__ import annotations

import re
from string import Formatter

import numpy as np
import pytest

from vatra.networks.water_answer import EPANET, ZONES, WaterAnswer
from vatra.publish import _water
from vatra.publish.water_text import EN, UK
from vatra.publish.words import LANGUAGES


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same() -> None:
    assert EN.keys() == UK.keys()
    for key, text in EN.items():
        assert fields(text) == fields(UK[key]), key
        assert re.search("[А-Яа-яІіЇїЄє]", UK[key])


@pytest.mark.parametrize(
    "reason",
    ["no model", "not asked", "names", "absent", "time", "steps", "crash", "refused", "balance"],
)
def test_every_reason_has_its_words(reason: str) -> None:
    none = np.zeros((1, 1))
    for language in LANGUAGES.values():
        said = _water._method(WaterAnswer(none, none, none, ZONES, reason, "<b>"), language)
        assert len(said) > 30
        assert _water._method(WaterAnswer(none, none, none, EPANET, ""), language) != said
