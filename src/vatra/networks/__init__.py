"""What still works: power, water, sewage and district heat, and how they lean on one another."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.networks.model import Balance, Outlook, Services, balance_of
    from vatra.networks.outlook import make_outlook
    from vatra.networks.parameters import NetworkParameters
    from vatra.networks.power import feeder_available
    from vatra.networks.power_check import PowerCheck, check_power
    from vatra.networks.power_feeders import feeder_moments
    from vatra.networks.power_limits import station_limits
    from vatra.networks.power_network import check_power_model, with_power_model
    from vatra.networks.simulate import simulate_networks

__all__ = [
    "Balance",
    "NetworkParameters",
    "Outlook",
    "PowerCheck",
    "Services",
    "balance_of",
    "check_power",
    "check_power_model",
    "feeder_available",
    "feeder_moments",
    "make_outlook",
    "simulate_networks",
    "station_limits",
    "with_power_model",
]

__getattr__ = lazy_names(__name__, __file__)
