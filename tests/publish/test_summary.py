"""What the summary says of what a plan rests on."""

from __future__ import annotations

from dataclasses import replace

from vatra.planning import Plan
from vatra.publish import summarise


def test_assumed_networks_are_said_where_the_city_is_real(plan: Plan) -> None:
    about = replace(plan.city.about, synthetic=False)
    feeders = plan.city.feeders.assign(assumed=True)
    real = replace(plan, city=replace(plan.city, about=about, feeders=feeders))
    assert "networks are assumed, not known" in summarise(real)
    assert "припущені, а не відомі" in summarise(real, "uk")
    known = {
        name: table.assign(assumed=False) if "assumed" in table else table
        for name, table in plan.city.tables().items()
    }
    assert "assumed, not known" not in summarise(replace(real, city=real.city.with_tables(**known)))
