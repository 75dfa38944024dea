"""Counter-signatures and content time stamps inside containers, of both forms and kinds."""

from __future__ import annotations

import pytest

from signing.errors import SigningError
from signing.formats.asic import Asic
from signing.formats.asic_container import Kind, open_container
from signing.formats.asic_xades import AsicXades
from signing.formats.base import Packaging, Statements
from signing.validation.indications import Indication
from signing.validation.located import Coverage
from tests import signing_asic as made
from tests.signing_pki import DAY, NOW, shared_city

ALL = [Asic(Kind.SIMPLE), Asic(Kind.EXTENDED), AsicXades(Kind.SIMPLE), AsicXades(Kind.EXTENDED)]
each = pytest.mark.parametrize("asic", ALL, ids=lambda asic: asic.name)
PASSED, FAILED = Indication.TOTAL_PASSED, Indication.TOTAL_FAILED
CITY = shared_city()
SECOND, THIRD = CITY.person(), CITY.person("Lê Thị Mai")


def countered(asic: Asic | AsicXades, document: bytes, *target: int) -> bytes:
    return made.sign(document, asic, THIRD, at=NOW + 9, packaging=Packaging.COUNTER, target=target)


def signers(document: bytes) -> list[tuple[Indication, bool]]:
    """Verdict of each signature, and whether it is over another one."""
    found = made.verify(document).signatures
    return [(one.indication, one.coverage is Coverage.SIGNATURE) for one in found]


@each
def test_the_signature_that_is_meant_is_countersigned(asic: Asic | AsicXades) -> None:
    twice = made.sign(made.sign(asic=asic), asic, SECOND, at=NOW + 5)
    people = [one.certificate_sha256 for one in made.verify(twice).signatures]
    for number in (0, 1):
        document = countered(asic, twice, number)
        found = made.verify(document).signatures
        over = [one.coverage is Coverage.SIGNATURE for one in found]
        assert ([one.indication for one in found], over.count(True)) == ([PASSED] * 3, 1)
        place = over.index(True)  # it follows the one that it is over; a CMS sorts its signers anew
        assert found[place - 1].certificate_sha256 == people[number]
        names = [file.name for file in open_container(twice).files]
        assert [file.name for file in open_container(document).files] == names
        deeper = countered(asic, document, over[:place].count(False) - 1, 0)
        assert [one for one, _over in signers(deeper)] == [PASSED] * 4
    for target in ((2,), (-1,), (), (0, 0)):
        with pytest.raises(SigningError) as refused:
            countered(asic, twice, *target)
        assert refused.value.code == "no_target"


@each
def test_a_counter_signature_saves_no_changed_file(asic: Asic | AsicXades) -> None:
    document = countered(asic, made.sign(asic=asic), 0)
    found = made.verify(made.rewritten(document, quy_t___nh_txt=b"other"))
    assert found.indication is FAILED
    assert [one.indication for one in found.signatures if one.coverage is not Coverage.SIGNATURE] == [FAILED]


def test_what_an_archive_manifest_keeps_is_not_changed_any_more() -> None:
    asic = Asic(Kind.EXTENDED)
    archived = made.extend(made.sign(asic=asic), asic=asic)
    with pytest.raises(SigningError) as refused:
        countered(asic, archived, 0)
    assert refused.value.code == "already_archived"


@each
def test_the_content_is_stamped_before_it_is_signed(asic: Asic | AsicXades) -> None:
    early = Statements(stamp_content=lambda imprint: CITY.stamp(imprint, at=NOW - 60))
    report = made.verify(made.sign(asic=asic, statements=early))
    assert report.indication is PASSED
    late = Statements(stamp_content=lambda imprint: CITY.stamp(imprint, at=NOW + DAY))
    codes = made.codes(made.verify(made.sign(asic=asic, statements=late), moment=NOW + 2 * DAY))
    assert "content_stamp_late" in codes
    other = Statements(stamp_content=lambda _imprint: CITY.stamp(bytes(32), at=NOW - 60))
    assert "content_stamp_broken" in made.codes(made.verify(made.sign(asic=asic, statements=other)))
