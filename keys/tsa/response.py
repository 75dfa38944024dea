"""
The TimeStampResp around a token or a refusal.

Source: RFC 3161 §2.4.2.
"""

from __future__ import annotations

from typing import ClassVar

from asn1crypto import cms, core, tsp

from keys.der import sequence
from keys.tsa.request import Rejection


class TimeStampResponse(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """As tsp.TimeStampResp, whose token is not optional, so that it could not hold a refusal."""

    _fields: ClassVar = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


_GRANTED = tsp.PKIStatusInfo({"status": "granted"}).dump()


def granted(token: bytes) -> bytes:
    """The DER of a response that carries the token, which stands in it as it was signed: nobody encodes it anew."""
    return sequence(_GRANTED, token)


def rejected(why: Rejection) -> bytes:
    """The DER of a refusal with failure code and a sentence."""
    status = {"status": "rejection", "status_string": [why.text], "fail_info": {why.failure}}
    return bytes(TimeStampResponse({"status": status}).dump())
