"""CR-17, seen by a client: in approved mode nothing is offered, registered or accepted that is not approved."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from base.services import BaseServices
from idp.errors import RegistrationRefused
from idp.flows.register_client import register
from idp.settings import IdpSettings
from keys.lifecycle.approved import NOT_APPROVED
from keys.settings import KeysSettings
from tests.proofs import HeldKey
from tests.provider import Provider, open_provider

WELL_KNOWN = "/.well-known/openid-configuration"
RESOURCE = "/.well-known/oauth-protected-resource"


@pytest.fixture
def strict(make_base: Callable[..., BaseServices]) -> Provider:
    settings = IdpSettings(argon2_memory_kib=1024, argon2_time_cost=1)
    return open_provider(make_base(settings, KeysSettings(rsa_key_bits=2048, approved_only=True)))


def offered(provider: Provider, path: str) -> dict[str, set[str]]:
    return {name: set(found) for name, found in provider.ask(path).json.items() if "_alg_values" in name}


def test_nothing_else_is_offered(strict: Provider, provider: Provider) -> None:
    for path in (WELL_KNOWN, RESOURCE):
        usual, approved = offered(provider, path), offered(strict, path)
        assert usual.keys() == approved.keys()
        for name, algorithms in usual.items():
            assert approved[name] == algorithms - NOT_APPROVED.keys(), name
            assert approved[name], name
    assert {"EdDSA", "ML-DSA-65"} <= offered(provider, WELL_KNOWN)["id_token_signing_alg_values_supported"]


@pytest.mark.parametrize("alg", ["EdDSA", "ML-DSA-44"])
@pytest.mark.parametrize("message", ["id_token", "userinfo"])
def test_nobody_registers_for_it(strict: Provider, message: str, alg: str) -> None:
    metadata = {"redirect_uris": ["https://portal.example.vn/cb"], f"{message}_signed_response_alg": alg}
    with pytest.raises(RegistrationRefused) as refused:
        register(strict.services, metadata)
    assert refused.value.code == "invalid_client_metadata"


def test_a_proof_with_it_binds_nothing(strict: Provider) -> None:
    client = strict.machine()
    form = {"grant_type": "client_credentials"}
    for alg, status in (("EdDSA", 400), ("ES256", 200)):
        reply = strict.posted("/token", client, proof=HeldKey(alg).proof("/token", strict.now), **form)
        assert reply.status == status, alg
        assert reply.json.get("error", "") == ("invalid_dpop_proof" if status == 400 else "")
