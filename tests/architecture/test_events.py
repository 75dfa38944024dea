"""
No personal data in an audit event.

A field may be an identifier, an enumerated word, a digest or a number. Names that could hold a person's data are
refused outright; any other string field must be known here as an identifier, a word or a digest.
"""

from __future__ import annotations

import dataclasses
import enum
import importlib
import pkgutil
import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

import base
import demo
import idp
import keys
import signing
from base.audit import Event

PERSONAL = set(
    "name mail email phone address birth gender username ip network agent password title label subject "
    "text comment free message url uri".split(" ")
)
IDENTIFIERS = ("_id", "_ids", "_handle", "_key")
DIGESTS = ("digest", "digest_in", "digest_out", "sha256", "_sha256", "_digest", "_hash", "_mac", "_fingerprint")
WORDS = set(
    "acr alg algorithm amr backend by cause claims code credential endpoint factor factors format grant_type handle "
    "caller how indication issuer issuing jti kid kind level method methods occasion operation organisation outcome "
    "owner package policy profile prompt purpose reason result scope serial sid state status sub_indication to verdict "
    "way why".split(" ")
)
"""String fields that hold enumerated words or identifiers; what really is written is looked at by tests/conftest.py."""
SCALARS = (int, bool, float, type(None))


def every_module() -> None:
    for package in (base, keys, idp, signing, demo):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.rpartition(".")[2] == "events":
                importlib.import_module(found.name)


def event_classes() -> list[type[Event]]:
    every_module()
    found: dict[str, type[Event]] = {}  # by name: slots=True makes every class twice
    queue: list[type[Event]] = [Event]
    while queue:
        for child in queue.pop().__subclasses__():
            if not child.__module__.startswith("test"):
                found[f"{child.__module__}.{child.__qualname__}"] = child
            queue.append(child)
    return list(found.values())


def faults(event: type[Event]) -> list[str]:
    """What is wrong with the fields of one event class."""
    hints = get_type_hints(event)
    return [
        f"{event.__name__}.{field.name}: {fault}"
        for field in dataclasses.fields(event)
        if (fault := fault_of(field.name, hints[field.name]))
    ]


def fault_of(name: str, kind: Any) -> str:
    """Why a field may not stand in an event; "" if it may."""
    if name.endswith(IDENTIFIERS) or name.endswith(DIGESTS) or name in DIGESTS:
        return "" if holds_only(kind, (str, *SCALARS)) else f"type {kind}"
    if set(name.split("_")) & PERSONAL:
        return "the name may hold personal data"
    if holds_only(kind, SCALARS):
        return ""
    if name in WORDS or holds_only(kind, SCALARS, words=True):
        return "" if holds_only(kind, (str, *SCALARS), words=True) else f"type {kind}"
    return "a string that is not known as identifier, enumerated word or digest"


def holds_only(kind: Any, allowed: tuple[type, ...], *, words: bool = False) -> bool:
    """Whether a type is made of the allowed ones (and, with `words`, of enumerations and literals)."""
    if get_origin(kind) in (Union, types.UnionType, tuple, list, frozenset):
        return all(holds_only(part, allowed, words=words) for part in get_args(kind) if part is not Ellipsis)
    if get_origin(kind) is Literal:
        return words
    supertype = getattr(kind, "__supertype__", kind)  # NewType
    if isinstance(supertype, type) and issubclass(supertype, enum.Enum):
        return words
    return supertype in allowed


def test_there_are_events() -> None:
    assert len(event_classes()) > 10


def test_no_event_can_hold_personal_data() -> None:
    assert not [fault for event in event_classes() for fault in faults(event)]


def test_every_event_is_frozen_and_named_by_its_package() -> None:
    for event in event_classes():
        assert event.__dataclass_params__.frozen, event  # type: ignore[attr-defined]  # set by @dataclass
        assert len(event.kind.split(".")) == 3, event
        assert event.kind.split(".")[0] == event.__module__.split(".")[0], event


def test_no_two_events_share_a_kind() -> None:
    kinds = [event.kind for event in event_classes()]
    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize(
    ("field", "kind"),
    [("full_name", str), ("email", str), ("ip_address", str), ("note", str), ("user_id", dict), ("username", str)],
)
def test_the_rule_catches_a_bad_field(field: str, kind: type) -> None:
    bad = dataclasses.make_dataclass(
        "Bad", [(field, kind)], bases=(Event,), frozen=True, namespace={"kind": "test.bad.event"}
    )
    bad.__module__ = "test_events"
    assert faults(bad)
