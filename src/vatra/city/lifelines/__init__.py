"""Lifelines synthesised over a city: power, heat, water and sewage where nobody has them.

`add_lifelines` is the way in. One module an idea: `scale` says how many of everything, `ground`
where people and water are, `partition` cuts the city into compact parts, `heat`, `water` and
`customers` place what needs power, `power`, `feeders` and `queues` the grid that gives it, and
`epanet` writes the water network as a hydraulic model.
"""

from vatra.city.lifelines.synthesis import add_lifelines

__all__ = ["add_lifelines"]
