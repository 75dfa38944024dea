"""Which authority issues which profile."""

from __future__ import annotations

from base.errors import SettingsError
from keys.ca.order import Profile
from keys.settings import KeysSettings

DEFAULT = "issuing"


def issuer_for(settings: KeysSettings, profile: Profile) -> str:
    """
    The name of the authority for a profile: as ANTIN_PROFILE_AUTHORITIES says, otherwise `issuing`, under `root`.

    Raises: SettingsError: the setting names no profile, or a pair is not whole.
    """
    if profile is Profile.ISSUING:
        return "root"
    chosen: dict[str, str] = {}
    for pair in settings.profile_authorities.split():
        name, _, authority = pair.partition("=")
        if name not in set(Profile) or not authority:
            raise SettingsError(f"ANTIN_PROFILE_AUTHORITIES holds {pair!r}, which is no `profile=authority`.")
        chosen[name] = authority
    return chosen.get(profile, DEFAULT)
