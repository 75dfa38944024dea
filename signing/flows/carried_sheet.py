"""
A report between the page that shows it and the moment somebody wants it as a sealed file. Nothing is kept on our side:
it travels in the page's own form, with our mark on it and for an hour, so that nobody gets our seal under other words.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import zlib

from signing.errors import SigningError
from signing.reports.sheet import Sheet, read_sheet
from signing.services import SigningServices

LIFE_SECONDS = 3600
LONGEST = 900_000
MOST_BYTES = 4 * 1024 * 1024
CONTEXT = "signing.carried-sheet"


def carry(services: SigningServices, sheet: Sheet) -> str:
    """What the form holds; empty where the report is too long to travel."""
    until = str(services.base.clock.now() + LIFE_SECONDS)
    packed = base64.urlsafe_b64encode(zlib.compress(sheet.as_json(), 6)).decode()
    mark = base64.urlsafe_b64encode(services.keys.mac(CONTEXT, until, packed)).decode()
    carried = f"{until}.{mark}.{packed}"
    return carried if len(carried) <= LONGEST else ""


def arrive(services: SigningServices, carried: str) -> Sheet:
    """Raises: SigningError("report_over"): altered, or its hour is over."""
    until, _, rest = carried.partition(".")
    mark, _, packed = rest.partition(".")
    wanted = services.keys.mac(CONTEXT, until, packed)
    try:
        is_ours = hmac.compare_digest(base64.urlsafe_b64decode(mark.encode()), wanted)
    except (binascii.Error, ValueError):
        is_ours = False
    if not is_ours or int(until) < services.base.clock.now():
        raise SigningError(
            "report_over",
            vi="Báo cáo này đã quá một giờ hoặc không còn nguyên vẹn. Hãy kiểm tra lại văn bản để lấy báo cáo mới.",
            en="This report is more than an hour old or was altered. Verify the document again for a new one.",
            status=400,
        )
    return read_sheet(zlib.decompressobj().decompress(base64.urlsafe_b64decode(packed), MOST_BYTES))
