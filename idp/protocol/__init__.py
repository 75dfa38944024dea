"""
The rules of OAuth 2.0 and OpenID Connect. PURE: no Flask, no SQL, no Authlib, no sockets, no clock.

Reading order: steps.py (the authorization endpoint on one screen) → checks/ → prompts.py → response_modes.py →
token_claims.py → id_token.py.
"""
