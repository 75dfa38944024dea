"""The official's signing key: found, or made at first use. The key stays inside keys; we learn only its handle."""

from __future__ import annotations

from keys.api import Credential, PersonSubject
from signing.errors import SignatureRefused
from signing.services import SigningServices
from signing.store.desk_sessions import DeskSession


def credential_for(services: SigningServices, session: DeskSession, wanted: str = "") -> Credential:
    """
    The newest usable credential of the official; without one an internal certificate is issued.

    wanted: the handle of the one that it has to be, as long as it is the official's.

    The title does not go into the certificate: it changes more often than the key and is taken from the provider when
    signing (Decree 68/2024/ND-CP).
    """
    now = services.base.clock.now()
    held_by = services.keys.credentials_of(session.owner)
    named = [held for held in held_by if held.handle == wanted]
    if named:
        return named[0]  # whether it is valid now is asked by who signs
    usable = [held for held in held_by if is_usable(held, now)]
    if usable:
        return max(usable, key=lambda held: held.not_after)
    return services.keys.enrol_person(
        PersonSubject(
            owner=session.owner,
            common_name=session.signer.full_name,
            organisation=session.signer.organisation_name,
            title=session.signer.position_title,
        )
    )


def is_usable(credential: Credential, now: int) -> bool:
    """Whether the certificate is in its time and neither revoked nor suspended."""
    return credential.status == "active" and credential.not_before <= now < credential.not_after


def check_usable(credential: Credential, now: int) -> None:
    """
    Refuse to sign with a certificate that is not valid now.

    Raises: SignatureRefused("certificate_not_valid").
    Source: Decree 23/2025/ND-CP Art. 15 (the signing software checks the signer's own certificate before it signs).
    """
    if not is_usable(credential, now):
        raise SignatureRefused(
            "certificate_not_valid",
            vi="Chứng thư số của bạn đã hết hạn hoặc bị thu hồi nên không thể ký. Hãy liên hệ bộ phận quản trị.",
            en="Your certificate has expired or was revoked, so nothing can be signed. Contact your administrator.",
            debug=f"status {credential.status}",
            status=409,
        )
