"""Reads a power grid, whatever of the known formats it is in."""

from __future__ import annotations

from pathlib import Path

from vatra.networks.power_flow._file import parse_json, read_text
from vatra.networks.power_flow.matpower import parse_matpower
from vatra.networks.power_flow.model import PowerGrid
from vatra.networks.power_flow.pandapower_json import parse_pandapower
from vatra.networks.power_flow.pgm_json import parse_power_grid_model
from vatra.problems import InputError, Problem


def read_power_grid(path: Path, *, f_hz: float = 50.0) -> PowerGrid:
    """Read a grid that MATPOWER, pandapower or power-grid-model wrote; its content says which.

    Parameters
    ----------
    path
        A ``.m`` or a ``.json`` file.
    f_hz
        Frequency, for power-grid-model, whose files don't say.

    Raises
    ------
    InputError
        With every problem found.
    """
    path = Path(path)
    return parse_power_grid(read_text(path), path.name, f_hz=f_hz)


def parse_power_grid(text: str, name: str, *, f_hz: float = 50.0) -> PowerGrid:
    """Read the text of such a file, as `read_power_grid` does.

    Parameters
    ----------
    text
        The text.
    name
        Name of the file: one that ends in ``.m`` is a MATPOWER case.
    f_hz
        Frequency, for power-grid-model.
    """
    if name.lower().endswith(".m"):
        return parse_matpower(text, name)
    content = parse_json(text, name)
    if isinstance(content.get("data"), dict):
        return parse_power_grid_model(content, name, f_hz=f_hz)
    if "_object" in content or "bus" in content:
        return parse_pandapower(content, name)
    mend = "use a MATPOWER case, or JSON of pandapower or power-grid-model"
    raise InputError(name, [Problem(name, "", "is no grid that can be read", mend)])
