"""
An evidence record taken apart, and the bytes that each of its time stamps must be made over. Pure.

A record is a sequence of chains. Within a chain each archive time stamp renews the one before: it covers its token. The
first of a later chain renews everything: it covers the object anew together with all chains so far. What a time stamp
covers may be one of many leaves of a hash tree; the record then holds the lists of digests that lead to the root.
Source: RFC 4998 §3.1, §4.1, §4.3, §5.1 to §5.3.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from asn1crypto import algos

from signing.validation.cms import CmsBroken, read_cms, read_time_stamp
from signing.validation.der_check import NotDer, check_der, children, content_of
from signing.validation.signed import StampInput

MOST_BYTES = 4 * 1024 * 1024
MOST_STAMPS = 64
MOST_LISTS = 64
_VERSION_1 = bytes((2, 1, 1))
_HEAD = bytes((2, 1, 1, 0x30))
_ALGORITHM, _TREE = 0xA0, 0xA2
_DIGESTS = ("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512")


class RecordBroken(ValueError):
    """The message says why, for the operator."""


@dataclass(frozen=True, slots=True)
class ArchiveStamp:
    """
    algorithm: a name that hashlib knows. tree: the lists of digests on the way to the root; empty: a single leaf.

    der: as it stands in a record, which later time stamps cover; empty: it stands in none yet. imprint: what the token
    says to be over.
    """

    algorithm: str
    tree: tuple[tuple[bytes, ...], ...] = field(repr=False)
    token: bytes = field(repr=False)
    der: bytes = field(default=b"", repr=False)
    imprint: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """chains: oldest first, each oldest first. raw: DER of each chain. algorithms: DER of each that is named."""

    chains: tuple[tuple[ArchiveStamp, ...], ...]
    raw: tuple[bytes, ...] = field(repr=False)
    algorithms: tuple[bytes, ...] = field(repr=False)


def starts_record(document: bytes) -> bool:
    """Whether a file starts like an evidence record: a sequence with version 1 and a list of algorithms."""
    return document[:1] == b"\x30" and 2 <= document[:10].find(_HEAD) <= 6


def read_record(der: bytes) -> EvidenceRecord:
    """Raises: RecordBroken: not a strict record, or one with parts that are not known here."""
    if not der or len(der) > MOST_BYTES:
        raise RecordBroken(f"{len(der)} bytes")
    try:
        check_der(der)
        parts = children(der)
        if der[0] != 0x30 or [tag for tag, _ in parts] != [0x02, 0x30, 0x30] or parts[0][1] != _VERSION_1:
            raise RecordBroken("other elements than version, algorithms and time stamps")
        algorithms = tuple(one for _tag, one in children(parts[1][1]))
        named = {_algorithm(one) for one in algorithms}
        raw = tuple(one for _tag, one in children(parts[2][1]))
        chains = tuple(tuple(_stamp(one) for _tag, one in children(chain)) for chain in raw)
    except RecordBroken:
        raise
    except (NotDer, CmsBroken, ValueError, IndexError, TypeError, KeyError, RecursionError) as error:
        raise RecordBroken(str(error)[:200] or type(error).__name__) from error
    _check_chains(chains, named)
    return EvidenceRecord(chains, raw, algorithms)


def _check_chains(chains: tuple[tuple[ArchiveStamp, ...], ...], named: set[str]) -> None:
    count = sum(len(chain) for chain in chains)
    if not chains or not all(chains) or count > MOST_STAMPS:
        raise RecordBroken(f"{count} time stamps")
    for chain in chains:
        if {one.algorithm for one in chain} != {chain[0].algorithm}:
            raise RecordBroken("a chain of two algorithms")
    if {one.algorithm for chain in chains for one in chain} != named:
        raise RecordBroken("the algorithms are not those that are named")


def _stamp(der: bytes) -> ArchiveStamp:
    parts = children(der)
    tags = [tag for tag, _ in parts]
    if der[0] != 0x30 or tags not in ([0x30], [_ALGORITHM, 0x30], [_TREE, 0x30], [_ALGORITHM, _TREE, 0x30]):
        raise RecordBroken("an archive time stamp with other elements")
    found = dict(parts)
    token = parts[-1][1]
    algorithm, imprint = _imprint(token)
    if _ALGORITHM in found and _algorithm(b"\x30" + found[_ALGORITHM][1:]) != algorithm:
        raise RecordBroken("the algorithm is not that of the time stamp")
    lists = children(found[_TREE]) if _TREE in found else []
    if _TREE in found and not 0 < len(lists) <= MOST_LISTS:
        raise RecordBroken(f"a tree of {len(lists)} lists")
    size = hashlib.new(algorithm).digest_size
    tree = tuple(_digests(tag, one, size) for tag, one in lists)
    if tree and len(tree[0]) < 2:
        raise RecordBroken("a first list of one digest")  # readers disagree on whether that is hashed once more
    return ArchiveStamp(algorithm, tree, token, der, imprint)


def _digests(tag: int, one: bytes, size: int) -> tuple[bytes, ...]:
    members = children(one)
    digests = tuple(content_of(member) for _tag, member in members)
    right = tag == 0x30 and members and all(kind == 0x04 for kind, _ in members)
    if not right or len(set(digests)) != len(digests) or any(len(digest) != size for digest in digests):
        raise RecordBroken("a list with something that is no digest, or one twice")
    return digests


def _algorithm(der: bytes) -> str:
    name = str(algos.DigestAlgorithm.load(der, strict=True)["algorithm"].native)
    if name not in _DIGESTS:
        raise RecordBroken(f"digest with {name}")
    return name


def _imprint(token: bytes) -> tuple[str, bytes]:
    content = read_cms(token).content
    if content is None:
        raise RecordBroken("a time stamp without content")
    stated = read_time_stamp(content)["message_imprint"]
    name = str(stated["hash_algorithm"]["algorithm"].native)
    if name not in _DIGESTS:
        raise RecordBroken(f"imprint with {name}")
    return name, bytes(stated["hashed_message"].native)


def stamp_inputs(record: EvidenceRecord, thing: bytes) -> tuple[StampInput, ...]:
    """
    Each time stamp of the record, oldest first, with the bytes it must be over if the record is about that object; one
    that does not lead to the object, or to the time stamp before it, says so in `trouble`. It covers the older tokens.
    """
    found: list[StampInput] = []
    for number, chain in enumerate(record.chains):
        for place, stamp in enumerate(chain):
            leaf = chain[place - 1].token if place else _first_leaf(record, number, stamp.algorithm, thing)
            over = _over(stamp, leaf)
            right = over is not None and hmac.compare_digest(hashlib.new(stamp.algorithm, over).digest(), stamp.imprint)
            trouble = "" if right else "it is about something else"
            found.append(StampInput(stamp.token, over, tuple(one.token for one in found), trouble))
    return tuple(found)


def _first_leaf(record: EvidenceRecord, number: int, algorithm: str, thing: bytes) -> bytes:
    """What the first time stamp of a chain covers: the object, in later chains with all chains before (§5.2)."""
    if not number:
        return thing
    return hashlib.new(algorithm, thing).digest() + hashlib.new(algorithm, sequence_of(record.raw[:number])).digest()


def sequence_of(parts: Sequence[bytes]) -> bytes:
    """DER of a SEQUENCE OF."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((0x30, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((0x30, 0x80 | len(length))) + length + body


def _over(stamp: ArchiveStamp, leaf: bytes) -> bytes | None:
    """The bytes whose digest is the root; None: the first list does not name the leaf (§4.3)."""
    if not stamp.tree:
        return leaf
    digest = hashlib.new(stamp.algorithm, leaf).digest()
    if digest not in stamp.tree[0]:
        return None
    over = b"".join(sorted(stamp.tree[0]))
    for others in stamp.tree[1:]:
        over = b"".join(sorted((*others, hashlib.new(stamp.algorithm, over).digest())))
    return over


def inputs_of(records: Sequence[bytes], thing: bytes) -> tuple[tuple[StampInput, ...], bool]:
    """The time stamps of all records about an object, and whether any record is broken or about something else."""
    found: list[StampInput] = []
    lost = False
    for der in records:
        try:
            inputs = stamp_inputs(read_record(der), thing)
        except RecordBroken:
            inputs = ()
        if not inputs or any(one.trouble for one in inputs):
            lost = True
        else:
            found += inputs
    return tuple(found), lost
