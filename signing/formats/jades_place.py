"""A new JAdES signature put into the file that waits for it. Source: RFC 7515 §7.2; TS 119 182-1 §5.3.2, §5.3.4."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from signing.formats.base import Level, Prepared, Timestamper
from signing.formats.jades_protected import container
from signing.formats.jades_unsigned import SIGNATURE_STAMP
from signing.formats.json_strict import base64url, from_base64url, parse_object
from signing.formats.jws_algorithms import ALGORITHMS
from signing.formats.jws_parts import (
    COUNTER,
    Jws,
    JwsSignature,
    Serialization,
    Unsigned,
    new_unsigned,
    open_counter,
    open_jws,
)
from signing.formats.refusals import stamped

_NONE_YET = b"{}"


def written_waiting(waiting: Jws) -> bytes:
    """A file without a signature yet as its payload (compact), or as an object; one that has signatures as it is."""
    if waiting.signatures:
        return waiting.write()
    if waiting.serialization is Serialization.COMPACT:
        return waiting.payload.encode("ascii")
    return b'{"payload":"%s"}' % waiting.payload.encode("ascii") if waiting.payload else _NONE_YET


def opened_waiting(written: bytes) -> Jws:
    """The other way round. Raises: NotStrict: never for what `written_waiting` has made."""
    if not written.startswith(b"{"):
        compact = written.count(b".") != 2
        return Jws(Serialization.COMPACT, written.decode("ascii"), ()) if compact else open_jws(written)
    members = parse_object(written)
    if members.keys() <= {"payload"}:
        return Jws(Serialization.FLATTENED, members.get("payload", ""), ())
    return open_jws(written)


def with_signature(prepared: Prepared, value: bytes, timestamper: Timestamper | None) -> bytes:
    """Raises: SignatureRefused, and what the timestamper raises: there is no B-T without its stamp."""
    protected = prepared.signed_attributes.partition(b".")[0].decode("ascii")
    written = base64url(ALGORITHMS[prepared.algorithm].to_jws(value))
    signature = JwsSignature(protected, parse_object(from_base64url(protected)), written)
    if prepared.level is not Level.B_B:
        token = stamped(timestamper, hashlib.sha256(written.encode("ascii")).digest())
        signature = signature.and_unsigned(SIGNATURE_STAMP, container(token))
    waiting = opened_waiting(prepared.update)
    if not prepared.place:
        return replace(waiting, signatures=(*waiting.signatures, signature)).write()
    first, *below = prepared.place
    signatures = list(waiting.signatures)
    signatures[first] = _countersigned(signatures[first], tuple(below), signature)
    return replace(waiting, signatures=tuple(signatures)).write()


def _countersigned(signature: JwsSignature, path: tuple[int, ...], counter: JwsSignature) -> JwsSignature:
    """A signature with a counter-signature over itself (empty path), or over one of its own at that path."""
    if not path:
        return signature.and_unsigned(COUNTER, counter.members())
    unsigned, position = list(signature.unsigned), -1
    for place, one in enumerate(signature.unsigned):
        position += one.name == COUNTER
        if one.name == COUNTER and position == path[0]:
            (inner,) = open_counter(one.value).signatures
            members = _countersigned(inner, path[1:], counter).members()
            clear = one.written is None
            unsigned[place] = Unsigned(None, COUNTER, members) if clear else new_unsigned(COUNTER, members)
    return replace(signature, unsigned=tuple(unsigned))
