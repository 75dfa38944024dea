"""
A container on its way up: the inner signatures reach T or LT, then one archive time stamp keeps all of it.

ASiC-S: the archive time stamp stands inside the signature file, as CAdES has it.
ASiC-E: 1. Signature files that no archive manifest covers yet are brought to LT; others stay byte for byte.
        2. The newest archive time stamp gets what its own verification will need; its manifest gives up its name.
        3. A new archive manifest names every file there is, and gets its time stamp.
Source: EN 319 162-1 §5.3, Annex A.7; EN 319 122-1 §6.3.
"""

from __future__ import annotations

import hashlib

from signing.errors import SignatureRefused
from signing.formats.asic_archive import NEWEST, keepers_of
from signing.formats.asic_container import MIMETYPE, Container, Kind, Role
from signing.formats.asic_locate import SIMPLE_SIGNATURE, manifests_of
from signing.formats.asic_manifest import write_manifest
from signing.formats.base import ExtensionSources, Level
from signing.formats.cades import Cades
from signing.formats.cades_extend import with_own_data
from signing.formats.refusals import stamped
from signing.validation.located import Beside

_INNER = Cades()
_STAMP_TYPE = "application/vnd.etsi.timestamp-token"


def extend_container(container: Container, level: Level, sources: ExtensionSources) -> Container:
    """Raises: SignatureRefused: no signature, or one without what it signs; what the sources raise passes through."""
    if not container.named(Role.CADES):
        raise _nothing_to_extend()
    if container.kind is Kind.SIMPLE:
        return _simple(container, level, sources)
    inner = Level.B_LT if level is Level.B_LTA else level
    raised = _signatures_at(container, inner, sources)
    return _archived(raised, sources) if level is Level.B_LTA else raised


def _simple(container: Container, level: Level, sources: ExtensionSources) -> Container:
    signature = container.content(SIMPLE_SIGNATURE)
    if signature is None or len(container.payload) != 1:
        raise _nothing_to_extend()
    beside = Beside(content=container.content(container.payload[0]))
    return container.with_file(SIMPLE_SIGNATURE, _INNER.extend(signature, level, sources, beside).content)


def _signatures_at(container: Container, level: Level, sources: ExtensionSources) -> Container:
    manifests, _broken = manifests_of(container)
    over = {manifest.keeper: container.content(name) for name, manifest in manifests.items()}
    kept = {name for keeper in keepers_of(container) for name in keeper.names}
    for name in container.named(Role.CADES):
        if name in kept:
            continue
        if over.get(name) is None:
            raise _nothing_to_extend()
        extended = _INNER.extend(container.content(name) or b"", level, sources, Beside(content=over[name]))
        container = container.with_file(name, extended.content)
    return container


def _archived(container: Container, sources: ExtensionSources) -> Container:
    """With one more archive manifest and its time stamp, over everything."""
    keepers, before = keepers_of(container), ""
    if keepers:
        newest = keepers[-1]
        if newest.trouble:
            raise _nothing_to_extend()
        container = container.with_file(newest.token_name, with_own_data(newest.token, sources))
    if container.content(NEWEST) is not None:
        before = container.free_name("ASiCArchiveManifest", ".xml")
        container = container.renamed(NEWEST, before)
    stamp_name = container.free_name("timestamp", ".tst")
    files = [(file.name, file.data) for file in container.files if file.name != MIMETYPE]
    manifest = write_manifest(stamp_name, _STAMP_TYPE, files, root=before)
    token = stamped(sources.timestamper, hashlib.sha256(manifest).digest())
    return container.with_file(NEWEST, manifest).with_file(stamp_name, token)


def _nothing_to_extend() -> SignatureRefused:
    return SignatureRefused(
        "not_extendable",
        vi="Gói không có chữ ký hợp lệ kèm bản kê các tệp được ký nên không nâng mức được.",
        en="The container holds no signature with what it signs, so it cannot be extended.",
        status=422,
    )
