"""
A counter-signature in a container: over the value of a signature that is there, inside the file of that signature.

Which one is told by its number among the signatures of the container, as a report counts them, then by the numbers of
counter-signatures below it. Source: EN 319 162-1 §4.3.3, §4.4.3; EN 319 122-1 §5.2.7; EN 319 132-1 §5.2.7.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from signing.errors import SignatureRefused
from signing.formats.asic_archive import keepers_of
from signing.formats.asic_container import Role, open_container
from signing.formats.base import Format, Packaging, Prepared, PrepareRequest
from signing.validation.located import Coverage


def counter_in(document: bytes, form: str, inner: Format, role: Role, request: PrepareRequest) -> Prepared:
    """
    Make a place. form: of the container; inner: of the signatures in it, which are in files of that role.

    Raises: DocumentRefused: no strict container; SignatureRefused: `no_target`, or `already_archived`: the file is
            under an archive time stamp, which a change would break; what the inner format raises passes through.
    """
    container = open_container(document)
    number, *below = request.target or (-1,)
    for name in container.named(role):
        there = container.content(name) or b""
        count = sum(one.coverage is not Coverage.SIGNATURE for one in inner.locate(there))
        if 0 <= number < count:
            break
        number -= count
    else:
        raise SignatureRefused(
            "no_target",
            vi="Không có chữ ký ở vị trí đó để ký đối chiếu.",
            en="There is no signature at that place to countersign.",
            status=422,
        )
    if any(name in keeper.names for keeper in keepers_of(container)):
        raise SignatureRefused(
            "already_archived",
            vi="Chữ ký này đã nằm dưới dấu thời gian lưu trữ của gói nên không ký đối chiếu được nữa.",
            en="That signature is under an archive time stamp of the container already and cannot be countersigned.",
            status=409,
        )
    target = (number, *below)
    made = inner.prepare(there, replace(request, packaging=Packaging.COUNTER, target=target))
    names = [file.name for file in container.files]
    return replace(
        made,
        format=form,
        document_digest=hashlib.sha256(document).hexdigest(),
        update=container.with_file(name, made.update).write(),
        place=(names.index(name), *made.place),
    )
