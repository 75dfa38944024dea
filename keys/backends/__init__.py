"""
Custody back ends: where private keys live. One file each and one line in BACKENDS; tests/contract picks new ones up.

A key remembers the name of its back end; new keys are made in the one that `key_backend` names, or, where that one does
not have their algorithm, in the first that has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from base.errors import StartError
from keys.backends.approved import ApprovedBackend
from keys.backends.base import Backend, BackendFactory
from keys.backends.kms import KmsBackend
from keys.backends.known_answers import check_known_answers
from keys.backends.pkcs11 import Pkcs11Backend
from keys.backends.software import SoftwareBackend
from keys.sealing import MasterKey
from keys.settings import KeysSettings

BACKENDS: tuple[BackendFactory, ...] = (SoftwareBackend, Pkcs11Backend, KmsBackend)


def open_backends(master: MasterKey, settings: KeysSettings, folder: Path) -> Mapping[str, Backend]:
    """
    Every back end that the settings describe, by name, the one for new keys first. No device is spoken to yet.

    folder: where the processes of this installation leave word for each other.
    Raises: StartError: the back end for new keys is not described, its library is not installed, or an algorithm does
            not give its known answer.
    """
    check_known_answers()
    opened: list[Backend] = [factory(master, settings, folder) for factory in BACKENDS if factory.configured(settings)]
    if settings.approved_only:
        opened = [ApprovedBackend(backend) for backend in opened]
    opened.sort(key=lambda backend: backend.name != settings.key_backend)
    names = {backend.name for backend in opened}
    for setting, wanted in (("KEY", settings.key_backend), ("TOKEN_KEY", settings.token_key_backend)):
        if wanted not in names | {"same"}:
            raise StartError(f"ANTIN_{setting}_BACKEND is {wanted}, but no setting says where that is.")
    return {backend.name: backend for backend in opened}
