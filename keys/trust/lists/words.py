"""
The names that trust lists are written in. Pure.

Source: ETSI TS 119 612 v2.3.1 §5.3, §5.5.1, §5.5.4, Annex D; XMLDSig 1.1; ETSI EN 319 132-1 (XAdES).
"""

from __future__ import annotations

TSL = "http://uri.etsi.org/02231/v2#"
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
XML = "http://www.w3.org/XML/1998/namespace"
TSL_TAG = "http://uri.etsi.org/19612/TSLTag"

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"

LIST_SIGNER = "0.4.0.2231.3.0"
"""id-tsl-kp-tslSigning: the extended key usage of whoever signs trust lists (TS 119 612 §5.7.1)."""

_TYPE, _SERVICE, _STATUS = (
    "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/",
    "http://uri.etsi.org/TrstSvc/Svctype/",
    "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/",
)
DETERMINATION = "http://uri.etsi.org/TrstSvc/TrustedList/StatusDetn/{}determination"
RULES = "http://uri.etsi.org/TrstSvc/TrustedList/schemerules/{}"
LIST_TYPE = f"{_TYPE}{{}}list"
"""Of a list outside the European Union; `{}` is the country."""

CA_PUBLIC_KEY = f"{_SERVICE}CA/PKC"
TIME_STAMPS = f"{_SERVICE}TSA"
OCSP = f"{_SERVICE}Certstatus/OCSP"
AUTHORITIES = frozenset({f"{_SERVICE}CA/QC", CA_PUBLIC_KEY, f"{_SERVICE}NationalRootCA-QC"})
STAMPERS = frozenset({TIME_STAMPS, f"{_SERVICE}TSA/QTST", f"{_SERVICE}TSA/TSS-QC", f"{_SERVICE}TSA/TSS-AdESQCandQES"})
"""Services whose certificates are trusted: those that certify, and those that stamp."""

GRANTED = f"{_STATUS}granted"
RECOGNISED = f"{_STATUS}recognisedatnationallevel"
DEPRECATED = f"{_STATUS}deprecatedatnationallevel"
APPROVED = frozenset(
    {GRANTED, RECOGNISED}
    | {f"{_STATUS}{word}" for word in ("undersupervision", "supervisionincessation", "accredited", "setbynationallaw")}
)
"""Statuses under which a service may be trusted; under any other it is not, also one that we do not know."""
