"""
The provider's frame: services put it, unseen, into their pages and ask it whether the person is still signed in.

It holds one script, which answers "unchanged", "changed" or "error" from what the browser has: nothing is asked of the
server, nothing is stored, and no other site is spoken to but the one that asked.

Source: OpenID Connect Session Management 1.0 §3.2, §3.3.
"""

from __future__ import annotations

import base64
import hashlib
import re

import flask

from base.web.cookies import cookie_name
from idp.flows.browser_state import STATE_COOKIE
from idp.protocol import endpoints
from idp.protocol.session_state import web_origin
from idp.services import IdpServices
from idp.store.clients import redirect_uris_of_all

_PORT = re.compile(r":[0-9]+$")
KEPT_SECONDS = 300
MOST_CLIENTS = 100
MOST_CHARACTERS = 2000
"""Of the list of origins: proxies take headers of about 4,000 characters."""
SCRIPT = """
function held() {
  var pairs = document.cookie.split('; ')
  for (var i = 0; i < pairs.length; i++) {
    if (pairs[i].indexOf(NAME + '=') === 0) return pairs[i].slice(NAME.length + 1)
  }
  return null
}
function fraction(root) { return Math.floor((root - Math.floor(root)) * 4294967296) | 0 }
function turned(word, by) { return word >>> by | word << 32 - by }
function sha256(text) {
  var bytes = unescape(encodeURIComponent(text)), words = [], state = [], keys = [], hex = '', i, j
  for (var n = 2; keys.length < 64; n++) {
    for (j = 2; n % j; j++);
    if (j < n) continue
    if (state.length < 8) state.push(fraction(Math.sqrt(n)))
    keys.push(fraction(Math.pow(n, 1 / 3)))
  }
  for (i = 0; i < bytes.length; i++) words[i >> 2] |= bytes.charCodeAt(i) << 24 - i % 4 * 8
  words[i >> 2] |= 128 << 24 - i % 4 * 8
  words[(i + 8 >> 6) * 16 + 15] = i * 8
  for (i = 0; i < words.length; i += 16) {
    var w = words.slice(i, i + 16), v = state.slice()
    for (j = 0; j < 64; j++) {
      if (j > 15) {
        var old = w[j - 15], late = w[j - 2]
        var mixed = (turned(old, 7) ^ turned(old, 18) ^ old >>> 3) + (turned(late, 17) ^ turned(late, 19) ^ late >>> 10)
        w[j] = w[j - 16] + w[j - 7] + mixed
      }
      w[j] |= 0
      var choice = v[4] & v[5] ^ ~v[4] & v[6], most = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
      var one = v[7] + (turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)) + choice + keys[j] + w[j]
      var two = (turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)) + most
      v = [one + two | 0, v[0], v[1], v[2], v[3] + one | 0, v[4], v[5], v[6]]
    }
    for (j = 0; j < 8; j++) state[j] = state[j] + v[j] | 0
  }
  for (j = 0; j < 64; j++) hex += (state[j >> 3] >>> 28 - j % 8 * 4 & 15).toString(16)
  return hex
}
function judge(asked, origin) {
  var parts = typeof asked === 'string' ? asked.split(' ') : [], shown = (parts[1] || '').split('.'), state = held()
  if (parts.length !== 2 || !parts[0] || shown.length !== 2 || !shown[0] || !shown[1] || state === null) return 'error'
  return sha256([parts[0], origin, state, shown[1]].join(' ')) === shown[0] ? 'unchanged' : 'changed'
}
addEventListener('message', function (event) {
  if (!event.source || event.source === window || event.origin === 'null') return
  event.source.postMessage(judge(event.data, event.origin), event.origin)
})
"""
"""
Written for old and small browsers: they lack crypto.subtle, as all do where the page is not https. SHA-256 is that of
FIPS 180-4 §6.2, its constants the fractions of the roots of the first primes (§4.2.2, §5.3.3).
"""


def mount(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """GET of the frame. It is the same for everybody and may be kept for a while."""
    name = cookie_name(STATE_COOKIE, secure=services.base.base.secure)
    script = f"var NAME = '{name}'{SCRIPT}"
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
    The hosts of all services, whatever the port: HtmlUnit, the official suite's browser, finds no port that is named.
    Where they are too many for a header, any https page may frame it: the frame tells nothing to an origin whose
    session_state it is not shown.
    """
    with services.base.db.read() as connection:
        addresses = redirect_uris_of_all(connection, MOST_CLIENTS)
    origins = filter(None, map(web_origin, addresses or ()))
    listed = " ".join(["'self'", *sorted({f"{_PORT.sub('', origin)}:*" for origin in origins})])
    return "'self' https:" if addresses is None or len(listed) > MOST_CHARACTERS else listed
