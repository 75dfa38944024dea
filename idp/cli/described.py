"""What an operator describes in a file: one JSON object."""

from __future__ import annotations

import json
from typing import Any, TextIO

from idp.errors import RegistrationRefused


def described(file: TextIO) -> dict[str, Any]:
    """Raises: RegistrationRefused: not JSON, or not one object."""
    try:
        found = json.load(file)
    except ValueError:
        raise RegistrationRefused("invalid_client_metadata", "the file is not JSON") from None
    if not isinstance(found, dict):
        raise RegistrationRefused("invalid_client_metadata", "the file must hold one JSON object")
    return found
