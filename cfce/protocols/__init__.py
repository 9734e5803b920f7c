"""Protocols: named ways of splitting ratings into train, valid and test, one small file each."""

from cfce.protocols.cold import COLD_ITEMS, COLD_USERS
from cfce.protocols.given import GIVEN
from cfce.protocols.kfold import KFOLD_5, KFOLD_10
from cfce.protocols.leave_last import LEAVE_LAST_1, LEAVE_LAST_5
from cfce.protocols.ml_100k_u import ML_100K_U
from cfce.protocols.protocol import Protocol
from cfce.protocols.random_80_10_10 import RANDOM_80_10_10
from cfce.protocols.random_80_20 import RANDOM_80_20
from cfce.protocols.temporal_80_10_10 import TEMPORAL_80_10_10
from cfce.registry import Registry

__all__ = ["PROTOCOLS", "Protocol", "register_protocol"]

PROTOCOLS: Registry[Protocol] = Registry("protocol")
"""Every protocol by its name."""


def register_protocol(protocol: Protocol) -> Protocol:
    """Put a protocol under its name; a name that is taken raises ``UserError``."""
    return PROTOCOLS.register(protocol.name, protocol)


for _protocol in (
    RANDOM_80_10_10,
    RANDOM_80_20,
    KFOLD_5,
    KFOLD_10,
    TEMPORAL_80_10_10,
    LEAVE_LAST_1,
    LEAVE_LAST_5,
    COLD_USERS,
    COLD_ITEMS,
    ML_100K_U,
    GIVEN,
):
    register_protocol(_protocol)
