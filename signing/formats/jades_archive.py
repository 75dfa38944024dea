"""
What an archive time stamp of JAdES is made over. Pure.

Content, protected header and value in base64url with dots between, then every element of etsiU before it, as it is
written in the array. Elements in the clear have no canonical form that all agree on, so they are not archived.
Source: TS 119 182-1 §5.3.6.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from signing.formats.jades_content import Content
from signing.formats.jades_unsigned import ARCHIVE_STAMP, covered_by, stamps_of
from signing.formats.json_strict import NotStrict, from_base64url
from signing.formats.jws_parts import JwsSignature, Unsigned
from signing.validation.signed import StampInput


def imprint_input(signature: JwsSignature, content: Content, before: tuple[Unsigned, ...]) -> bytes | None:
    """
    The bytes that are stamped; None: the content is missing.

    Raises: NotStrict: an element in the clear.
    """
    if content.stamped is None:
        return None
    written = [one.written for one in before if one.written is not None]
    if len(written) != len(before):
        raise NotStrict("elements of etsiU in the clear under an archive time stamp")
    around = f".{signature.protected}.{signature.value}.".encode("ascii")
    return b"".join((content.stamped, around, *(one.encode("ascii") for one in written)))


def archives_of(signature: JwsSignature, content: Content, always: tuple[bytes, ...]) -> Iterator[StampInput]:
    """
    Each archive time stamp with what it is over. always: the objects under the signature itself (certificates, tokens).

    Raises: NotStrict: an element that is not in its form.
    """
    for number, one in enumerate(signature.unsigned):
        if one.name != ARCHIVE_STAMP:
            continue
        before = signature.unsigned[:number]
        covers = (*always, from_base64url(signature.value), *covered_by(before))
        trouble = ""
        try:
            over = imprint_input(signature, content, (*before,))
        except NotStrict as error:
            over, trouble = None, str(error)
        if one.written is None:
            over, trouble = None, "it stands in the clear"
        for token in stamps_of((one,), ARCHIVE_STAMP):
            yield StampInput(token, over, covers, trouble)
