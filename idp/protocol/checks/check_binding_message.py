from __future__ import annotations

import unicodedata
from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest

MOST_CHARACTERS = 60
_SIGNS = frozenset(" .,:;-_/#()+")


def check_binding_message(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    The text shown on both devices: at most 60 letters, digits and plain signs, so that it can be compared by eye.

    Raises:  OAuthError("invalid_binding_message").
    Source:  OpenID Connect CIBA Core 1.0 §7.1 (short, plain text), §13. Latin letters alone, those of Vietnamese
             included: no look-alikes of other alphabets, no direction marks.
    """
    given = request.parameters.get("binding_message", "")
    fits = len(given) <= MOST_CHARACTERS and unicodedata.is_normalized("NFC", given)
    if not fits or not all(map(_is_plain, given)):
        raise OAuthError("invalid_binding_message", f"at most {MOST_CHARACTERS} letters, digits and plain signs")
    return replace(request, elsewhere=replace(request.elsewhere, binding_message=given))


def _is_plain(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in _SIGNS
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN ")
