"""
Time stamps that keep a container: each is over an archive manifest, which names files with their digests.

The newest manifest is ASiCArchiveManifest.xml; the one before it gets a number, is named in it as the one to go on to,
and so is its time stamp, with the validation data that it was given. Source: EN 319 162-1 Annex A.7.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from signing.formats.asic_container import META, Container, Kind, Role, role_of
from signing.formats.asic_manifest import Manifest, ManifestBroken, read_manifest
from signing.validation.signed import StampInput

_DIGESTS = frozenset(("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"))
NEWEST = f"{META}ASiCArchiveManifest.xml"


@dataclass(frozen=True, slots=True)
class Keeper:
    """
    A time stamp and what it is over. names: of the files that it covers.

    trouble: why it covers nothing: its manifest is broken, or names what is not there or no longer so.
    """

    token_name: str
    manifest: str
    names: tuple[str, ...]
    token: bytes = field(repr=False)
    over: bytes | None = field(repr=False)
    trouble: str = ""


def keepers_of(container: Container) -> tuple[Keeper, ...]:
    """The time stamps of a container whose manifest is there, oldest first: who is named by another comes before it."""
    found = [
        _keeper(container, name)
        for role in (Role.ARCHIVE_MANIFEST, Role.MANIFEST)
        for name in container.named(role)
        if role is Role.ARCHIVE_MANIFEST or _is_over_stamp(container, name)
    ]
    if container.kind is Kind.SIMPLE and len(container.payload) == 1:
        found += [_simple(container, name) for name in container.named(Role.TIME_STAMP) if not found]
    by_token = {one.token_name: one for one in found}
    if len(by_token) != len(found):
        return tuple(_spoiled(one, "one time stamp for two manifests") for one in found)
    return tuple(sorted(found, key=lambda one: _depth(one, by_token, len(found))))


def kept_by(container: Container, keepers: Sequence[Keeper], name: str) -> tuple[StampInput, ...]:
    """What keeps a signature file, oldest first, each with the older time stamps that it covers too."""
    return tuple(
        StampInput(
            one.token,
            one.over,
            tuple(container.content(other) or b"" for other in one.names if role_of(other) is Role.TIME_STAMP),
            one.trouble,
        )
        for one in keepers
        if name in one.names or one.trouble
    )


def newest_of(container: Container) -> Keeper | None:
    """The time stamp that nothing covers yet; None: there is none."""
    keepers = keepers_of(container)
    return keepers[-1] if keepers else None


def _keeper(container: Container, name: str) -> Keeper:
    over = container.content(name) or b""
    try:
        manifest = read_manifest(over)
    except ManifestBroken as error:
        return Keeper("", name, (), b"", over, f"manifest: {error}")
    token = container.content(manifest.keeper)
    if token is None or role_of(manifest.keeper) is not Role.TIME_STAMP:
        return Keeper(manifest.keeper, name, (), b"", over, "the time stamp is missing")
    names = tuple(one.name for one in manifest.files)
    return Keeper(manifest.keeper, name, names, token, over, _trouble(container, manifest))


def _trouble(container: Container, manifest: Manifest) -> str:
    for one in manifest.files:
        data = container.content(one.name)
        if data is None:
            return "it names what is not there"
        if one.algorithm not in _DIGESTS:
            return f"digest with {one.algorithm}"
        if not hmac.compare_digest(hashlib.new(one.algorithm, data).digest(), one.digest):
            return "it names what is no longer so"
    return ""


def _is_over_stamp(container: Container, name: str) -> bool:
    try:
        return role_of(read_manifest(container.content(name) or b"").keeper) is Role.TIME_STAMP
    except ManifestBroken:
        return False


def _simple(container: Container, name: str) -> Keeper:
    """ASiC-S with a time stamp alone: it is over the one file."""
    payload = container.payload
    return Keeper(name, "", payload, container.content(name) or b"", container.content(payload[0]))


def _depth(one: Keeper, by_token: dict[str, Keeper], most: int) -> int:
    """How many time stamps it covers, one behind the other; a circle ends at `most`."""
    if most <= 0:
        return 0
    older = [by_token[name] for name in one.names if name in by_token and name != one.token_name]
    return 1 + max((_depth(other, by_token, most - 1) for other in older), default=-1)


def _spoiled(one: Keeper, why: str) -> Keeper:
    return Keeper(one.token_name, one.manifest, one.names, one.token, one.over, why)
