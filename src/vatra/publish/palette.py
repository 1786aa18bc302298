"""The colours of everything that is published, in one place, and how well they can be told apart.

Light is amber, dark is deep blue, indoor temperature is one scale from violet to pale yellow, the
unknown is grey and always hatched. Nothing is red against green; the order of luminance is the
order of meaning, so that grey print can be read.
"""

from __future__ import annotations

LIGHT: dict[str, str] = {
    "page": "#fcfbf8",
    "panel": "#f1f0ec",
    "ink": "#1b1d21",
    "soft": "#4c535b",
    "rule": "#858b92",
    "faint": "#d5d7d9",
    "link": "#0a4a86",
    "focus": "#0a4a86",
    "notice": "#fff3d6",
    "lit": "#d99000",
    "lit_edge": "#8a5a00",
    "both": "#7f6446",
    "dark": "#16275f",
    "dark_dot": "#c3cdf0",
    "unknown": "#e3e4e6",
    "unknown_line": "#646a71",
    "land": "#f4f3ef",
    "water": "#b7d0df",
    "street": "#b3b5b6",
    "border": "#7a8087",
    "limit": "#1b1d21",
    "wanted": "#5b626a",
    "served": "#efc062",
    "kept": "#b57a10",
    "below_8": "#34105e",
    "below_12": "#7a3b9c",
    "below_16": "#cf86ad",
    "above_16": "#f8e7a6",
    "warm_edge": "#86701d",
    "point": "#8a3b00",
    "gap": "#34105e",
}
"""Colours of the light scheme and of print."""

DARK: dict[str, str] = {
    "page": "#121418",
    "panel": "#1c1f25",
    "ink": "#eceae4",
    "soft": "#b3b8bf",
    "rule": "#7d848d",
    "faint": "#373c44",
    "link": "#9cc7f2",
    "focus": "#ffd479",
    "notice": "#3a3013",
    "lit": "#ffcf6b",
    "lit_edge": "#ffcf6b",
    "both": "#9b958e",
    "dark": "#4467cc",
    "dark_dot": "#dfe6ff",
    "unknown": "#33383f",
    "unknown_line": "#a3a9b1",
    "land": "#15181d",
    "water": "#22394a",
    "street": "#4a5059",
    "border": "#868d96",
    "limit": "#eceae4",
    "wanted": "#b3b8bf",
    "served": "#6e5318",
    "kept": "#94701f",
    "below_8": "#8a55d0",
    "below_12": "#b277d6",
    "below_16": "#e0a6c6",
    "above_16": "#fbf0bd",
    "warm_edge": "#fbf0bd",
    "point": "#ffb168",
    "gap": "#c79bff",
}
"""Colours of the dark scheme."""


def css_variables(colours: dict[str, str]) -> str:
    """Return the colours as declarations of CSS custom properties.

    Parameters
    ----------
    colours
        One of the schemes.

    Returns
    -------
    str
        For example ``--page:#fff;--ink:#000``.
    """
    return ";".join(f"--{name.replace('_', '-')}:{value}" for name, value in colours.items())


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2.2 defines it.

    Parameters
    ----------
    colour
        ``#rrggbb``.

    Returns
    -------
    float
        0 for black to 1 for white.
    """
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, as WCAG 2.2 defines it.

    Parameters
    ----------
    one, other
        ``#rrggbb``.

    Returns
    -------
    float
        1 for equal colours to 21 for black on white. Text needs 4.5, graphics 3.
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
