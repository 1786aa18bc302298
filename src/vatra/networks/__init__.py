"""What still works: power, water, sewage and district heat, and how they lean on one another."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.networks.model import Balance, Outlook, Services, balance_of
    from vatra.networks.outlook import make_outlook
    from vatra.networks.parameters import NetworkParameters
    from vatra.networks.power import feeder_available
    from vatra.networks.power_check import PowerCheck, check_power
    from vatra.networks.simulate import simulate_networks

__all__ = [
    "Balance",
    "NetworkParameters",
    "Outlook",
    "PowerCheck",
    "Services",
    "balance_of",
    "check_power",
    "feeder_available",
    "make_outlook",
    "simulate_networks",
]

__getattr__ = lazy_names(__name__, __file__)
