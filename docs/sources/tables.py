"""steps.md: the tables and registries that decide what happens, in their order."""

from __future__ import annotations

from typing import Any

from docs.sources.markdown import first_sentence, heading, table
from idp.accounts.factors import FACTORS
from idp.oauth.client_auth import CLIENT_AUTH
from idp.oauth.grants import GRANTS
from idp.protocol.details import DETAIL_TYPES
from idp.protocol.steps import FRONT_STEPS, PROVE_TARGET, STEPS
from keys.backends import BACKENDS
from signing.formats import FORMATS
from signing.validation.judge import BLOCKS


def page() -> str:
    """The authorization steps, the building blocks of validation, and the registries."""
    return "\n".join(
        (
            heading("Steps and registries", "the tuples in the code"),
            "## The authorization request (`idp/protocol/steps.py`)\n",
            _steps(),
            "## Validation of a signature (`signing/validation/judge.py`)\n",
            _blocks(),
            "## Registries\n",
            "A new entry is one file and one line; its contract suite picks it up.\n",
            _registries(),
        )
    )


def _steps() -> str:
    front = [(step.check, step.endpoints) for step in FRONT_STEPS]
    rows = [*front, (PROVE_TARGET, None), *((step.check, step.endpoints) for step in STEPS)]
    return table(
        ("Step", "Endpoints", "Rule"),
        [
            (
                f"`{check.__name__}`",
                ", ".join(sorted(endpoints)) if endpoints else "all; **from here on a redirect is safe**",
                first_sentence(check.__doc__),
            )
            for check, endpoints in rows
        ],
    )


def _blocks() -> str:
    return table(
        ("Block", "Check", "Rule"),
        [(name, f"`{check.__name__}`", first_sentence(check.__doc__)) for name, checks in BLOCKS for check in checks],
    )


def _registries() -> str:
    registries: dict[str, Any] = {
        "`idp.oauth.grants.GRANTS`": GRANTS,
        "`idp.oauth.client_auth.CLIENT_AUTH`": CLIENT_AUTH,
        "`idp.accounts.factors.FACTORS`": FACTORS,
        "`idp.protocol.details.DETAIL_TYPES`": DETAIL_TYPES.values(),
        "`keys.backends.BACKENDS`": BACKENDS,
        "`signing.formats.FORMATS`": FORMATS,
    }
    return table(
        ("Registry", "Entries"), [(name, ", ".join(map(_called, entries))) for name, entries in registries.items()]
    )


def _called(entry: Any) -> str:
    return f"`{entry.__name__ if isinstance(entry, type) else type(entry).__name__}`"
