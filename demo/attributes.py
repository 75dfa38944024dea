"""A person's attributes, fresh from the provider, with tokens refreshed in their time."""

from __future__ import annotations

import logging
import threading
from typing import Any

from authlib.integrations.base_client import OAuthError

from base.services import BaseServices
from demo import records
from demo.oidc_client import ProviderClient

log = logging.getLogger("antin.demo")
EARLY_SECONDS = 30
"""An access token this close to its end is refreshed first."""


class AuthorizationOver(Exception):
    """The provider does not honour this authorization any more: taken back, ended, or its refresh token is dead."""


class Attributes:
    """Asks the provider on behalf of a session."""

    def __init__(self, client: ProviderClient, services: BaseServices) -> None:
        self._client = client
        self._services = services
        self._refreshing = threading.Lock()

    def ask(self, token: dict[str, Any]) -> dict[str, Any]:
        """
        The attributes an access token opens. Raises: OAuthError, OSError, ValueError.

        Authlib gets the access token alone. With the whole set it would refresh by itself a minute before the end, and
        the refresh token that we keep would be a spent one.
        """
        return dict(self._client.userinfo(token={"access_token": token["access_token"], "token_type": "Bearer"}))

    def of(self, session: records.ServiceSession) -> dict[str, Any]:
        """
        The attributes as the provider knows them now; those of the sign-in when it does not answer.

        Raises: AuthorizationOver.

        One thread at a time refreshes: a refresh token works once, and two threads with the same one look like theft.
        """
        try:
            with self._refreshing:
                with self._services.db.read() as connection:
                    token = records.find_token(connection, session.id_hash)
                if "access_token" not in token:
                    return dict(session.claims)
                return self.ask(self._fresh(session.id_hash, token))
        except (OAuthError, OSError, ValueError) as error:
            if _is_over(error):
                raise AuthorizationOver from error
            log.info("attributes are not fresh: %s", type(error).__name__)
            return dict(session.claims)

    def _fresh(self, id_hash: str, token: dict[str, Any]) -> dict[str, Any]:
        now = self._services.clock.now()
        if token.get("expires_at", 0) - EARLY_SECONDS > now or "refresh_token" not in token:
            return token
        renewed = {**token, **self._client.refreshed(token["refresh_token"])}
        with self._services.db.begin() as connection:
            records.keep_token(connection, id_hash, renewed)
        return renewed


def _is_over(error: Exception) -> bool:
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status == 401 or getattr(error, "error", None) == "invalid_grant"
