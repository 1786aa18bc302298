"""What the scheduler says can be said in Ukrainian, sentence by sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.blackouts.towns import make_town
from vatra.blackouts import Rules, schedule_blackouts
from vatra.publish.certificate_uk import in_ukrainian


@pytest.mark.parametrize("share", [0.0, 0.25, 0.45])
def test_whatever_a_schedule_says_has_its_ukrainian_form(share: float) -> None:
    table, demand = make_town(30, 48, kept=0.4)
    table["switching"] = "manual"
    capacity = pd.Series(0.1, index=pd.Index(table["substation_id"].unique()))
    rules = Rules(
        max_dark_h=2.0, max_dark_day_h=3.0, substation_switchings=1, quiet_h=(22.0, 6.0),
        max_light_h=3.0,
    )  # fmt: skip
    proof = schedule_blackouts(
        table, demand, limit_mw=np.full(48, share * demand.total_mw.max()), rules=rules,
        substation_mw=capacity if share == 0.45 else None, now=demand.grid.start,
    ).certificate  # fmt: skip
    assert proof.violations
    sentences = [proof.bound_method]
    for violation in proof.violations:
        sentences += [violation.reason, violation.relaxation]
    unknown = [s for s in sentences if s and not in_ukrainian(s)]
    assert not unknown


def test_numbers_keep_their_places_and_get_their_comma() -> None:
    said = in_ukrainian("3 dark runs of 2 feeders are longer than 8.0 h, because the limits come "
                        "first.")  # fmt: skip
    assert said == "Відключень, довших за 8 год: 3, на лініях: 2; межі важливіші."
    said = in_ukrainian("max_dark_h = 8.5 is kept by this schedule; below 8 no schedule within the "
                        "limits can stay.")  # fmt: skip
    assert said == (
        "Цей графік дотримує: найдовша темрява 8,5 год; менше за 8 год не може жоден графік у цих "
        "межах."
    )
    assert in_ukrainian("Something new.") == ""
