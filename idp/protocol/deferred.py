"""
Grants in which the person answers on another device than the one the client runs on: their names, and what a
registration for them must hold.

Source: RFC 8628 §3.4; OpenID Connect CIBA Core 1.0 §4, §10.1; FAPI-CIBA §5.2.2 (signed requests).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from idp.errors import RegistrationRefused

Kind = Literal["device", "ciba"]
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
CIBA = "urn:openid:params:grant-type:ciba"
DEFERRED_GRANTS = frozenset({DEVICE_CODE, CIBA})
DELIVERY_MODES = ("poll", "ping")


@dataclass(frozen=True, slots=True)
class Backchannel:
    """
    How a client asks people through the backchannel.

    delivery_mode: how it learns of the answer, poll or ping; notification_endpoint: where it is pinged.
    signing_alg:   algorithm its requests are signed with; None: it does not sign them.
    """

    delivery_mode: str = "poll"
    notification_endpoint: str | None = None
    signing_alg: str | None = None


NO_BACKCHANNEL = Backchannel()


def backchannel_of(metadata: Mapping[str, Any]) -> Backchannel:
    """The same of validated metadata."""
    return Backchannel(
        delivery_mode=metadata.get("backchannel_token_delivery_mode", "poll"),
        notification_endpoint=metadata.get("backchannel_client_notification_endpoint"),
        signing_alg=metadata.get("backchannel_authentication_request_signing_alg"),
    )


def fill_in_backchannel(valid: dict[str, Any]) -> None:
    """Write out how a client of the backchannel learns of the answer, where its registration says nothing."""
    if CIBA in valid["grant_types"]:
        valid.setdefault("backchannel_token_delivery_mode", "poll")


def check_backchannel(valid: Mapping[str, Any], algorithms: tuple[str, ...], *, must_sign: bool) -> None:
    """
    What belongs together in a registration for the backchannel.

    algorithms: that the profile allows; must_sign: whether it asks for signed requests.
    Raises:     RegistrationRefused.
    """
    mode = valid.get("backchannel_token_delivery_mode", "poll")
    if mode not in DELIVERY_MODES:
        raise _refused("backchannel_token_delivery_mode must be poll or ping")
    if valid.get("backchannel_user_code_parameter"):
        raise _refused("backchannel_user_code_parameter is not supported")
    alg = valid.get("backchannel_authentication_request_signing_alg")
    if alg is not None and alg not in algorithms:
        raise _refused("backchannel_authentication_request_signing_alg does not agree with the profile")
    if CIBA not in valid["grant_types"]:
        return
    if valid["token_endpoint_auth_method"] == "none":
        raise _refused("a public client cannot use the backchannel")
    if mode == "ping" and "backchannel_client_notification_endpoint" not in valid:
        raise _refused("backchannel_client_notification_endpoint is missing")
    if must_sign and alg is None:
        raise _refused("backchannel_authentication_request_signing_alg is missing")


def _refused(why: str) -> RegistrationRefused:
    return RegistrationRefused("invalid_client_metadata", why)
