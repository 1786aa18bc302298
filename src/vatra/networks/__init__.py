"""What still works: power, water, sewage and district heat, and how they lean on one another."""

from vatra.networks.model import Outlook, Services
from vatra.networks.outlook import make_outlook
from vatra.networks.parameters import NetworkParameters
from vatra.networks.power import feeder_available
from vatra.networks.power_check import PowerCheck, check_power
from vatra.networks.simulate import simulate_networks

__all__ = [
    "NetworkParameters",
    "Outlook",
    "PowerCheck",
    "Services",
    "check_power",
    "feeder_available",
    "make_outlook",
    "simulate_networks",
]
