"""The facts of a time-stamp token: what it says, who made it, whether it was made over what it should stamp."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from signing.validation.chains import identify
from signing.validation.cms import CmsBroken, CmsFacts, read_cms, read_time_stamp
from signing.validation.cms_scheme import scheme_of
from signing.validation.crypto import digest_of
from signing.validation.facts import SignerFacts, StampFacts, Trust
from signing.validation.gather_signer import Digester, compare, gather_signer


def gather_stamp(token: bytes, digester: Digester | None, trust: Trust, around: tuple[bytes, ...] = ()) -> StampFacts:
    """
    The facts of one time-stamp token over what `digester` digests.

    around: certificates of the signature that it stands in. A token without any (RFC 3161 §2.4.1, certReq) has its
    authority's among them, or nowhere; it names that by its digest, under its own signature.
    """
    try:
        cms = read_cms(token)
        if cms.content is None:
            raise CmsBroken("time stamp without content")
        info = read_time_stamp(cms.content)
    except CmsBroken as error:
        return StampFacts(SignerFacts(trouble=str(error)), token=token)
    imprint = info["message_imprint"]
    algorithm = str(imprint["hash_algorithm"]["algorithm"].native)
    return StampFacts(
        signer=gather_cms_signer(cms, partial(_over, cms.content), trust, () if cms.certificates else around),
        time=int(info["gen_time"].native.timestamp()),
        imprint=compare(partial(digester, algorithm), imprint["hashed_message"].native) if digester else None,
        imprint_algorithm=algorithm,
        serial=f"{info['serial_number'].native:x}",
        policy=info["policy"].dotted,
        token=token,
    )


def gather_cms_signer(
    cms: CmsFacts, digester: Digester | None, trust: Trust, around: tuple[bytes, ...] = ()
) -> SignerFacts:
    """The facts of the signer of a CMS over what `digester` digests. around: further certificates at hand."""
    if around:
        trust = replace(trust, known=tuple(dict.fromkeys((*trust.known, *around))))
    return gather_signer(
        cms,
        identify((*cms.certificates, *around), cms.signer, cms.key_identifier),
        compare(partial(digester, cms.digest_algorithm), cms.message_digest) if digester else None,
        partial(scheme_of, cms),
        trust,
        (*cms.stamps, *cms.content_stamps, *cms.archives),
    )


def _over(content: bytes, algorithm: str) -> bytes:
    return digest_of(algorithm, content)
