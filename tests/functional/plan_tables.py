"""Which modules each plan runs with which response type, in the plan's order, and the installation they run against."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from base.clock import FixedClock
from base.services import open_base
from base.settings import BaseSettings, Settings
from idp.protocol.new_person import person_of
from idp.settings import IdpSettings
from keys.settings import KeysSettings
from tests.functional import plan_modules as modules
from tests.functional.idp_site import Site, open_site
from tests.functional.plan_modules import Module
from tests.functional.plan_party import USERNAME, Variant
from tests.functional.test_new_account import EVERYTHING
from tests.ready_keys import open_ready_keys

EVERY: tuple[Module, ...] = (
    modules.server,
    modules.response_type_missing,
    modules.idtoken_signature,
    modules.scope_profile,
    modules.scope_email,
    modules.scope_address,
    modules.scope_phone,
    modules.scope_all,
    modules.alternate_happy_flow,
    modules.display_page,
    modules.display_popup,
    modules.prompt_login,
    modules.prompt_none_not_logged_in,
    modules.prompt_none_logged_in,
    modules.max_age_1,
    modules.max_age_10000,
    modules.ensure_request_with_unknown_parameter_succeeds,
    modules.id_token_hint,
    modules.login_hint,
    modules.ui_locales,
    modules.claims_locales,
    modules.ensure_request_with_acr_values_succeeds,
    modules.ensure_registered_redirect_uri,
    modules.request_uri_unsigned_supported_correctly_or_rejected_as_unsupported,
    modules.unsigned_request_object_supported_correctly_or_rejected_as_unsupported,
    modules.claims_essential,
    modules.ensure_request_object_with_redirect_uri,
)
WITH_ACCESS_TOKEN = (modules.userinfo_get, modules.userinfo_post_header, modules.userinfo_post_body)
WITH_CODE = (
    modules.codereuse,
    modules.codereuse_30seconds,
    modules.server_client_secret_post,
    modules.refresh_token,
    modules.ensure_request_with_valid_pkce_succeeds,
)
CODE_ALONE = (modules.idtoken_unsigned, modules.ensure_post_request_succeeds)
IMPLICIT = ("id_token", "id_token token")
HYBRID = ("code id_token", "code token", "code id_token token")


def modules_of(response_type: str) -> tuple[Module, ...]:
    """The modules that are applicable to a response type."""
    words = set(response_type.split())
    nonce = (
        modules.ensure_request_without_nonce_fails
        if "id_token" in words
        else modules.ensure_request_without_nonce_succeeds_for_code_flow
    )
    return (
        *EVERY,
        nonce,
        *(WITH_ACCESS_TOKEN if words & {"code", "token"} else ()),
        *(WITH_CODE if "code" in words else ()),
        *(CODE_ALONE if words == {"code"} else ()),
    )


def cases(response_types: Sequence[str], response_mode: str = "default") -> list[object]:
    """Every module of every response type, named `oidcc-<module>-<response type>`."""
    return [
        pytest.param(
            Variant(name, response_mode), module, id=f"oidcc-{module.__name__.replace('_', '-')}-{Variant(name)}"
        )
        for name in response_types
        for module in modules_of(name)
    ]


@pytest.fixture(scope="module")
def operator(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation as an operator sets it up for the official plans, with one person who has every claim."""
    folder = tmp_path_factory.mktemp("plan")
    shutil.copy(sqlite_template, folder / "antin.db")
    groups = (
        BaseSettings(database_url=f"sqlite:///{folder / 'antin.db'}", data_dir=folder / "var"),
        IdpSettings(argon2_memory_kib=1024, argon2_time_cost=1, pkce_required=False),
        KeysSettings(rsa_key_bits=2048),
    )
    clock = FixedClock()
    base = open_base(Settings({type(group): group for group in groups}), clock=clock)
    site = open_site(base, clock, open_ready_keys(base))
    site.add_user(USERNAME, **person_of(EVERYTHING))
    yield site
    base.db.close()
