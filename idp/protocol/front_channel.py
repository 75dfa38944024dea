"""
The address by which a service is told of a logout through the person's browser.

Source: OpenID Connect Front-Channel Logout 1.0 §2, §3.
"""

from __future__ import annotations

from urllib.parse import urlencode


def front_channel_address(logout_uri: str, issuer: str, sid: str) -> str:
    """
    The registered address with `iss` and `sid`, behind the query it may have.

    Both are sent to every service, also where frontchannel_logout_session_required is false (§3 allows it): without
    them a page of anybody could end the service's session.
    """
    joint = "&" if "?" in logout_uri else "?"  # a registered address has no fragment (protocol/registration.py)
    return f"{logout_uri}{joint}{urlencode({'iss': issuer, 'sid': sid})}"
