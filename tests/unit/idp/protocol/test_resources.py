"""Resource servers as data, and what of a scope belongs to one."""

from __future__ import annotations

from typing import Any

import pytest

from base.texts import Text
from idp.errors import OAuthError, RegistrationRefused
from idp.oauth.grants.base import TokenRequest, aim
from idp.protocol.request import read_parameters
from idp.protocol.resources import Resource, named_resources, read_resource, scope_at
from tests.unit.idp.protocol.requests import client

LAND, HOUSE = "https://land.example.vn", "https://house.example.vn"
SAID = Text("Đọc", "Read")
EVERY = {
    LAND: Resource(LAND, Text("Địa chính", "Land"), {"land.read": SAID, "land.write": SAID}),
    HOUSE: Resource(HOUSE, Text("Hộ tịch", "Civil status"), {"house.read": SAID}),
}
GOOD: dict[str, Any] = {
    "resource": LAND,
    "name": "Địa chính",
    "scopes": {"land.read": {"vi": "Đọc", "en": "Read"}},
}


def test_a_resource_may_be_named_several_times_over() -> None:
    read = read_parameters(f"resource={LAND}&resource={HOUSE}&resource={LAND}".encode())
    assert read.duplicated == frozenset()
    assert named_resources(read.parameters) == (LAND, HOUSE)
    assert named_resources({}) == ()
    assert read_parameters(b"state=a&state=b").duplicated == {"state"}


def test_scope_at_a_place() -> None:
    scope = frozenset({"land.read", "house.read"})
    assert scope_at(EVERY, LAND, scope) == {"land.read"}
    assert scope_at(EVERY, "https://unregistered.example.vn", scope) == scope
    assert scope_at(EVERY, None, scope) == scope


def asked(scope: str, named: str = "", **changes: Any) -> TokenRequest:
    of = client(resource=None, scope=scope, **changes)
    form = {"resource": named} if named else {}
    return TokenRequest(of, form, 1000, 60, None, 0, lambda token: token, EVERY)


def test_a_machine_names_one_of_its_resources() -> None:
    request = asked("land.read house.read", LAND, resources=[LAND, HOUSE])
    found = aim(request, request.client.scope, None)
    assert (found.audience, found.scope) == (LAND, frozenset({"land.read"}))


@pytest.mark.parametrize(
    ("named", "resources", "code"),
    [
        ("", [LAND, HOUSE], "invalid_target"),
        (f"{LAND} {HOUSE}", [LAND, HOUSE], "invalid_target"),
        (HOUSE, [LAND], "invalid_target"),
        (LAND, [], "invalid_target"),
        (f"{LAND}/", [LAND], "invalid_target"),
    ],
)
def test_where_no_token_goes(named: str, resources: list[str], code: str) -> None:
    request = asked("land.read house.read", named, resources=resources)
    with pytest.raises(OAuthError) as caught:
        aim(request, request.client.scope, None)
    assert caught.value.code == code


def test_nothing_of_the_scope_belongs_there() -> None:
    request = asked("house.read", LAND, resources=[LAND])
    with pytest.raises(OAuthError) as caught:
        aim(request, request.client.scope, None)
    assert caught.value.code == "invalid_scope"


def test_a_description_is_read() -> None:
    found = read_resource(GOOD)
    assert found == Resource(LAND, Text("Địa chính", "Địa chính"), {"land.read": Text("Đọc", "Read")})


@pytest.mark.parametrize(
    "change",
    [
        {"resource": None},
        {"resource": "land"},
        {"resource": f"{LAND}#f"},
        {"resource": f"{LAND} {HOUSE}"},
        {"resource": f"https://{'x' * 300}"},
        {"name": ""},
        {"name": 5},
        {"name": "x\u202e"},
        {"name#en": []},
        {"scopes": []},
        {"scopes": {"a b": {"vi": "Đọc"}}},
        {"scopes": {"a": "Đọc"}},
        {"scopes": {"a": {"en": "Read"}}},
        {"scopes": {f"s{number}": {"vi": "Đọc"} for number in range(51)}},
        {"scope": "a"},
    ],
)
def test_a_description_that_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RegistrationRefused):
        read_resource(GOOD | change)
