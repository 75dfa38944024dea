"""
Paths that are right or wrong in one way each (path_cases.py), through both validators of ours and through OpenSSL.

Of ours none may accept what RFC 5280 refuses. Every answer that is not the expected one has its reason beside the case;
a judge that agrees after all is no failure, as versions of OpenSSL differ.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.utils import CryptographyDeprecationWarning

from keys.errors import KeyRefused
from keys.peers import read_peer, verify_peer
from signing.validation.algorithms import built_in_suite
from signing.validation.certificates import CertificateUnreadable
from signing.validation.chains import ChainFacts, build_chain
from signing.validation.effort import Effort
from tests.city import City
from tests.interop.base import Counterpart, say
from tests.interop.path_cases import cases
from tests.interop.path_making import MOMENT, OPENSSL, OURS, TLS, Case

AT = int(MOMENT.timestamp())
FEWEST = 90


def by_documents(case: Case) -> str:
    """Why signing.validation refuses the signer of a document; "" if it does not: chain, time, use, strength."""
    try:
        chain = build_chain(case.leaf, case.pool, (), case.anchors, Effort())
    except CertificateUnreadable as error:
        return f"unreadable: {error}"
    if not chain.trusted or chain.defect:
        return chain.defect or "no path"
    if not all(link.holds_at(AT) for link in chain.links[:-1]):
        return "out of its time"
    if chain.leaf.is_authority or chain.leaf.only_time_stamping or not chain.leaf.may_sign:
        return "not for signatures"
    return _weak(chain)


def _weak(chain: ChainFacts) -> str:
    suite = built_in_suite()
    for link in chain.links:
        if suite.key_until(link.key_kind, link.key_bits) <= AT:
            return f"weak: {link.key}"
    digests = [link.signed_with for link in chain.links[:-1] if link.signed_with]
    return next((f"weak: {one}" for one in digests if suite.digest_until(one) <= AT), "")


def by_tls(case: Case) -> str:
    """The same by keys.peers, which lets clients in by their certificates."""
    try:
        verify_peer(read_peer(case.leaf), case.pool, case.anchors, at=AT)
    except KeyRefused as error:
        return error.debug or "refused"
    return ""


def by_openssl(case: Case) -> str:
    """The same by `openssl verify`."""
    with tempfile.TemporaryDirectory(prefix="antin-paths-") as name:
        folder = Path(name)
        (folder / "leaf").write_bytes(case.leaf)
        (folder / "pool").write_text("".join(map(_pem, case.pool)) or _pem(case.anchors[0]), "ascii")
        (folder / "anchors").write_text("".join(map(_pem, case.anchors)), "ascii")
        words = ["openssl", "verify", "-attime", str(AT), "-x509_strict", "-partial_chain", "-policy_check"]
        words += ["-untrusted", "pool", "-CAfile", "anchors", "leaf"]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["refused"])[0]


def _pem(der: bytes) -> str:
    """Of bytes that need not be a certificate."""
    body = base64.encodebytes(der).decode("ascii")
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"


JUDGES: Mapping[str, Callable[[Case], str]] = {OURS: by_documents, TLS: by_tls, OPENSSL: by_openssl}


def run(_city: City) -> bool:
    """Every case; each answer that is neither expected nor explained is said."""
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)  # odd numbers are what is asked about
    wrong, explained, found = [], 0, cases()
    for case in found:
        for name, refusal in JUDGES.items():
            why = refusal(case)
            if bool(why) != case.valid:
                continue
            if name in case.explained and (case.valid or name != OURS):
                explained += 1
            else:
                wrong.append(f"{case.name} ({case.clause}): {name} says {why or 'valid'}")
    for line in wrong:
        say(f"FAIL {line}")
    say(f"{len(found)} paths by {len(JUDGES)} judges, {explained} other answers with a reason, {len(wrong)} without")
    return len(found) >= FEWEST and not wrong


def missing() -> str:
    """Why it cannot run here; "" when it can."""
    return "" if shutil.which("openssl") else "OpenSSL is not installed"


COUNTERPART = Counterpart("paths", missing, run)
