"""Cities of every size check clean and plan."""

from __future__ import annotations

import pytest

from tests.city.synthetic_cities import whole
from vatra.city import check_city
from vatra.planning import make_plan
from vatra.situation import november_2022

SIZES = [
    (100_000, 24, 33),
    pytest.param(500_000, 24, 167, marks=pytest.mark.slow),
    pytest.param(3_000_000, 24, 1000, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("residents", "hours", "sites"), SIZES)
def test_a_city_checks_clean_and_plans(residents: int, hours: float, sites: int) -> None:
    city = whole(residents)
    assert check_city(city) == []
    plan = make_plan(city, november_2022(city, hours), sites=sites)
    certificate = plan.schedule.certificate
    assert certificate.limit_excess_mw == 0.0
    assert (plan.schedule.served_mw <= plan.situation.limit_mw + 1e-6).all()
    assert certificate.unserved_mwh >= certificate.unserved_bound_mwh - 1e-6 > 0
    assert plan.schedule.lit.any()
    assert len(plan.warm_points.sites) <= sites
