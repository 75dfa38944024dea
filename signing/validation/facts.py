"""Everything the checks may know about one signature. Gathered once, frozen, then only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signing.validation.effort import Effort
from signing.validation.located import LocatedSignature
from signing.validation.policy_file import ValidationPolicy, built_in_policy
from signing.validation.revocation import RevocationFacts
from signing.validation.signed import Signed
from signing.validation.status import everything_said

if TYPE_CHECKING:  # its library is loaded by the first document (formats/pades.py)
    from signing.validation.chains import ChainFacts


@dataclass(frozen=True, slots=True)
class Trust:
    """
    What the validation stands on.

    anchors: DER of the trusted roots; known: DER of further authorities; lists: DER of revocation lists and OCSP
             answers.
    moment:  the time of validation, epoch seconds. asked_online: whether lists could be fetched.
    effort:  what the document may still cost. domains: of an anchor, the name of its trust domain.
    granted: of an anchor from a trust list, the periods it may be trusted in (from, until; epoch seconds); late: when
             that list should have been followed by another one. policy: what is judged by.
    hosts:   names on which a missing authority's certificate may be looked for, besides those of known authorities.
    """

    anchors: tuple[bytes, ...] = field(repr=False)
    known: tuple[bytes, ...] = field(repr=False)
    lists: tuple[bytes, ...] = field(repr=False)
    moment: int = 0
    asked_online: bool = False
    effort: Effort = field(default_factory=Effort, repr=False, compare=False)
    domains: Mapping[bytes, str] = field(default_factory=dict, repr=False, compare=False)
    granted: Mapping[bytes, tuple[tuple[int, int], ...]] = field(default_factory=dict, repr=False, compare=False)
    late: Mapping[bytes, int] = field(default_factory=dict, repr=False, compare=False)
    policy: ValidationPolicy = field(default_factory=built_in_policy, repr=False, compare=False)
    hosts: tuple[str, ...] = ()

    def is_granted(self, anchor: bytes, moment: int) -> bool:
        """Whether an anchor may be trusted for that moment; always, if no trust list limits it."""
        periods = self.granted.get(anchor)
        return periods is None or any(since <= moment < until for since, until in periods)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a cryptographic comparison held; `why` says why not; `unknown` if the algorithm is not one we verify."""

    holds: bool
    why: str = ""
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class SignerFacts:
    """
    One signature and its certificate, whether a person's or a time-stamping authority's.

    trouble:  why it cannot be read (then everything else is None); other: it names a kind that is not read.
    digest:   every signed digest against its content; None: nobody has brought the content.
    ess:      the signing-certificate attribute against the certificate.
    strays:   embedded certificates and revocation lists that nothing vouches for.
    lists:    every revocation list at hand, DER. effort: what reading them may cost.
    """

    trouble: str
    other: bool = False
    signed: Signed | None = None
    certificate: bytes | None = field(default=None, repr=False)
    chain: ChainFacts | None = None
    digest: Outcome | None = None
    signature: Outcome | None = None
    ess: Outcome | None = None
    revocation: tuple[RevocationFacts, ...] = ()
    strays: int = 0
    lists: tuple[bytes, ...] = field(default=(), repr=False)
    effort: Effort | None = field(default=None, repr=False, compare=False)

    @property
    def history(self) -> tuple[RevocationFacts, ...]:
        """What every list at hand says of the path, for judging the past (past.py); read only where there is one."""
        if self.chain is None or not self.chain.trusted:
            return ()
        return everything_said(self.chain.links, self.lists, self.effort)


@dataclass(frozen=True, slots=True)
class StampFacts:
    """
    One RFC 3161 token. time: epoch seconds of genTime; imprint: the stamped digest against what it should stamp.

    serial and policy as the token states them. token: its DER, as it was found.
    """

    signer: SignerFacts
    time: int | None = None
    imprint: Outcome | None = None
    imprint_algorithm: str = ""
    serial: str = ""
    policy: str = ""
    token: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """
    One archive time stamp. covers: the objects that its hash index names, and the signature with its certificate.

    trouble: why its index is no good, empty if it is. around: it is about the whole file of the signature, and has no
    index. record: it stands in an evidence record, and makes no level.
    """

    stamp: StampFacts
    covers: tuple[bytes, ...] = field(default=(), repr=False)
    trouble: str = ""
    around: bool = False
    record: bool = False


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """
    A signature of a document; for a document time stamp, `stamps` holds that one token and `signer` its signer.

    listed: for each file of a container that a signed manifest names, whether its digest holds; None: it is not there.
    """

    located: LocatedSignature
    signer: SignerFacts
    stamps: Sequence[StampFacts]
    trust: Trust
    content_stamps: Sequence[StampFacts] = ()
    archives: Sequence[ArchiveFacts] = ()
    listed: Sequence[tuple[str, str, Outcome | None]] = ()

    @property
    def signers(self) -> tuple[SignerFacts, ...]:
        """Everybody whose certificate counts: the signer and the time-stamping authorities."""
        stamps = (*self.stamps, *self.content_stamps, *(archive.stamp for archive in self.archives))
        return (self.signer, *(stamp.signer for stamp in stamps))
