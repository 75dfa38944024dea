"""Broken files: our own writer refuses or writes what verifies; nothing else ever happens."""

from __future__ import annotations

import random
import zlib

import pytest

from signing.errors import SigningError
from signing.formats.base import Level, PrepareRequest, VisibleSignature
from signing.formats.pades import Pades
from signing.formats.pdf_locate import locate_signatures
from signing.formats.pdf_refusals import trapping_library_errors
from signing.formats.pdf_room import plain_update
from signing.formats.pdf_tokens import TokenError
from signing.validation.located import Coverage
from tests import pdf_family
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, shared_city

SOURCES = ("reportlab form", "pyHanko streams", "streams revised", "form apart, fields apart", "deep tree")
MUTANTS = 150
"""Of each document; each is two or three changes away from it."""
TOKENS = (b"<<", b">>", b"[", b"]", b"(", b")", b"/", b"%", b" 0 R", b"null", b"<", b"9" * 12, b"-1", b"\x00", b"R")


def mutant(document: bytes, dice: random.Random) -> bytes:
    """Some bytes or tokens written over, seldom put in or cut out; most often near the end, where the structure is."""
    data = bytearray(document)
    for _ in range(dice.randint(1, 2)):
        at = dice.randrange(len(data)) if dice.random() < 0.6 else max(0, len(data) - dice.randrange(1, 600))
        match dice.randrange(8):
            case 0:
                del data[at : at + dice.randint(1, 12)]
            case 1:
                data[at:at] = data[at : at + dice.randint(1, 30)]
            case 2 | 3 | 4:
                data[at : at + 1] = bytes((dice.randrange(256),))
            case _:
                token = dice.choice(TOKENS)
                data[at : at + len(token)] = token
    return bytes(data)


@pytest.mark.parametrize("name", SOURCES)
def test_a_mutant_is_refused_or_left_or_signed(name: str) -> None:
    city, dice = shared_city(), random.Random(f"mutants of {name}")  # the same ones every time
    picture = VisibleSignature(pdfs.handwriting(), 1, (30, 40, 130, 90))
    outcomes = {"signed": 0, "left": 0, "refused": 0}
    for turn in range(MUTANTS):
        broken = mutant(pdf_family.family()[name], dice)
        visible = picture if turn % 8 == 0 else None
        wanted = PrepareRequest(city.official.der, city.official.chain, NOW, Level.B_B, visible)
        try:
            update, place = plain_update(broken, wanted)
        except (TokenError, zlib.error):
            outcomes["left"] += 1
            continue
        except SigningError:
            outcomes["refused"] += 1
            continue
        outcomes["signed"] += 1
        start, end = (offset - len(broken) for offset in place)
        assert update[start:end] == b"<" + b"0" * (end - start - 2) + b">"
        if turn % 5 == 0:
            prepared = Pades().prepare(broken, wanted)
            signed = Pades().embed(prepared, city.official.sign(prepared.to_be_signed_digest), None)
            assert_it_is_found(signed)
    assert outcomes["signed"] > MUTANTS // 10
    assert outcomes["left"] > MUTANTS // 10


def assert_it_is_found(signed: bytes) -> None:
    """The signature over all of it is there, unless the library cannot open the file at all."""
    try:
        with trapping_library_errors():
            located = locate_signatures(signed)
    except SigningError:
        return
    assert Coverage.WHOLE_FILE in {item.coverage for item in located}
