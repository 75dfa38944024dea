"""
Authlib's Flask client, tightened: one issuer, one signature algorithm, bounded waiting, sign-in state kept on the
server.
"""

from __future__ import annotations

import threading
from typing import Any

import flask
import orjson
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App, OAuth
from sqlalchemy import delete, insert, select

from base.ids import hash_secret
from base.services import BaseServices
from base.web.csrf import browser_id
from demo.records import login_states
from demo.sites import Site

ALGORITHM = "ES256"
STATE_SECONDS = 3600
TIMEOUT_SECONDS = 5
FETCH_KEYS_EVERY_SECONDS = 10


class ProviderClient(FlaskOAuth2App):  # type: ignore[misc]  # Authlib ships no types
    """The client of one provider."""

    issuer: str
    _keys_lock = threading.Lock()
    _keys_at = float("-inf")

    def _get_session(self) -> Any:
        session = super()._get_session()
        session.trust_env = False  # a proxy of the environment has no business between two services of one city
        return session

    def _get_oauth_client(self, **metadata: Any) -> Any:
        session = super()._get_oauth_client(**metadata)
        session.trust_env = False
        return session

    def load_server_metadata(self) -> Any:
        """
        The provider's discovery document, which must be of the issuer we were told (OpenID Discovery §4.3).

        The algorithm is pinned to the one we registered: the provider's list of what it can do is not our policy.
        """
        metadata = super().load_server_metadata()
        if metadata.get("issuer") != self.issuer:
            raise OAuthError("invalid_issuer", "The discovery document names another issuer.")
        metadata["id_token_signing_alg_values_supported"] = [ALGORITHM]
        return metadata

    def refreshed(self, refresh_token: str) -> dict[str, Any]:
        """A new set of tokens for a refresh token. Raises: OAuthError, OSError."""
        metadata = self.load_server_metadata()
        with self._get_oauth_client(**metadata) as session:
            return dict(session.refresh_token(metadata["token_endpoint"], refresh_token=refresh_token))

    def fetch_keys_again(self, monotonic: float) -> Any:
        """The key set, fetched anew, at most once in FETCH_KEYS_EVERY_SECONDS: a stranger may name unknown keys."""
        with self._keys_lock:
            if monotonic - self._keys_at < FETCH_KEYS_EVERY_SECONDS:
                return self.fetch_jwk_set()
            self._keys_at = monotonic
        return self.fetch_jwk_set(force=True)


class LoginStates(FlaskIntegration):  # type: ignore[misc]  # Authlib ships no types
    """
    Sign-ins under way, in our database instead of Flask's cookie; each is bound to the browser that began it.

    Authlib hands each integration the `cache` of its registry; ours is the service's own floor. The `session` it passes
    stays untouched.
    """

    cache: BaseServices

    def set_state_data(self, _session: Any, state: str, data: dict[str, Any]) -> None:
        now = self.cache.clock.now()
        row = {
            "state_hash": hash_secret(state),
            "browser": browser_id(),
            "data": orjson.dumps(data).decode(),
            "expires_at": now + STATE_SECONDS,
        }
        with self.cache.db.begin() as connection:
            connection.execute(delete(login_states).where(login_states.c.expires_at < now))
            connection.execute(insert(login_states), row)

    def get_state_data(self, _session: Any, state: str | None) -> dict[str, Any] | None:
        with self.cache.db.read() as connection:
            data = connection.execute(
                select(login_states.c.data).where(
                    login_states.c.state_hash == hash_secret(state or ""),
                    login_states.c.browser == browser_id(),
                    login_states.c.expires_at > self.cache.clock.now(),
                )
            ).scalar()
        return orjson.loads(data) if data else None

    def clear_state_data(self, _session: Any, state: str | None) -> None:
        with self.cache.db.begin() as connection:
            connection.execute(delete(login_states).where(login_states.c.state_hash == hash_secret(state or "")))


class Registry(OAuth):  # type: ignore[misc]  # Authlib ships no types
    """Authlib's registry of clients, with our keeping of sign-in state."""

    framework_integration_cls = LoginStates


def make_client(app: flask.Flask, site: Site, services: BaseServices) -> ProviderClient:
    """Register the provider with Authlib for this app."""
    client = Registry(app, cache=services).register(
        "provider",
        client_cls=ProviderClient,
        client_id=site.client_id,
        client_secret=site.client_secret,
        server_metadata_url=f"{site.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": site.scope,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )
    client.issuer = site.issuer
    return client  # type: ignore[no-any-return]  # Authlib ships no types
