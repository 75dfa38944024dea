"""
Evidence records written: one time stamp for any number of objects, a record for each, and their renewal.

Source: RFC 4998 §4.2 (reduced hash trees), §5.2 (renewal of time stamps and of hash trees).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from signing.errors import DocumentRefused, SignatureRefused
from signing.formats.base import ExtensionSources, Timestamper
from signing.formats.cades_extend import with_own_data
from signing.formats.der import integer, octets, sequence, tlv
from signing.formats.refusals import stamped
from signing.formats.signature_algorithms import DIGEST_IDENTIFIERS
from signing.validation.evidence_record import ArchiveStamp, EvidenceRecord, RecordBroken, read_record, sequence_of

ALGORITHM = "sha256"
"""Of new trees and renewals: the one that time stamps are asked for with."""
_OURS = DIGEST_IDENTIFIERS[ALGORITHM]
Tree = tuple[tuple[bytes, ...], ...]


def create_records(things: Sequence[bytes], timestamper: Timestamper) -> tuple[bytes, ...]:
    """
    A record for each object, DER, in their order; all share one time stamp.

    Raises: SignatureRefused: nothing to stamp, or no stamp came; what the timestamper raises passes through.
    """
    leaves = [hashlib.sha256(thing).digest() for thing in things]
    if not leaves:
        raise SignatureRefused("no_content", vi="Không có tệp nào.", en="There are no files.", status=422)
    root, trees = reduced_trees(leaves)
    token = stamped(timestamper, root)
    return tuple(_written(((ArchiveStamp(ALGORITHM, trees[leaf], token),),)) for leaf in leaves)


def reduced_trees(leaves: Sequence[bytes]) -> tuple[bytes, dict[bytes, Tree]]:
    """
    The root over digests, and for each the lists that lead from it to the root.

    Equal digests are one leaf. Nodes are joined by twos, the last three where their number is odd, so that no list is
    empty; a node is the digest of its sorted parts.
    """
    level = sorted(set(leaves))
    below: dict[bytes, tuple[bytes, ...]] = {leaf: (leaf,) for leaf in level}
    trees: dict[bytes, Tree] = dict.fromkeys(level, ())
    while len(level) > 1:
        above: list[bytes] = []
        joined: dict[bytes, tuple[bytes, ...]] = {}
        for group in _groups(level):
            node = hashlib.sha256(b"".join(sorted(group))).digest()
            for member in group:
                for leaf in below[member]:
                    first = not trees[leaf]
                    others = tuple(sorted(one for one in group if first or one != member))
                    trees[leaf] = (*trees[leaf], others)
            joined[node] = tuple(leaf for member in group for leaf in below[member])
            above.append(node)
        level, below = above, joined
    return level[0], trees


def _groups(level: Sequence[bytes]) -> list[Sequence[bytes]]:
    groups = [level[at : at + 2] for at in range(0, len(level), 2)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        last = groups.pop()
        groups[-1] = (*groups[-1], *last)
    return groups


def renew_record(der: bytes, sources: ExtensionSources, thing: bytes | None = None) -> bytes:
    """
    One more archive time stamp. thing: the object, for a new hash tree, which is needed once the digest grows old;
    None renews the time stamp only, without the object.

    Raises: DocumentRefused: no record; SignatureRefused: a chain of another digest must get a new hash tree; what the
            sources raise passes through.
    """
    record = opened_record(der)
    *earlier, last = record.chains
    newest = replace(last[-1], token=with_own_data(last[-1].token, sources), der=b"")
    chains = (*earlier, (*last[:-1], newest))
    if thing is None:
        if newest.algorithm != ALGORITHM:
            raise _needs_tree()
        token = stamped(sources.timestamper, hashlib.sha256(newest.token).digest())
        return _written((*earlier, (*last[:-1], newest, ArchiveStamp(ALGORITHM, (), token))), record.algorithms)
    before = hashlib.sha256(sequence_of([_chain(chain) for chain in chains])).digest()
    root = hashlib.sha256(hashlib.sha256(thing).digest() + before).digest()
    added = ArchiveStamp(ALGORITHM, (), stamped(sources.timestamper, root))
    return _written((*chains, (added,)), record.algorithms)


def opened_record(der: bytes) -> EvidenceRecord:
    """Raises: DocumentRefused: not a strict record."""
    try:
        return read_record(der)
    except RecordBroken as error:
        raise DocumentRefused(
            "not_readable",
            vi="Đây không phải là hồ sơ chứng cứ (RFC 4998) hợp lệ.",
            en="This is no proper evidence record (RFC 4998).",
            hint=str(error),
        ) from error


def _written(chains: Sequence[Sequence[ArchiveStamp]], algorithms: Sequence[bytes] = ()) -> bytes:
    """The record, DER; what stood in it already stays byte for byte. algorithms: those that are named already."""
    ours = () if any(one.startswith(_OURS[2:], 2) for one in algorithms) else (_OURS,)
    return sequence(integer(1), sequence(*algorithms, *ours), sequence(*(_chain(chain) for chain in chains)))


def _chain(chain: Sequence[ArchiveStamp]) -> bytes:
    return sequence(*(_stamp(one) for one in chain))


def _stamp(one: ArchiveStamp) -> bytes:
    if one.der:
        return one.der
    tree = (tlv(0xA2, *(sequence(*map(octets, digests)) for digests in one.tree)),) if one.tree else ()
    return sequence(tlv(0xA0, DIGEST_IDENTIFIERS[one.algorithm][2:]), *tree, one.token)


def _needs_tree() -> SignatureRefused:
    return SignatureRefused(
        "needs_new_tree",
        vi="Thuật toán băm của hồ sơ đã khác; hãy gia hạn kèm chính tệp đó (--hash-tree).",
        en="The record uses another digest; renew it together with the file (--hash-tree).",
        status=422,
    )
