"""
The extension qcStatements with one statement: which rules the identifier in the subject's name follows.

Source: RFC 3739 §3.2.6 (qcStatements, id-qcs-pkixQCSyntax-v2, SemanticsInformation); ETSI EN 319 412-1 §5.1.2.
"""

from __future__ import annotations

from cryptography import x509

from keys.der import sequence, wrapped

QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
PKIX_QC_SYNTAX_V2 = "1.3.6.1.5.5.7.11.2"
_OBJECT_IDENTIFIER = 0x06


def semantics_statement(semantics: str) -> x509.UnrecognizedExtension:
    """qcStatements: SEQUENCE { SEQUENCE { pkixQCSyntax-v2, SEQUENCE { semanticsIdentifier } } }."""
    statement = sequence(_oid(PKIX_QC_SYNTAX_V2), sequence(_oid(semantics)))
    return x509.UnrecognizedExtension(QC_STATEMENTS, sequence(statement))


def _oid(dotted: str) -> bytes:
    first, second, *others = (int(arc) for arc in dotted.split("."))
    return wrapped(_OBJECT_IDENTIFIER, b"".join(_base128(arc) for arc in (first * 40 + second, *others)))


def _base128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(arc & 0x7F | 0x80)
    return bytes(reversed(digits))
