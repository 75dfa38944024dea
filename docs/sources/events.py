"""audit_events.md: every kind of audit event and its fields."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil

import base
import demo
import idp
import keys
import signing
from base.audit import Event
from docs.sources.markdown import first_sentence, heading, table


def event_classes() -> list[type[Event]]:
    """Every event of the product, ordered by kind."""
    for package in (base, keys, idp, signing, demo):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.rpartition(".")[2] == "events":
                importlib.import_module(found.name)
    known: dict[str, type[Event]] = {}  # by name: slots=True makes every class twice
    queue: list[type[Event]] = [Event]
    while queue:
        for child in queue.pop().__subclasses__():
            queue.append(child)
            if child.__module__.partition(".")[0] in ("base", "keys", "idp", "signing", "demo"):
                known[f"{child.__module__}.{child.__qualname__}"] = child
    return sorted(known.values(), key=lambda event: event.kind)


def page() -> str:
    """The table of events."""
    rows = [
        (
            f"`{event.kind}`",
            first_sentence(event.__doc__),
            ", ".join(f"`{field.name}`" for field in dataclasses.fields(event)) or "–",
        )
        for event in event_classes()
    ]
    return (
        heading("Audit events", "the `events.py` of each package")
        + "\nFields hold identifiers, enumerated words, digests and numbers; never a person's data. Every row also has "
        "`position`, `at` (epoch seconds) and the chained `hash`.\n\n" + table(("Kind", "When", "Fields"), rows)
    )
