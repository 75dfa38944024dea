"""
The mechanics of a relying party, shared by both demo services: sign-in, callback, sign-out, and the notice by which the
provider ends sessions here.

GET  /sign-in?next=…       → the provider (code + PKCE S256, state, nonce)
GET  /callback             ← the provider; checks iss, exchanges the code, verifies the ID token, starts a session
POST /sign-out             ends the session here (`where=here`) or everywhere (`where=everywhere`: on to the provider)
GET  /signed-out           ← the provider, after signing out everywhere
POST /backchannel-logout   ← the provider's server: a signed notice; sessions end at once
GET  /session              {"active": true|false}, for tests and monitoring
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import flask
from authlib.integrations.base_client import OAuthError
from joserfc.errors import InvalidKeyIdError, JoseError
from werkzeug.wrappers import Response

from base.services import BaseServices
from base.web.cookies import delete_cookie, read_cookie, set_cookie
from base.web.csrf import csrf_exempt
from base.web.headers import allow_form_action
from base.web.texts import current_lang
from base.web.ways import local_path
from demo import notes, records
from demo.attributes import Attributes, AuthorizationOver
from demo.logout_token import LogoutNotice, LogoutTokenRefused, check_logout_token
from demo.oidc_client import ALGORITHM, ProviderClient, make_client
from demo.sites import Site

log = logging.getLogger("antin.demo")
View = TypeVar("View", bound=Callable[..., Any])


class RelyingParty:
    """One service's sessions and its conversation with the provider."""

    def __init__(self, app: flask.Flask, site: Site, services: BaseServices) -> None:
        self.app = app
        self.site = site
        self.services = services
        self.cookie = f"{site.key}_session"
        self.client: ProviderClient = make_client(app, site, services)
        self._attributes = Attributes(self.client, services)
        records.schema.create_all(services.db.engine)
        app.jinja_env.globals.update(signed_in=lambda: self.living() is not None, site=site)
        app.add_url_rule("/sign-in", view_func=self.sign_in)
        app.add_url_rule("/callback", view_func=self.callback)
        app.add_url_rule("/sign-out", view_func=self.sign_out, methods=["POST"])
        app.add_url_rule("/signed-out", view_func=self.signed_out)
        app.add_url_rule("/session", view_func=self.session_state)
        app.add_url_rule("/backchannel-logout", "backchannel", csrf_exempt(self._notified()), methods=["POST"])

    # ── sessions ───────────────────────────────────────────────────────────────────────────────────────────────────

    def session(self) -> records.ServiceSession | None:
        """The session this browser's cookie names, living or ended."""
        with self.services.db.read() as connection:
            return records.find_session(connection, self.services.clock.now(), read_cookie(flask.request, self.cookie))

    def living(self) -> records.ServiceSession | None:
        """The same, but only while it lives."""
        found = self.session()
        return found if found is not None and not found.ended_by else None

    def guard(self, view: Callable[..., Any]) -> Callable[..., Any]:
        """Open a view to people who are signed in; the view gets the session as its first argument."""

        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            found = self.session()
            if found is None:
                return flask.redirect(self.sign_in_address(), 303)
            if found.ended_by:
                return self._farewell(found.ended_by)
            with self.services.db.begin() as connection:
                records.touch_session(connection, self.services.clock.now(), found.id_hash)
            allow_form_action(self.site.issuer)  # the sign-out form on every page may end at the provider
            return view(found, *args, **kwargs)

        return guarded

    def sign_in_address(self) -> str:
        """Where to sign in and come back to this page."""
        here = flask.request.full_path.rstrip("?") if flask.request.method == "GET" else flask.request.path
        return flask.url_for("sign_in", next=local_path(here))

    def _farewell(self, ended_by: str) -> Response:
        response = notes.session_ended(ended_by, self.sign_in_address())
        delete_cookie(response, self.cookie)
        return response

    # ── the road in ────────────────────────────────────────────────────────────────────────────────────────────────

    def sign_in(self) -> Response:
        """Send the browser to the provider; what must come back is kept here, bound to this browser."""
        try:
            asked = {"claims": self.site.claims} if self.site.claims else {}
            made = self.client.create_authorization_url(self.site.callback(), ui_locales=current_lang(), **asked)
        except (OAuthError, OSError) as error:  # what fails on the way to the provider is an OSError
            log.warning("provider cannot be reached: %s", type(error).__name__)
            return notes.provider_silent()
        go_on = local_path(flask.request.args.get("next"))
        self.client.save_authorize_data(redirect_uri=self.site.callback(), next=go_on, **made)
        return flask.redirect(made["url"], 302)

    def callback(self) -> Response:
        """
        Take the provider's answer.

        1. The state is ours and of this browser; `iss` names our provider (RFC 9207 §2.4).
        2. Exchange the code; verify the ID token (signature, iss, aud, exp, nonce, at_hash).
        3. Ask for the person's attributes; their `sub` is the ID token's (OpenID Core §5.3.2).
        4. Start a session under a new cookie.
        """
        state = flask.request.args.get("state")
        kept = self.client.framework.get_state_data(None, state)
        if kept is None:
            return notes.sign_in_expired()
        if flask.request.args.get("iss") != self.site.issuer:
            log.warning("answer of another issuer refused")
            return notes.sign_in_failed()
        if flask.request.args.get("error") == "access_denied":
            self.client.framework.clear_state_data(None, state)
            return notes.sign_in_declined()
        rules = {
            "iss": {"essential": True, "value": self.site.issuer},
            "aud": {"essential": True, "values": [self.site.client_id]},
            "nonce": {"essential": True},
        }
        try:
            token = self.client.authorize_access_token(claims_options=rules, leeway=30)
            claims = dict(token.pop("userinfo"))
            attributes = self._attributes.ask(token)
        except (OAuthError, JoseError, OSError, KeyError, ValueError) as error:
            log.warning("sign-in failed: %s %s", type(error).__name__, getattr(error, "error", ""))
            return notes.sign_in_failed()
        if attributes.get("sub") != claims["sub"]:
            log.warning("userinfo of another subject refused")
            return notes.sign_in_failed()
        with self.services.db.begin() as connection:
            secret = records.start_session(
                connection, self.services.clock.now(), claims={**attributes, **claims}, token=token
            )
        response = flask.redirect(local_path(kept.get("next")), 303)
        set_cookie(response, self.cookie, secret, None)
        return response

    def attributes(self, session: records.ServiceSession) -> dict[str, Any]:
        """The person's attributes as of now; ends the visit when the provider says that the authorization is over."""
        try:
            return self._attributes.of(session)
        except AuthorizationOver:
            with self.services.db.begin() as connection:
                records.end_session(connection, self.services.clock.now(), session.id_hash, records.BY_PROVIDER)
            flask.abort(self._farewell(records.BY_PROVIDER))

    # ── the road out ───────────────────────────────────────────────────────────────────────────────────────────────

    def sign_out(self) -> Response:
        """End the session here; with `where=everywhere` go on to the provider (RP-Initiated Logout 1.0 §2)."""
        found = self.living()
        response: Response = notes.signed_out_here()
        if found is not None:
            if flask.request.form.get("where") == "everywhere":
                try:
                    response = self.client.logout_redirect(
                        self.site.signed_out(), id_token_hint=found.token.get("id_token"), client_id=self.site.client_id
                    )
                except OSError:
                    log.warning("provider cannot be reached; only the session here has ended")
            with self.services.db.begin() as connection:
                records.end_session(connection, self.services.clock.now(), found.id_hash, records.BY_USER)
        delete_cookie(response, self.cookie)
        return response

    def signed_out(self) -> Response:
        """Back from the provider. The state is looked at only to tidy up: the session here ended before."""
        if flask.request.args.get("state"):
            try:
                self.client.validate_logout_response()
            except OAuthError:
                log.info("logout answer without our state")
        return notes.signed_out_everywhere(self.site.issuer)

    def session_state(self) -> Response:
        """Whether this browser is signed in here."""
        return flask.jsonify(active=self.living() is not None)

    # ── the provider's notice ──────────────────────────────────────────────────────────────────────────────────────

    def _notified(self) -> Callable[[], Response]:
        def backchannel() -> Response:
            """Source: OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8."""
            try:
                notice = self._checked_notice(flask.request.form.get("logout_token", ""))
            except LogoutTokenRefused as refused:
                log.warning("logout notice refused: %s", refused)
                return _answer(400, error="invalid_request")
            except (JoseError, OAuthError, OSError) as error:
                log.warning("logout notice cannot be checked: %s", type(error).__name__)
                return _answer(400, error="invalid_request")
            with self.services.db.begin() as connection:
                ended = records.end_by_notice(
                    connection,
                    self.services.clock.now(),
                    jti=notice.jti,
                    expires_at=notice.expires_at,
                    sid=notice.sid,
                    sub=notice.sub,
                )
            if ended is None:
                log.warning("logout notice seen before")
                return _answer(400, error="invalid_request")
            return _answer(200)

        return backchannel

    def _checked_notice(self, token: str) -> LogoutNotice:
        def check(keys: Any) -> LogoutNotice:
            return check_logout_token(
                token,
                keys=keys,
                algorithm=ALGORITHM,
                issuer=self.site.issuer,
                client_id=self.site.client_id,
                now=self.services.clock.now(),
            )

        try:
            return check(self.client.fetch_jwk_set())
        except InvalidKeyIdError:
            return check(self.client.fetch_keys_again(self.services.clock.monotonic()))


def _answer(status: int, **body: str) -> Response:
    response = flask.jsonify(**body) if body else flask.Response()
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
