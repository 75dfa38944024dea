"""
The protected header of a JAdES signature: what it states, and what makes it unfit to be believed.

No key comes from it: a header that brings or fetches one is refused, whether we would use it or not (RFC 8725 §3.10);
the certificates of `x5c` count for what their path says.
Source: TS 119 182-1 §5.1, §5.2, §6.3; RFC 7515 §4.1; RFC 7797 §3, §6.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from signing.formats.json_strict import NotStrict, from_base64, from_base64url
from signing.formats.jws_algorithms import ALGORITHMS, NO_SIGNATURE, JwsAlgorithm, digest_named
from signing.validation.signed import EssId

MOST_CERTIFICATES = 64
LATEST = 253_402_300_799
"""The last second of the year 9999."""
BRINGS_KEYS = frozenset(("jwk", "jku", "x5u"))
_OF_OTHERS = frozenset(("x5t", "zip", "enc", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c"))
"""A digest by SHA-1, and members of encrypted tokens."""
_BASIC = frozenset(("alg", "kid", "x5c", "x5t#S256", "typ", "cty", "crit")) | BRINGS_KEYS | _OF_OTHERS
_UNDERSTOOD = frozenset(
    ("b64", "iat", "sigT", "x5t#o", "sigX5ts", "srCms", "sigPl", "srAts", "adoTst", "sigPId", "sigD"),
)
_MUST_BE_CRITICAL = frozenset(("b64", "sigD"))
_NAMING = ("x5t#S256", "x5t#o", "sigX5ts")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


@dataclass(frozen=True, slots=True)
class Header:
    """
    algorithm:    None: one that we do not know, called `algorithm_name`.
    certificates: DER of x5c. ess: what names the signing certificate. signing_time: epoch seconds, claimed.
    stamps:       DER of the tokens of adoTst. references: what sigD says, None without it.
    """

    algorithm_name: str
    algorithm: JwsAlgorithm | None
    certificates: tuple[bytes, ...] = field(repr=False)
    ess: tuple[EssId, ...]
    signing_time: int | None
    stamps: tuple[bytes, ...] = field(repr=False)
    references: SigD | None
    place: str = ""


@dataclass(frozen=True, slots=True)
class SigD:
    """names: of the data objects. digests: of each with `algorithm`; empty where the objects are the payload."""

    mechanism: str
    names: tuple[str, ...]
    algorithm: str = ""
    digests: tuple[bytes, ...] = ()


BY_HASH = "http://uri.etsi.org/19182/ObjectIdByURIHash"
BY_URI = "http://uri.etsi.org/19182/ObjectIdByURI"


def read_header(header: dict[str, Any], *, counter: bool = False) -> Header:
    """counter: whether it is that of a counter-signature. Raises: NotStrict: refused, and why."""
    refused = sorted((BRINGS_KEYS | _OF_OTHERS) & header.keys())
    if refused:
        raise NotStrict(f"header {refused[0]}")
    name = _text(header.get("alg"), "alg")
    if name in NO_SIGNATURE:
        raise NotStrict(f"alg {name}")
    if not isinstance(header.get("b64", True), bool):
        raise NotStrict("b64")
    for word in ("kid", "typ", "cty"):
        if word in header:
            _text(header[word], word)
    _check_critical(header)
    if counter and {"cty", "sigD", "adoTst"} & header.keys():
        raise NotStrict("a counter-signature that speaks of content")
    return Header(
        algorithm_name=name[:40],
        algorithm=ALGORITHMS.get(name),
        certificates=_certificates(header.get("x5c", [])),
        ess=tuple(_named(header)),
        signing_time=_signing_time(header),
        stamps=read_container(header["adoTst"]) if "adoTst" in header else (),
        references=_read_sig_d(header["sigD"]) if "sigD" in header else None,
        place=_place(header.get("sigPl")),
    )


def read_pki_object(value: Any) -> bytes:
    """A pkiOb: DER in base64. Raises: NotStrict: other members or another encoding (TS 119 182-1 §5.4.2)."""
    if not isinstance(value, dict) or value.keys() != {"val"}:
        raise NotStrict("an object with another encoding than DER")
    return from_base64(value["val"])


def read_container(value: Any) -> tuple[bytes, ...]:
    """The time stamps of a tstContainer. Raises: NotStrict (TS 119 182-1 §5.4.3)."""
    if not isinstance(value, dict) or value.keys() != {"tstTokens"}:
        raise NotStrict("a container of time stamps with other members")
    tokens = value["tstTokens"]
    if not isinstance(tokens, list) or not tokens:
        raise NotStrict("a container without time stamps")
    return tuple(read_pki_object(one) for one in tokens)


def _check_critical(header: dict[str, Any]) -> None:
    """RFC 7515 §4.1.11; RFC 7797 §6; TS 119 182-1 §5.1.9."""
    critical = header.get("crit", [])
    if "crit" in header:
        if not isinstance(critical, list) or not critical or not all(isinstance(one, str) for one in critical):
            raise NotStrict("crit that is no list of names")
        if len(set(critical)) != len(critical) or not set(critical) <= header.keys():
            raise NotStrict("crit with a name twice, or of what is not there")
        if set(critical) & _BASIC or not set(critical) <= _UNDERSTOOD:
            raise NotStrict("crit with what is not understood")
    if not (_MUST_BE_CRITICAL & header.keys()) <= set(critical):
        raise NotStrict("b64 or sigD that is not critical")


def _certificates(values: Any) -> tuple[bytes, ...]:
    if not isinstance(values, list) or len(values) > MOST_CERTIFICATES:
        raise NotStrict("x5c")
    return tuple(from_base64(one) for one in values)


def _named(header: dict[str, Any]) -> Iterator[EssId]:
    """What names the signing certificate: one of three headers (TS 119 182-1 §6.3)."""
    if len([one for one in _NAMING if one in header]) > 1:
        raise NotStrict("the signing certificate named in several ways")
    if "x5t#S256" in header:
        yield EssId("sha256", from_base64url(header["x5t#S256"]))
    if "x5t#o" in header:
        yield _digest(header["x5t#o"])
    if "sigX5ts" in header:
        several = header["sigX5ts"]
        if not isinstance(several, list) or not 0 < len(several) <= MOST_CERTIFICATES:
            raise NotStrict("sigX5ts")
        yield from map(_digest, several)


def _digest(value: Any) -> EssId:
    if not isinstance(value, dict) or value.keys() != {"digAlg", "digVal"}:
        raise NotStrict("a digest with other members")
    return EssId(digest_named(_text(value["digAlg"], "digAlg")), from_base64url(value["digVal"]))


def _signing_time(header: dict[str, Any]) -> int:
    """iat, or, in older signatures, sigT; one of them must be there (TS 119 182-1 §5.1.11, §5.2.1, §6.3)."""
    if ("iat" in header) == ("sigT" in header):
        raise NotStrict("the time of signing is to be stated once")
    if "iat" in header:
        stated = header["iat"]
        if isinstance(stated, bool) or not isinstance(stated, int) or not 0 <= stated <= LATEST:
            raise NotStrict("iat")
        return stated
    written = _text(header["sigT"], "sigT")
    try:
        if not _TIME.fullmatch(written):
            raise ValueError
        return int(datetime.strptime(written, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise NotStrict("sigT") from error


def _read_sig_d(value: Any) -> SigD:
    """TS 119 182-1 §5.2.8: by name and digest, or by name with the objects as payload."""
    if not isinstance(value, dict) or not value.keys() <= {"mId", "pars", "hashM", "hashV", "ctys"}:
        raise NotStrict("sigD")
    mechanism = value.get("mId")
    names = _texts(value.get("pars"))
    if not names or len(set(names)) != len(names) or ("ctys" in value and len(_texts(value["ctys"])) != len(names)):
        raise NotStrict("sigD without a name for each object")
    if mechanism == BY_URI and not {"hashM", "hashV"} & value.keys():
        return SigD(BY_URI, names)
    if mechanism != BY_HASH:
        raise NotStrict("sigD by a mechanism that we do not know")
    digests = _texts(value.get("hashV"))
    if len(digests) != len(names):
        raise NotStrict("sigD without a digest for each object")
    algorithm = digest_named(_text(value.get("hashM"), "hashM"))
    return SigD(BY_HASH, names, algorithm, tuple(from_base64url(one) for one in digests))


def _place(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    words = (value.get("addressLocality"), value.get("addressCountry"))
    return ", ".join(one for one in words if isinstance(one, str))


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) > MOST_CERTIFICATES:
        raise NotStrict("no list of texts")
    return tuple(_text(one, "an element") for one in values)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise NotStrict(f"{what} that is no text")
    return value
