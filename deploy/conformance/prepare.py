"""
Make everything the official conformance suite needs of an installation of its own:

    python deploy/conformance/prepare.py FOLDER --issuer https://op.test:9443 --mtls https://op.test:9444 \
        --bind 127.0.0.1:8000 --suite https://localhost.emobix.co.uk:8443

FOLDER, which must not exist, then holds the certificates, nginx.conf, antin.toml, the database with the static clients
and one person, and suite/*.json: one configuration for each kind of plan. See README.md beside this file.

1. Certificates: an authority, the server's, and those of the clients.
2. nginx.conf and antin.toml.
3. The database, the person, the clients.
4. The suite's configurations.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]
import fapi_pages  # noqa: E402 - found by the line above
from automation import Automation  # noqa: E402 - the same
from certificates import Held, issue, private_jwk, public_jwk  # noqa: E402 - the same

ALIAS = "antin"
USERNAME, PASSWORD = "lan", "con trâu đi trước cái cày theo sau"
SITE = "https://lan.example.vn"
PERSON: dict[str, Any] = {  # has every claim that a scope may ask for
    "username": USERNAME,
    "password": PASSWORD,
    "full_name": "Nguyễn Thị Lan",
    "email": "lan@example.vn",
    "phone": "+84901234567",
    "birthdate": "1990-05-17",
    "gender": "female",
    "address": "1 Tràng Tiền, Hà Nội",
    "attributes": {
        "given_name": "Lan",
        "family_name": "Nguyễn",
        "middle_name": "Thị",
        "nickname": "Lan",
        "preferred_username": USERNAME,
        "profile": SITE,
        "picture": SITE + "/lan.png",
        "website": SITE,
        "zoneinfo": "Asia/Ho_Chi_Minh",
    },
}
SECOND_QUERY = "?dummy1=lorem&dummy2=ipsum"
"""The suite's second client has it in its redirect address."""
SETTINGS: dict[str, Any] = {
    "trusted_proxies": 1,
    "mtls_header": "Client-Cert",
    "mtls_form": "pem_escaped",
    "par_lifetime_seconds": 60,  # the suite waits for a request to expire
    "code_lifetime_seconds": 60,
    "pkce_required": False,  # plans of OpenID Connect Core send no challenge; fapi2 demands it all the same
    "advertised_scopes": ["records.read"],  # of the clients that act for themselves
    "outbound_private_addresses": "true",  # the suite runs beside us
    "registration": "open",
    "registration_policy": "certification",
}
OWN_METADATA = ["akp_jwks_uri", "native_sso_supported"]
"""What our discovery document has and the suite's list of known members lacks; it would warn of them."""
EVERY_RESPONSE = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"]
DETAILS = [{"type": "ho_so", "identifier": "H17.12-251101-0042", "actions": ["read"]}]  # for the variant rar
VARIANTS = [(auth, bind) for auth in ("private_key_jwt", "mtls") for bind in ("dpop", "mtls")]


# ── 2. nginx.conf and antin.toml ─────────────────────────────────────────────────────────────────────────────────


def write_configuration(folder: Path, asked: argparse.Namespace) -> None:
    issuer, mtls = urlsplit(asked.issuer), urlsplit(asked.mtls)
    filled = (HERE / "nginx.conf").read_text("utf-8")
    for name, value in {
        "FOLDER": str(folder),
        "HOST": issuer.hostname or "",
        "PORT": str(issuer.port or 443),
        "MTLS_PORT": str(mtls.port or 443),
        "UPSTREAM": asked.bind,
    }.items():
        filled = filled.replace(f"@{name}@", value)
    (folder / "nginx.conf").write_text(filled, "utf-8")
    values = {
        "issuer": asked.issuer,
        "bind": asked.bind,
        "data_dir": str(folder / "var"),
        "mtls_address": asked.mtls,
        "mtls_ca_file": str(folder / "clients-ca.pem"),
        "outbound_ca_file": suite_authority(folder, asked.suite_ca),
        **SETTINGS,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    (folder / "antin.toml").write_text("\n".join(lines) + "\n", "utf-8")


def suite_authority(folder: Path, given: str) -> str:
    """The file that says whom the suite's certificate is from; "" for a public authority."""
    return "" if given == "public" else str(folder / "server-ca.pem" if given == "made" else Path(given).resolve())


# ── 3. Database, person, clients ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Party:
    """A registered client as the suite has to know it."""

    metadata: dict[str, Any]
    jwk: dict[str, str]
    certificate: Held | None


def fapi_party(plan: str, number: int, auth: str, bind: str, authority: Held, redirect: str, **more: Any) -> Party:
    """
    A client of the profile fapi2. The first one's key is RSA: without, the suite leaves out what tries RS256.
    """
    name, alg = f"{plan}-{number}", ("PS256", "ES256")[number - 1]
    jwk, subject = private_jwk(f"{name}-key", alg), f"CN={name},O=Conformance,C=VN"
    by_tls = auth == "mtls"
    metadata: dict[str, Any] = {
        "client_id": name,
        "client_name": name,
        "profile": "fapi2",
        "redirect_uris": [redirect, redirect + SECOND_QUERY],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email phone address offline_access",
        "token_endpoint_auth_method": "tls_client_auth" if by_tls else "private_key_jwt",
        "jwks": {"keys": [public_jwk(jwk)]},
        **({"tls_client_auth_subject_dn": subject} if by_tls else {}),
        **({"backchannel_authentication_request_signing_alg": alg} if "-ciba-" in plan else {}),
        **({"tls_client_certificate_bound_access_tokens": True} if bind == "mtls" else {}),
    } | more
    kept = {member: value for member, value in metadata.items() if value is not None}
    return Party(kept, jwk, issue(subject, authority) if "mtls" in (auth, bind) else None)


def all_parties(authority: Held, redirect: str) -> dict[str, list[Party]]:
    """Two clients for each kind of plan, by the plan's name."""
    parties: dict[str, list[Party]] = {}
    for auth, bind in VARIANTS:
        way = f"{auth.replace('_', '-')}-{bind}"
        kinds: dict[str, dict[str, Any]] = {
            "fapi2-sp": {"authorization_details_types": ["ho_so"]},  # used with authorization_request_type=rar
            "fapi2-ms": {"require_signed_request_object": True},
            "fapi2-cc": {"redirect_uris": None, "grant_types": ["client_credentials"], "scope": "records.read"},
        }
        for kind, more in kinds.items():
            plan = f"{kind}-{way}"
            parties[plan] = [fapi_party(plan, n, auth, bind, authority, redirect, **more) for n in (1, 2)]
        if bind == "mtls":
            parties |= ciba_parties(auth, authority, redirect)
    methods = ("client_secret_basic", "client_secret_basic", "client_secret_post")
    parties["oidcc"] = [_plain_party(f"oidcc-{n}", redirect, method) for n, method in enumerate(methods, 1)]
    return parties


def ciba_parties(auth: str, authority: Held, redirect: str) -> dict[str, list[Party]]:
    """Clients of FAPI-CIBA, by plan: their requests are signed, and their tokens bound to a certificate."""
    found, heard = {}, redirect.removesuffix("/callback") + "/ciba-notification-endpoint"
    for mode in ("poll", "ping"):
        plan = f"fapi-ciba-{auth.replace('_', '-')}-{mode}"
        more = {
            "redirect_uris": None,
            "grant_types": ["urn:openid:params:grant-type:ciba", "refresh_token"],
            "scope": "openid profile email",
            "backchannel_token_delivery_mode": mode,
            **({"backchannel_client_notification_endpoint": heard} if mode == "ping" else {}),
        }
        found[plan] = [fapi_party(plan, n, auth, "mtls", authority, redirect, **more) for n in (1, 2)]
    return found


def _plain_party(name: str, redirect: str, method: str) -> Party:
    metadata = {
        "client_id": name,
        "client_name": name,
        "redirect_uris": [redirect, redirect + SECOND_QUERY],
        "post_logout_redirect_uris": [redirect.removesuffix("/callback") + "/post_logout_redirect"],
        "response_types": EVERY_RESPONSE,
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "scope": "openid profile email phone address offline_access",
        "token_endpoint_auth_method": method,
    }
    return Party(metadata, {}, None)


def fill_database(folder: Path, parties: dict[str, list[Party]]) -> dict[str, str]:
    """Migrates, adds the person and every client. Returns the secrets, by client_id."""
    os.chdir(folder)  # where antin.toml is
    import wsgi
    from base.texts import Text
    from idp.flows.create_user import NewUser, create_user
    from idp.flows.register_client import register

    settings = wsgi.load_settings({})
    wsgi.migrate(settings)
    services = wsgi.open_services(settings).idp
    create_user(services, NewUser(**PERSON))
    secrets = {}
    for party in (each for pair in parties.values() for each in pair):
        added = register(services, party.metadata, purpose=Text("Kiểm tra tuân thủ", "Conformance testing"))
        secrets[added["client_id"]] = str(added.get("client_secret", ""))
    services.base.db.close()
    return secrets


# ── 4. The suite's configurations ────────────────────────────────────────────────────────────────────────────────


def suite_configuration(
    plan: str, pair: list[Party], secrets: dict[str, str], asked: argparse.Namespace
) -> dict[str, Any]:
    """The JSON that a plan is started with."""
    certain, ciba = any(party.certificate for party in pair), "-ciba-" in plan
    automation = Automation(asked.issuer, USERNAME, PASSWORD)
    names = ("client", "client2", "client_secret_post") if plan == "oidcc" else ("client", "client2")
    found: dict[str, Any] = {
        "alias": ALIAS,
        "description": f"Ấn Tín: {plan}",
        "server": {
            "discoveryUrl": f"{asked.issuer}/.well-known/openid-configuration",
            "allow_unexpected_metadata_fields": OWN_METADATA,
        },
        "browser": automation.browser(),
    }
    if plan == "oidcc":
        found["override"] = automation.override()
    for name, party in zip(names, pair, strict=True):
        client = {"client_id": party.metadata["client_id"], "scope": party.metadata["scope"]}
        if party.jwk:
            client |= {"jwks": {"keys": [party.jwk]}}
            client |= {"dpop_signing_alg": party.jwk["alg"]} if "dpop" in plan else {}
            client |= {"hint_type": "login_hint", "hint_value": USERNAME, "acr_value": "urn:vn:xt:1"} if ciba else {}
        else:
            client |= {"client_secret": secrets[party.metadata["client_id"]]}
        found[name] = client
    if certain:
        for name, party in zip(("mtls", "mtls2"), pair, strict=True):
            assert party.certificate is not None
            found[name] = {"cert": party.certificate.pem, "key": party.certificate.key_pem}
    if ciba:
        found["automated_ciba_approval_url"] = asked.approver + "/?auth_req_id={auth_req_id}&action={action}"
    if plan != "oidcc":
        # userinfo wants openid; the other resource takes any token, as plain OAuth and client credentials need.
        base = asked.mtls if certain else asked.issuer
        detailed = {"richAuthorizationRequest": DETAILS} if "-sp-" in plan else {}
        found["override"] = fapi_pages.override(found["browser"])
        found["resource"] = {"resourceUrl": base + ("/whoami" if "-cc-" in plan else "/userinfo"), **detailed}
    return found


def without_openid(configuration: dict[str, Any]) -> dict[str, Any]:
    """The same for the variant openid=plain_oauth, whose resource cannot be userinfo."""
    found: dict[str, Any] = json.loads(json.dumps(configuration))
    for name in ("client", "client2"):
        found[name]["scope"] = "profile offline_access"
    found["resource"]["resourceUrl"] = found["resource"]["resourceUrl"].replace("/userinfo", "/whoami")
    return found


def with_dynamic_clients(configuration: dict[str, Any]) -> dict[str, Any]:
    """The same for client_registration=dynamic_client: the suite registers its clients, which needs no token here."""
    kept = {name: value for name, value in configuration.items() if not name.startswith("client")}
    return kept | {name: {"client_name": f"Conformance {name}"} for name in ("client", "client2")}


def write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False), "utf-8")


def main(words: list[str]) -> int:
    asked = _words().parse_args(words)
    folder = Path(asked.folder).resolve()
    folder.mkdir(parents=True)
    host = urlsplit(asked.issuer).hostname or ""
    server_authority, client_authority = issue("CN=Conformance servers", None), issue("CN=Conformance clients", None)
    server = issue(f"CN={host}", server_authority, host=host)
    suite_host = urlsplit(asked.suite).hostname or ""
    suite = issue(f"CN={suite_host}", server_authority, host=suite_host)
    for name, text in {
        "server-ca.pem": server_authority.pem,
        "server.pem": server.pem,
        "server.key": server.key_pem,
        "suite.pem": suite.pem,
        "suite.key": suite.key_pem,
        "clients-ca.pem": client_authority.pem,
        "clients-ca.key": client_authority.key_pem,
    }.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text)
    write_configuration(folder, asked)
    parties = all_parties(client_authority, f"{asked.suite}/test/a/{ALIAS}/callback")
    secrets = fill_database(folder, parties)
    (folder / "suite").mkdir(mode=0o700)
    for plan, pair in parties.items():
        found = suite_configuration(plan, pair, secrets, asked)
        write_json(folder / "suite" / f"{plan}.json", found)
        if plan == "oidcc":
            write_json(folder / "suite" / f"{plan}-dynamic.json", with_dynamic_clients(found))
        if "-sp-" in plan or "-ms-" in plan:
            write_json(folder / "suite" / f"{plan}-oauth.json", without_openid(found))
    sys.stdout.write(f"{folder}: {len(secrets)} clients; configurations in suite/\n")
    return 0


def _words() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Make an installation for the official conformance suite.")
    parser.add_argument("folder", help="where everything goes; must not exist")
    parser.add_argument("--issuer", default="https://op.test:9443")
    parser.add_argument("--mtls", default="https://op.test:9444", help="address where nginx asks for a certificate")
    parser.add_argument("--bind", default="127.0.0.1:8000", help="where Ấn Tín listens behind nginx")
    parser.add_argument("--approver", default="http://127.0.0.1:8090", help="where `antin demo approver` answers")
    parser.add_argument("--suite", default="https://localhost.emobix.co.uk:8443", help="address of the suite")
    parser.add_argument(
        "--suite-ca",
        default="made",
        metavar="made|public|FILE",
        help="who vouches for the suite's certificate: our authority for the one made here (suite.pem, suite.key; put "
        "them into the suite's proxy), a public one, or the PEM file of another",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
