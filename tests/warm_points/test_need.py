"""Who is in need, and when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatra.city.model import City
from vatra.networks.model import Outlook
from vatra.warm_points import need_of
from vatra.warm_points.need import people_in_need, round_to_sum


def test_the_vulnerable_need_warmth_earlier() -> None:
    indoor = np.array([[17.0, 15.0, 11.0, np.nan]], dtype=np.float32)
    need = people_in_need(np.array([50.0]), np.array([12.0]), indoor)
    assert need.tolist() == [[0.0, 12.0, 50.0, 0.0]]


def test_need_of_a_city(city: City, outlook: Outlook) -> None:
    people = need_of(city, outlook)
    assert people.index.tolist() == ["B-0", "B-1", "B-2", "B-3", "B-4"]
    # 17 - s falls below 16 in slot 2 and below 12 in slot 6, from where nobody is added.
    start = outlook.homes.grid.start
    assert (people["planning_time"] == start + pd.Timedelta(hours=3)).all()
    assert (people["from_time"] == start + pd.Timedelta(hours=1)).all()
    assert people["need"].tolist() == [100, 80, 60, 40, 200]
    assert people["vulnerable"].tolist() == [15, 8, 8, 4, 30]
    assert people["in_need_peak"].tolist() == people["in_need"].tolist()


def test_the_share_that_comes_keeps_the_sum(city: City, outlook: Outlook) -> None:
    people = need_of(city, outlook, share_coming=0.3)
    assert people["need"].sum() == 144
    assert people["in_need"].sum() == 480
    assert (people["vulnerable"] <= people["need"]).all()


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_lies_between_none_and_all(city: City, outlook: Outlook, share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        need_of(city, outlook, share_coming=share)


def test_nobody_in_need(city: City, outlook: Outlook) -> None:
    warm = replace(outlook.homes, indoor_c=np.full_like(outlook.homes.indoor_c, 20.0))
    people = need_of(city, replace(outlook, homes=warm))
    assert people.empty
    assert {"need", "vulnerable", "from_time", "planning_time"} <= set(people.columns)


@given(st.lists(st.floats(0, 1000), max_size=30))
def test_rounding_keeps_the_sum(values: list[float]) -> None:
    people = np.array(values)
    whole = round_to_sum(people)
    assert abs(whole.sum() - people.sum()) <= 0.5 + 1e-6
    assert (np.abs(whole - people) < 1 + 1e-6).all()
    assert (whole >= 0).all()
