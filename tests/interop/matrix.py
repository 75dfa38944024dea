"""
Every format × packaging × algorithm × key back end × level, judged by us and by EU DSS; docs/formats.md shows it.

With keys of the software back end every packaging and level is made, with those of a device or a service the usual
packaging at B-B and B-T: what is added later does not ask where a key is. A run that is whole is written to
docs/sources/formats.json, from which `make docs` draws the page.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_der_public_key

from docs.sources.formats import DATA, Tried
from keys.algorithms import Algorithm
from keys.backends import BACKENDS
from keys.backends.base import Signer
from keys.handles import KeyHandle
from keys.sealing import MasterKey
from keys.settings import KeysSettings
from signing.errors import SigningError
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats import FORMATS
from signing.formats.base import (
    ExtensionSources,
    Format,
    Level,
    Packaging,
    PrepareRequest,
    ValidationData,
)
from signing.validation.chains import build_chain
from signing.validation.effort import Effort
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from signing.validation.revocation import is_list_of
from tests import signing_pdfs
from tests.aws_kms import kms_server
from tests.city import City
from tests.interop.base import Counterpart, say
from tests.interop.eu_dss_judge import Answer, Judge, judge, missing
from tests.signing_pki import DAY, NOW, Holder, issue, shared_city
from tests.softhsm import soft_token

EXTENDED = NOW + 3600
AT = EXTENDED + 100
CONTENT = "<công-văn số='1'>Huế</công-văn>".encode()
"""XML, so that every format can sign it."""
ON_OTHERS = (Packaging.BESIDE, Packaging.COUNTER)


@dataclass(frozen=True, slots=True)
class Device:
    """
    A private key that does not leave its place: what a certificate needs of it, and its signatures.

    everything: whether it is tried in every packaging and at every level, or in the usual one up to B-T.
    """

    public: Any
    signer: Signer
    everything: bool

    def public_key(self) -> Any:
        return self.public


@contextmanager
def _software(_folder: Path) -> Iterator[KeysSettings]:
    yield KeysSettings(rsa_key_bits=2048)


@contextmanager
def _token(folder: Path) -> Iterator[KeysSettings]:
    with soft_token(folder) as token:
        yield token.settings


@contextmanager
def _service(_folder: Path) -> Iterator[KeysSettings]:
    with kms_server() as running:
        yield running.settings


PLACES: Mapping[str, Callable[[Path], AbstractContextManager[KeysSettings]]] = {
    "software": _software,
    "pkcs11": _token,
    "kms": _service,
}


def run(_city: City) -> bool:
    """All of it, also after something failed."""
    pki = shared_city()
    lists = [holder.sign_crl(EXTENDED - 30, AT + 90 * DAY) for holder in (pki.root, pki.issuing)]
    tried: list[Tried] = []
    with (
        tempfile.TemporaryDirectory(prefix="antin-matrix-") as folder,
        judge(Path(folder), anchors=pki.anchors, lists=lists) as dss,
    ):
        for factory in BACKENDS:
            place = Path(folder) / factory.name
            place.mkdir()
            for holder, algorithm in _holders(factory.name, place):
                tried += _tried(factory.name, holder, algorithm, dss, tuple(lists))
    wrong = [one for one in tried if not one.ours or one.theirs == "failed"]
    say(f"  {'✗' if wrong else '✓'} {len(tried)} combinations of format, packaging, algorithm, back end and level")
    for one in wrong:
        say(f"      {one}")
    if not wrong:
        rows = ",\n".join(json.dumps(list(one), ensure_ascii=False) for one in sorted(tried))
        DATA.write_text(f"[\n{rows}\n]\n", "utf-8")
    return not wrong


def _holders(name: str, folder: Path) -> Iterator[tuple[Holder, str]]:
    factory = next(one for one in BACKENDS if one.name == name)
    with PLACES[name](folder) as settings:
        backend = factory(MasterKey(b"m" * 32), settings, folder)
        for algorithm in (one for one in Algorithm if one in backend.algorithms):
            made = backend.generate(KeyHandle(f"key_{algorithm}"), algorithm)
            device = Device(
                load_der_public_key(made.public_key),
                backend.open(made.handle, algorithm, made.stored),
                name == "software",
            )
            yield issue("Lê Thị Cúc", shared_city().issuing, key=device), str(algorithm)


def _tried(backend: str, holder: Holder, algorithm: str, dss: Judge, lists: tuple[bytes, ...]) -> Iterator[Tried]:
    for one in FORMATS:
        usual = one.packagings if backend == "software" else one.packagings[:1]
        for packaging in usual:
            if not _has(one, packaging, holder, algorithm):
                continue
            for level, document in _levels(one, packaging, holder, algorithm, lists):
                content = CONTENT if packaging is Packaging.DETACHED else None
                ours = _ours(document, content, lists)
                theirs = _theirs(dss.verify(document, AT, content), algorithm, level)
                yield Tried(one.name, str(packaging), algorithm, backend, str(level), ours, theirs)


def _has(one: Format, packaging: Packaging, holder: Holder, algorithm: str) -> bool:
    """Whether the format has a name for the algorithm."""
    try:
        _sign(one, packaging, holder, algorithm, Level.B_B)
    except SigningError as error:
        if error.code != "no_xml_identifier":
            raise
        return False
    return True


def _levels(
    one: Format, packaging: Packaging, holder: Holder, algorithm: str, lists: tuple[bytes, ...]
) -> Iterator[tuple[Level, bytes]]:
    """A counter-signature is not extended, what it countersigns is."""
    beside = Beside(content=CONTENT) if packaging is Packaging.DETACHED else ALONE
    basic = _sign(one, packaging, holder, algorithm, Level.B_B)
    yield Level.B_B, basic
    sources = _sources(lists)
    if packaging is Packaging.COMPACT:
        stamped = one.extend(basic, Level.B_T, sources).content
    else:
        stamped = _sign(one, packaging, holder, algorithm, Level.B_T)
    yield Level.B_T, stamped
    extended = one.extension_levels if packaging is not Packaging.COUNTER and _device(holder).everything else ()
    for level in extended:
        if level is not Level.B_T:
            yield level, one.extend(stamped, level, sources, beside).content


def _sign(one: Format, packaging: Packaging, holder: Holder, algorithm: str, level: Level) -> bytes:
    city = shared_city()
    document = signing_pdfs.plain() if one.name == "PAdES" else CONTENT
    target: tuple[int, ...] = ()
    if packaging in ON_OTHERS:
        first = PrepareRequest(
            city.official.der, city.official.chain, NOW - 60, level=level, packaging=Packaging.ATTACHED
        )
        waiting = one.prepare(document, first)
        document = one.embed(waiting, city.official.sign(waiting.to_be_signed_digest), city.stamp)
        target = (0,) if packaging is Packaging.COUNTER else ()
    request = PrepareRequest(
        holder.der,
        holder.chain,
        NOW,
        level=level,
        algorithm=algorithm,
        packaging=packaging,
        target=target,
        file_name="detached",
    )
    prepared = one.prepare(document, request)
    return one.embed(prepared, _device(holder).signer.sign(prepared.signed_attributes), city.stamp)


def _device(holder: Holder) -> Device:
    assert isinstance(holder.key, Device)
    return holder.key


def _sources(lists: tuple[bytes, ...]) -> ExtensionSources:
    city = shared_city()

    def collect(certificate: bytes, embedded: tuple[bytes, ...]) -> ValidationData:
        chain = build_chain(certificate, embedded, (), city.anchors, Effort())
        links = tuple(link.der for link in chain.links)
        return ValidationData(links, tuple(der for der in lists if is_list_of(der, links)))

    return ExtensionSources(lambda imprint: city.stamp(imprint, at=EXTENDED), collect)


def _ours(document: bytes, content: bytes | None, lists: tuple[bytes, ...]) -> bool:
    own = TrustSource(tuple(shared_city().anchors), (), lists)
    beside = Beside(content=content) if content is not None else ALONE
    return verify_document(document, moment=AT, own=own, beside=beside).indication is Indication.TOTAL_PASSED


def _theirs(answer: Answer, algorithm: str, level: Level) -> str:
    """`passed`, at the level that we say; `policy`: verified, and not on its list; `unknown`: it does not verify it."""
    if answer.passes:
        reached = any(one.format.endswith(f"-BASELINE-{level[2:]}") for one in answer.signatures)
        return "passed" if reached else "failed"
    if algorithm.startswith("ML-DSA"):
        return "unknown"
    refused = {one.sub_indication for one in answer.signatures if one.indication != "TOTAL_PASSED"}
    return "policy" if algorithm == "EdDSA" and refused == {"CRYPTO_CONSTRAINTS_FAILURE_NO_POE"} else "failed"


COUNTERPART = Counterpart("matrix", missing, run)
