"""
A process that keeps a folder and dies by SIGKILL before its n-th step on the disk.

    python -m tests.preserving <folder of files> <folder of keys> <moment> <n>

Prints "done" when it gets through. The keys are those of `written()`.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from signing.flows.extend import ExtensionOrder
from signing.flows.own_trust import TrustSource
from signing.flows.preserve import Campaign, Outcome, Result, preserve
from signing.formats.base import Level
from signing.store import archive_folder
from signing.store.archive_folder import opened_folder
from tests.signing_pki import DAY, City, Holder, time_stamp_token


def written(city: City, moment: int, folder: Path) -> None:
    """What another process needs to stamp and to trust as this city does."""
    folder.mkdir()
    key = city.tsu.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "unit.key").write_bytes(key)
    for name, holder in (("unit", city.tsu), ("issuing", city.issuing), ("root", city.root)):
        (folder / f"{name}.pem").write_bytes(holder.pem)
    for name, holder in (("issuing", city.issuing), ("root", city.root)):
        (folder / f"{name}.crl").write_bytes(holder.sign_crl(moment - 30, moment + 30 * DAY))


def order_for(folder: Path, moment: int) -> ExtensionOrder:
    """By what `written()` wrote."""
    root, issuing, unit = (_holder(folder, name) for name in ("root", "issuing", "unit"))
    unit.issuer, issuing.issuer = issuing, root
    key = load_pem_private_key((folder / "unit.key").read_bytes(), None)
    unit.key = key  # type: ignore[assignment]  # P-256, as the city makes them
    lists = tuple((folder / f"{name}.crl").read_bytes() for name in ("issuing", "root"))
    own = TrustSource((root.der,), (issuing.der,), lists)
    return ExtensionOrder(b"", Level.B_LTA, moment, own, lambda imprint: time_stamp_token(unit, imprint, moment))


def _holder(folder: Path, name: str) -> Holder:
    certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
    return Holder(None, certificate)  # type: ignore[arg-type]  # it signs nothing here


def keep(files: Path, order: ExtensionOrder, *, within: int = 0, dry: bool = False) -> dict[str, Result]:
    """One campaign; what became of each file."""
    with opened_folder(files) as folder:
        campaign = Campaign(order, order.moment + within, lambda _result: None, dry)
        return {result.name: result for result in preserve(folder, campaign)}


class _Dying:
    """The module `os`, for a process with n steps to live."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def __getattr__(self, name: str) -> Any:
        if name in ("fsync", "replace", "fchmod", "open"):
            self._left -= 1
            if self._left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return getattr(os, name)


def main() -> None:
    files, keys, moment, steps = sys.argv[1:]
    archive_folder.os = _Dying(int(steps))  # type: ignore[assignment, attr-defined]  # what it looks names up in
    results = keep(Path(files), order_for(Path(keys), int(moment)))
    print("done" if all(one.outcome is not Outcome.FAILED for one in results.values()) else results)


if __name__ == "__main__":
    main()
