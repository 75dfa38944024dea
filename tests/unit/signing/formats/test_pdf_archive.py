"""Documents for archives: a signature adds what PDF/A-1 wants of a field, and nothing to other documents."""

from __future__ import annotations

import pytest

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.validation.indications import Indication
from tests import signing_pdfs as pdfs
from tests.signing_pdfa import archive_document
from tests.signing_pki import NOW, shared_city


@pytest.mark.parametrize("part", [1, 2])
def test_an_archive_document_is_signed_twice_and_verifies(part: int) -> None:
    city = shared_city()
    document = pdfs.sign(pdfs.sign(archive_document(part), city), city, at=NOW + 60)
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))
    report = verify_document(document, moment=NOW + 120, own=own)
    assert [one.indication for one in report.signatures] == [Indication.TOTAL_PASSED] * 2


def test_only_where_it_is_wanted_an_invisible_field_has_a_look() -> None:
    city = shared_city()
    assert pdfs.sign(archive_document(1), city).count(b"/AP << /N ") == 1
    assert b"/AP" not in pdfs.sign(archive_document(2), city)
