"""The synthetic city: believable at every size, real in the aggregate, nowhere on the map.

`make_city` makes the whole city, `make_fabric` the same without its networks.
"""

from vatra.city.synthetic.fabric import make_fabric
from vatra.city.synthetic.whole import make_city

__all__ = ["make_city", "make_fabric"]
