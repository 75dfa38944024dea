"""
The provider's frame: services put it, unseen, into their pages and ask it whether the person is still signed in.

It holds one script, which answers "unchanged", "changed" or "error" from what the browser has: nothing is asked of the
server, nothing is stored, and no other site is spoken to but the one that asked.

Source: OpenID Connect Session Management 1.0 §3.2, §3.3.
"""

from __future__ import annotations

import base64
import hashlib

import flask

from base.web.cookies import cookie_name
from idp.flows.browser_state import STATE_COOKIE
from idp.protocol import endpoints
from idp.protocol.session_state import web_origin
from idp.services import IdpServices
from idp.store.clients import redirect_uris_of_all

KEPT_SECONDS = 300
MOST_CLIENTS = 100
MOST_CHARACTERS = 2000
"""Of the list of origins: proxies take headers of about 4,000 characters."""
SCRIPT = """
const held = () => {
  for (const pair of document.cookie.split('; ')) {
    if (pair.startsWith(NAME + '=')) return pair.slice(NAME.length + 1)
  }
  return null
}
const judge = async (asked, origin) => {
  const parts = typeof asked === 'string' ? asked.split(' ') : []
  const [digest, salt, ...more] = (parts[1] || '').split('.')
  const state = held()
  if (parts.length !== 2 || !parts[0] || !digest || !salt || more.length || state === null) return 'error'
  const text = new TextEncoder().encode([parts[0], origin, state, salt].join(' '))
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
  const found = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return found === digest ? 'unchanged' : 'changed'
}
addEventListener('message', async (event) => {
  if (!event.source || event.source === window || event.origin === 'null') return
  const answer = await judge(event.data, event.origin).catch(() => 'error')
  event.source.postMessage(answer, event.origin)
})
"""


def mount(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """GET of the frame. It is the same for everybody and may be kept for a while."""
    name = cookie_name(STATE_COOKIE, secure=services.base.base.secure)
    script = f"const NAME = '{name}'{SCRIPT}"
    page = f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>Ấn Tín</title><script>{script}</script></html>'
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    @blueprint.get(endpoints.CHECK_SESSION)
    def check_session() -> flask.Response:
        response = flask.Response(page, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'sha256-{allowed}'; form-action 'none'; base-uri 'none'; "
            f"frame-ancestors {_framers(services)}"
        )
        response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response


def _framers(services: IdpServices) -> str:
    """
    The origins of all services. Where they are too many for a header, any https page may frame it: the frame tells
    nothing to an origin whose session_state it is not shown.
    """
    with services.base.db.read() as connection:
        addresses = redirect_uris_of_all(connection, MOST_CLIENTS)
    origins = sorted({origin for uri in addresses or () if (origin := web_origin(uri)) is not None})
    listed = " ".join(["'self'", *origins])
    return "'self' https:" if addresses is None or len(listed) > MOST_CHARACTERS else listed
