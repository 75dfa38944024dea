"""Grant types. A new one is one file here and one line in GRANTS; tests/contract/test_grants.py picks it up."""

from __future__ import annotations

from collections.abc import Mapping

from idp.oauth.grants.authorization_code import AuthorizationCode
from idp.oauth.grants.base import Grant
from idp.oauth.grants.ciba import Ciba
from idp.oauth.grants.client_credentials import ClientCredentials
from idp.oauth.grants.device_code import DeviceCode
from idp.oauth.grants.jwt_bearer import JwtBearer
from idp.oauth.grants.refresh_token import RefreshToken
from idp.oauth.grants.token_exchange import TokenExchange

GRANTS: tuple[Grant, ...] = (
    AuthorizationCode(),
    RefreshToken(),
    ClientCredentials(),
    TokenExchange(),
    JwtBearer(),
    DeviceCode(),
    Ciba(),
)
GRANT_BY_NAME: Mapping[str, Grant] = {grant.name: grant for grant in GRANTS}
