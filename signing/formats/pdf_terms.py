"""
What a new signature lays down for later revisions (DocMDP, FieldMDP), and what earlier ones laid down for it.

- A certification is the first signature of a document, and says what may still be done: 1 nothing, 2 sign and fill in
  forms, 3 add notes and drawings too (pdf_annotations).
- Into a document certified with 2 or 3 one more signature goes without a picture, or into a field that is there: a new
  visible field covers text of the page, which no certification permits. With 1, or a lock that says so, none goes.
Source: ISO 32000-2 §12.8.2.2 (DocMDP, Table 257), §12.8.2.4 (FieldMDP), Table 236 (locks); Rohlmann et al. (2021).
"""

from __future__ import annotations

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.fields import FieldMDPSpec, enumerate_sig_fields

from signing.errors import SignatureRefused
from signing.formats.base import PrepareRequest
from signing.formats.pdf_objects import child, entry, items
from signing.formats.pdf_refusals import not_the_first, refuse

_MOST_TRANSFORMS = 16


def certified_with(handler: PdfHandler) -> int | None:
    """The permission of the certification of a document, 1 to 3; None if it has none. 2 where nothing is said."""
    if entry(child(handler.root, "/Perms"), "/DocMDP") is None:
        return None
    certification = child(child(handler.root, "/Perms"), "/DocMDP")
    for _, transform in zip(range(_MOST_TRANSFORMS), items(certification, "/Reference"), strict=False):
        if entry(transform, "/TransformMethod") == "/DocMDP":
            permission = entry(child(transform, "/TransformParams"), "/P")
            if permission is None:
                return 2
            return permission if isinstance(permission, int) and permission in (2, 3) else 1
    return 1  # a certification that cannot be read permits nothing


def check_may_sign(handler: PdfHandler) -> None:
    """Raises: DocumentRefused("pdf_changes_refused"): a certification or a lock permits no further signature."""
    if certified_with(handler) == 1:
        raise refuse("pdf_changes_refused", "certified with P 1: no changes")
    for _name, _value, reference in enumerate_sig_fields(handler, filled_status=True):
        if entry(child(reference.get_object(), "/Lock"), "/P") == 1:
            raise refuse("pdf_changes_refused", "locked by a signature")


def check_terms(handler: PdfHandler, request: PrepareRequest, name: str) -> None:
    """
    Whether this very signature may be made. name: of its field, new or not.

    Raises: DocumentRefused("pdf_changes_refused"): as above; SignatureRefused: a certification that is not the first
            signature, a new visible field in a certified document, a field that an earlier signature has locked.
    """
    check_may_sign(handler)
    signed = [reference.get_object() for _, _, reference in enumerate_sig_fields(handler, filled_status=True)]
    if request.terms.certify and signed:
        raise not_the_first()
    if certified_with(handler) is not None and request.visible and not request.terms.field:
        raise SignatureRefused(
            "certified_no_picture",
            vi="Văn bản đã được chứng nhận nên chỉ ký thêm được chữ ký không có hình.",
            en="The document is certified, so only a signature without a picture may be added.",
            status=422,
        )
    if any(_locks(field, name) for field in signed):
        raise SignatureRefused(
            "field_locked",
            vi="Một chữ ký trước đã khóa ô chữ ký này, hoặc khóa mọi ô.",
            en="An earlier signature has locked this signature field, or all fields.",
            hint=name,
            status=422,
        )


def references_of(request: PrepareRequest, root: generic.IndirectObject, lock: object) -> generic.ArrayObject | None:
    """/Reference of the signature: its terms, or the lock that the field came with."""
    found = []
    if request.terms.certify:
        found.append(_transform("/DocMDP", {"/P": generic.NumberObject(request.terms.certify)}))
    if request.terms.locks is not None:
        names = map(pdf_string, request.terms.locks.fields)
        parameters: dict[str, generic.PdfObject] = {"/Action": pdf_name(f"/{request.terms.locks.action}")}
        if request.terms.locks.fields:
            parameters["/Fields"] = generic.ArrayObject(names)
        found.append(_transform("/FieldMDP", parameters, root))
    elif isinstance(lock, generic.DictionaryObject):
        held = FieldMDPSpec.from_pdf_object(lock).as_transform_params()
        found.append(_transform("/FieldMDP", {key: held[key] for key in ("/Action", "/Fields") if key in held}, root))
    return generic.ArrayObject(found) if found else None


def _transform(
    method: str, parameters: dict[str, generic.PdfObject], data: generic.IndirectObject | None = None
) -> generic.DictionaryObject:
    told = {"/Type": pdf_name("/TransformParams"), "/V": pdf_name("/1.2"), **parameters}
    whole: dict[str, generic.PdfObject] = {
        "/Type": pdf_name("/SigRef"),
        "/TransformMethod": pdf_name(method),
        "/TransformParams": generic.DictionaryObject({pdf_name(key): value for key, value in told.items()}),
    }
    if data is not None:
        whole["/Data"] = data
    return generic.DictionaryObject({pdf_name(key): value for key, value in whole.items()})


def _locks(field: object, name: str) -> bool:
    """Whether the signature in a field locks the field of that name."""
    return any(
        FieldMDPSpec.from_pdf_object(child(transform, "/TransformParams")).is_locked(name)
        for transform in items(entry(field, "/V"), "/Reference")
        if entry(transform, "/TransformMethod") == "/FieldMDP"
    )
