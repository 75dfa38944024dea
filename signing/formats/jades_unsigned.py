"""
What stands in etsiU: time stamps, certificates, revocation data, and of what kind the rest is. Nothing is verified.

Source: TS 119 182-1 §5.3 (sigTst, xVals, rVals, axVals, arVals, tstVD, arcTst, anyValData, cSig), §5.4.2, §5.4.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signing.formats.jades_header import read_container, read_pki_object
from signing.formats.json_strict import NotStrict
from signing.formats.jws_parts import COUNTER, Unsigned

SIGNATURE_STAMP, ARCHIVE_STAMP = "sigTst", "arcTst"
CERTIFICATES, REVOCATION, STAMP_DATA = "xVals", "rVals", "tstVD"
_CERTIFICATES, _REVOCATION = (CERTIFICATES, "axVals"), (REVOCATION, "arVals")
_BOTH = (STAMP_DATA, "anyValData")
MOST_VALUES = 256


@dataclass(frozen=True, slots=True)
class Values:
    """What a verifier may need, DER each. others: how many revocation values are of another kind."""

    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    lists: tuple[bytes, ...] = field(default=(), repr=False)
    answers: tuple[bytes, ...] = field(default=(), repr=False)
    others: int = 0

    def __add__(self, more: Values) -> Values:
        return Values(
            (*self.certificates, *more.certificates),
            (*self.lists, *more.lists),
            (*self.answers, *more.answers),
            self.others + more.others,
        )

    @property
    def all(self) -> tuple[bytes, ...]:
        return (*self.certificates, *self.lists, *self.answers)


def stamps_of(unsigned: Iterable[Unsigned], name: str) -> tuple[bytes, ...]:
    """The tokens of the elements with that name. Raises: NotStrict."""
    return tuple(token for one in unsigned if one.name == name for token in read_container(one.value))


def unknown_of(unsigned: Iterable[Unsigned]) -> tuple[str, ...]:
    """Names of elements of a kind that we do not read."""
    known = (SIGNATURE_STAMP, ARCHIVE_STAMP, COUNTER, *_CERTIFICATES, *_REVOCATION, *_BOTH)
    return tuple(one.name[:40] for one in unsigned if one.name not in known)


def values_of(unsigned: Iterable[Unsigned]) -> Values:
    """All validation data. Raises: NotStrict: not in its form, or too much of it."""
    found = Values()
    for one in unsigned:
        if one.name in _CERTIFICATES:
            found += _certificates(one.value)
        elif one.name in _REVOCATION:
            found += _revocation(one.value)
        elif one.name in _BOTH:
            found += _both(one.value)
    if len(found.all) > MOST_VALUES:
        raise NotStrict(f"more than {MOST_VALUES} certificates and revocation values")
    return found


def covered_by(unsigned: Iterable[Unsigned]) -> tuple[bytes, ...]:
    """The objects inside elements that an archive time stamp covers: DER of certificates, lists, answers, tokens."""
    kept = tuple(unsigned)
    return (*values_of(kept).all, *stamps_of(kept, SIGNATURE_STAMP), *stamps_of(kept, ARCHIVE_STAMP))


def _certificates(value: Any) -> Values:
    found = []
    for one in _list(value):
        if not isinstance(one, Mapping) or one.keys() != {"x509Cert"}:
            raise NotStrict("a certificate value of another kind")
        found.append(read_pki_object(one["x509Cert"]))
    return Values(certificates=tuple(found))


def _revocation(value: Any) -> Values:
    members = _members(value, ("crlVals", "ocspVals", "otherVals"))
    lists, answers = (
        tuple(read_pki_object(one) for one in _list(members[name])) if name in members else ()
        for name in ("crlVals", "ocspVals")
    )
    return Values(
        lists=lists, answers=answers, others=len(_list(members["otherVals"])) if "otherVals" in members else 0
    )


def _both(value: Any) -> Values:
    members = _members(value, (CERTIFICATES, REVOCATION))
    certificates = _certificates(members[CERTIFICATES]) if CERTIFICATES in members else Values()
    return certificates + (_revocation(members[REVOCATION]) if REVOCATION in members else Values())


def _members(value: Any, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not value or not value.keys() <= set(known):
        raise NotStrict("validation data with other members")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise NotStrict("an empty list of values")
    return value
