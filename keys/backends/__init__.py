"""
Custody back ends: where private keys live. One file each and one line in BACKENDS; tests/contract picks new ones up.

A key remembers the name of its back end; new keys are made in the first of the tuple.
"""

from __future__ import annotations

from collections.abc import Mapping

from keys.backends.base import Backend, BackendFactory
from keys.backends.software import SoftwareBackend
from keys.sealing import MasterKey
from keys.settings import KeysSettings

BACKENDS: tuple[BackendFactory, ...] = (SoftwareBackend,)


def open_backends(master: MasterKey, settings: KeysSettings) -> Mapping[str, Backend]:
    """Every back end by name, the one for new keys first."""
    opened = [factory(master, settings) for factory in BACKENDS]
    return {backend.name: backend for backend in opened}
