"""Colours can be told apart: on a bad screen, in grey print, by every eye."""

from __future__ import annotations

import itertools

import pytest

from vatra.publish.palette import DARK, LIGHT, contrast, luminance

SCHEMES = {"light": LIGHT, "dark": DARK}


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> dict[str, str]:
    return SCHEMES[request.param]


def test_known_contrasts() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#336699", "#336699") == 1.0


def test_schemes_have_the_same_colours() -> None:
    assert list(LIGHT) == list(DARK)


@pytest.mark.parametrize("text", ["ink", "soft", "link"])
@pytest.mark.parametrize("ground", ["page", "panel", "notice"])
def test_text_has_4_5(scheme: dict[str, str], text: str, ground: str) -> None:
    if (text, ground) != ("link", "notice"):
        assert contrast(scheme[text], scheme[ground]) >= 4.5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lit", "dark"), ("dark", "land"), ("lit_edge", "land"), ("dark", "dark_dot"),
        ("unknown", "unknown_line"), ("limit", "page"), ("limit", "served"), ("wanted", "page"),
        ("dark", "page"), ("point", "page"), ("below_8", "land"), ("below_12", "land"),
        ("warm_edge", "land"), ("point", "land"), ("gap", "land"), ("rule", "page"),
        ("focus", "page"), ("border", "land"),
    ],
)  # fmt: skip
def test_graphics_have_3(scheme: dict[str, str], one: str, other: str) -> None:
    assert contrast(scheme[one], scheme[other]) >= 3.0


def test_grey_print_keeps_the_order(scheme: dict[str, str]) -> None:
    for names in (
        ("below_8", "below_12", "below_16", "above_16"),
        ("dark", "both", "lit"),
    ):
        shades = [luminance(scheme[name]) for name in names]
        assert shades == sorted(shades)
        assert all(contrast(scheme[a], scheme[b]) >= 1.45 for a, b in itertools.pairwise(names))


def test_no_red_against_green(scheme: dict[str, str]) -> None:
    for name, colour in scheme.items():
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert not (green > 1.2 * red and green > 1.2 * blue), f"{name} is green"
