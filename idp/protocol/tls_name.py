"""
The name by which a client's certificate is known: one, and in the spelling in which it will be compared. Pure.

Source: RFC 8705 §2.1.2.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from idp.errors import RegistrationRefused
from idp.protocol.client import TLS_NAMES


def check_tls_name(valid: dict[str, Any]) -> None:
    """
    Writes host names and addresses in their one spelling; leaves names out that no method of the client uses.

    Raises:  RegistrationRefused: none or several with tls_client_auth, or not an address.
    """
    given = [name for kind in TLS_NAMES if (name := f"tls_client_auth_{kind}") in valid]
    if valid["token_endpoint_auth_method"] != "tls_client_auth":
        for name in given:
            del valid[name]
        return
    if len(given) != 1:
        raise _refused(f"tls_client_auth needs exactly one of tls_client_auth_{{{','.join(TLS_NAMES)}}}")
    for name in given:
        if not valid[name].strip():
            raise _refused(f"{name} is empty")
        if name.endswith("_dns"):
            valid[name] = valid[name].lower()
        if name.endswith("_ip"):
            try:
                valid[name] = str(ip_address(valid[name]))
            except ValueError:
                raise _refused(f"{name} is not an address") from None


def _refused(why: str) -> RegistrationRefused:
    return RegistrationRefused("invalid_client_metadata", why)
