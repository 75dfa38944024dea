"""The headers of proxies: exactly the two forms, bounded, and one certificate where one belongs."""

from __future__ import annotations

import pytest

from idp.errors import OAuthError, RegistrationRefused
from idp.protocol.client_certificate import MOST_CHARACTERS, ShownCertificate, certificates_in
from idp.protocol.registration import validated
from tests.certificates import self_signed

HELD, OTHER = self_signed(), self_signed()


def test_both_forms() -> None:
    assert certificates_in(ShownCertificate(HELD.header, ""), "rfc9440") == (HELD.der, ())
    chain = f"{OTHER.header}, {HELD.header}"
    assert certificates_in(ShownCertificate(HELD.header, chain), "rfc9440") == (HELD.der, (OTHER.der, HELD.der))
    assert certificates_in(ShownCertificate(HELD.escaped, ""), "pem_escaped") == (HELD.der, ())


@pytest.mark.parametrize(
    ("leaf", "chain", "form"),
    [
        (HELD.header[1:], "", "rfc9440"),
        (HELD.header + ";x=1", "", "rfc9440"),
        (f"{HELD.header}, {OTHER.header}", "", "rfc9440"),
        (f":{'A' * MOST_CHARACTERS}:", "", "rfc9440"),
        (":QQ=:", "", "rfc9440"),
        ("", "", "rfc9440"),
        (HELD.header, ", ".join([HELD.header] * 6), "rfc9440"),
        (HELD.header, "x", "rfc9440"),
        (HELD.header, HELD.header + ",", "rfc9440"),
        (HELD.escaped, "", "rfc9440"),
        (HELD.header, "", "pem_escaped"),
        (HELD.escaped * 2, "", "pem_escaped"),
        (f"{HELD.escaped},{OTHER.escaped}", "", "pem_escaped"),
        ("%" * 99, "", "pem_escaped"),
    ],
    ids=range(14),
)
def test_anything_else(leaf: str, chain: str, form: str) -> None:
    with pytest.raises(OAuthError) as caught:
        certificates_in(ShownCertificate(leaf, chain), form)
    assert caught.value.code == "invalid_request"


def registered(**names: str) -> dict[str, object]:
    given = {"client_id": "m", "grant_types": ["client_credentials"], "scope": "records.read", "profile": "machine"}
    return validated({**given, "token_endpoint_auth_method": "tls_client_auth", **names}, has_organisation=False)


def test_a_certificate_is_known_by_one_name() -> None:
    assert registered(tls_client_auth_san_ip="2001:DB8:0::1")["tls_client_auth_san_ip"] == "2001:db8::1"
    assert registered(tls_client_auth_san_dns="A.B")["tls_client_auth_san_dns"] == "a.b"
    for wrong in (
        {},
        {"tls_client_auth_san_dns": "a.b", "tls_client_auth_san_uri": "https://a.b"},
        {"tls_client_auth_san_ip": "a.b"},
        {"tls_client_auth_subject_dn": " "},
    ):
        with pytest.raises(RegistrationRefused):
            registered(**wrong)


def test_other_methods_have_no_such_name() -> None:
    valid = registered(token_endpoint_auth_method="client_secret_basic", tls_client_auth_san_dns="a.b")
    assert "tls_client_auth_san_dns" not in valid
