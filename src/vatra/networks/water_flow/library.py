"""EPANET's library: where it is, and its calls with Python's types.

Any package that brings the library does (``wntr``, or ``owa-epanet``); none of them is imported.
wntr's comes first: it is 2.2, which the whole of the validation ran with.
Calls and constants are those of EPANET 2.2 (programmer's toolkit, epanet2_enums.h); the two of
2.3 that read all nodes or links at once are used where they exist.
"""

from __future__ import annotations

import ctypes
import importlib.util
import platform
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

WARNINGS = {
    1: "didn't come to a balance",
    2: "may be unstable",
    3: "parts are cut off from every source",
    4: "pumps couldn't deliver",
    5: "valves couldn't regulate",
    6: "pressure below zero",
}
"""Warning codes of a solution (toolkit manual, error codes)."""

JUNCTION, RESERVOIR, TANK = 0, 1, 2

# Properties: EN_NodeProperty, EN_LinkProperty, EN_TimeParameter, EN_Option, EN_CountType.
ELEVATION, DEMAND, HEAD, DEFICIT = 0, 9, 10, 27
TANK_VOLUME, MIN_VOLUME, MAX_VOLUME, CAN_OVERFLOW = 24, 18, 25, 26
FLOW, STATUS = 8, 11
DURATION, HYDRAULIC_STEP, PATTERN_STEP, PATTERN_START = 0, 1, 3, 4
REPORT_STEP, REPORT_START, RULE_STEP, START_TIME = 5, 6, 7, 10
TRIALS, UNBALANCED, DAMPING = 0, 14, 17
NODES, LINKS = 0, 2
PRESSURE_DRIVEN = 1

FLOW_M3_H = (
    101.940648,  # ft³/s
    0.2271247,  # US gallons a minute
    157.725491,  # million US gallons a day
    189.420417,  # million imperial gallons a day
    51.3949335,  # acre-feet a day
    3.6,  # litres a second
    0.06,  # litres a minute
    1000.0 / 24.0,  # megalitres a day
    1.0,  # m³/h
    1.0 / 24.0,  # m³ a day
    3600.0,  # m³/s
)
"""Each of EPANET's flow units in m³/h; the first five come with feet, the others with metres."""

FOOT_M = 0.3048
_US_UNITS = 5


class EpanetError(RuntimeError):
    """EPANET refused a call.

    Parameters
    ----------
    call
        The call.
    code
        EPANET's error code.
    """

    def __init__(self, call: str, code: int) -> None:
        self.code = code
        super().__init__(f"EPANET error {code} in {call}")


def find_library() -> Path | None:
    """Return the EPANET library of an installed package, None where there is none."""
    system = {"linux": "linux", "darwin": "darwin", "win32": "windows"}.get(sys.platform, "")
    arm = platform.machine().lower() in {"arm64", "aarch64"}
    folder = f"{system}-arm" if arm and system == "darwin" else f"{system}-x64"
    names = {"windows": ("epanet2.dll", "epanet22.dll")}.get(
        system, ("libepanet2.so", "libepanet2.dylib", "libepanet22.so", "libepanet22.dylib")
    )
    places: list[Path] = []
    if not (arm and system != "darwin"):
        places += [place / "epanet" / "libepanet" / folder for place in _folders("wntr")]
    places += _folders("epanet")
    found = (place / name for place in places for name in names)
    return next((path for path in found if path.is_file()), None)


def _folders(package: str) -> Iterable[Path]:
    spec = importlib.util.find_spec(package)
    locations = None if spec is None else spec.submodule_search_locations
    return [Path(place) for place in locations or ()]


class Project:
    """One network, open in EPANET.

    Parameters
    ----------
    library
        Path of the library.
    """

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        self._handle = ctypes.c_void_p()
        self._call("createproject", None, ctypes.byref(self._handle))

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._library.EN_close(self._handle)
        self._library.EN_deleteproject(self._handle)

    def _call(self, name: str, handle: ctypes.c_void_p | None, *values: object) -> int:
        arguments = values if handle is None else (handle, *values)
        code = int(getattr(self._library, f"EN_{name}")(*arguments))
        if code > 100:
            raise EpanetError(name, code)
        return code

    def do(self, name: str, *values: object) -> int:
        """Make a call; floats go as doubles, text as bytes. Returns its warning code."""
        return self._call(name, self._handle, *(_as_c(value) for value in values))

    def integer(self, name: str, *values: object) -> int:
        """Make a call whose last argument is an integer that it gives back."""
        out = ctypes.c_int()
        self.do(name, *values, ctypes.byref(out))
        return out.value

    def number(self, name: str, *values: object) -> float:
        """Make a call whose last argument is a double that it gives back."""
        out = ctypes.c_double()
        self.do(name, *values, ctypes.byref(out))
        return out.value

    def text(self, name: str, *values: object) -> str:
        """Make a call whose last argument is an id that it gives back."""
        out = ctypes.create_string_buffer(256)
        self.do(name, *values, out)
        return out.value.decode("utf-8", "replace")

    def set_time(self, parameter: int, seconds: int) -> None:
        """Set a time parameter, s."""
        self.do("settimeparam", parameter, ctypes.c_long(seconds))

    def get_time(self, parameter: int) -> int:
        """Return a time parameter, s."""
        out = ctypes.c_long()
        self.do("gettimeparam", parameter, ctypes.byref(out))
        return out.value

    def solve(self) -> tuple[int, int]:
        """Solve the hydraulics of this moment: its time in s, and the warning code."""
        out = ctypes.c_long()
        code = self.do("runH", ctypes.byref(out))
        return out.value, code

    def advance(self) -> int:
        """Go on to the next moment and return how far that is, s; 0 at the end."""
        out = ctypes.c_long()
        self.do("nextH", ctypes.byref(out))
        return out.value

    def all_nodes(self, quantity: int, out: Float) -> Float:
        """Read one quantity of all nodes into an array, in EPANET's order."""
        return self._all("node", quantity, out)

    def all_links(self, quantity: int, out: Float) -> Float:
        """Read one quantity of all links into an array, in EPANET's order."""
        return self._all("link", quantity, out)

    def _all(self, kind: str, quantity: int, out: Float) -> Float:
        if hasattr(self._library, f"EN_get{kind}values"):
            pointer = out.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
            self.do(f"get{kind}values", quantity, pointer)
            return out
        read = getattr(self._library, f"EN_get{kind}value")
        value = ctypes.c_double()
        place = ctypes.byref(value)
        for n in range(out.size):
            read(self._handle, n + 1, quantity, place)
            out[n] = value.value
        return out

    @property
    def units(self) -> tuple[float, float]:
        """What a unit of flow is in m³/h, and a unit of length in m."""
        unit = self.integer("getflowunits")
        return FLOW_M3_H[unit], FOOT_M if unit < _US_UNITS else 1.0

    @property
    def version(self) -> str:
        """Version of the library, such as 2.2.0."""
        out = ctypes.c_int()
        self._library.EN_getversion(ctypes.byref(out))
        return ".".join(str(out.value // step % 100) for step in (10000, 100, 1))


def _as_c(value: object) -> object:
    if isinstance(value, float):
        return ctypes.c_double(value)
    if isinstance(value, str):
        return value.encode("utf-8")
    return value
