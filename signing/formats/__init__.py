"""Signature formats. A new one is one file with a class of the shape `base.Format` and one line in FORMATS."""

from __future__ import annotations

from signing.formats.asic import Asic
from signing.formats.asic_container import Kind
from signing.formats.asic_xades import AsicXades
from signing.formats.base import Format
from signing.formats.cades import Cades
from signing.formats.jades import Jades
from signing.formats.pades import Pades
from signing.formats.xades import Xades

FORMATS: tuple[Format, ...] = (
    Pades(),
    Cades(),
    Xades(),
    Jades(),
    Asic(Kind.SIMPLE),
    Asic(Kind.EXTENDED),
    AsicXades(Kind.SIMPLE),
    AsicXades(Kind.EXTENDED),
)


def format_named(name: str) -> Format:
    """The format of that name; one that does not exist is a mistake of the caller."""
    return next(one for one in FORMATS if one.name == name)
