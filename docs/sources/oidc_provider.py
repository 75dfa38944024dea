"""oidc_provider.md: where our verdicts differ from another provider's, as the differential run checks them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from docs.sources.markdown import heading, table

TABLE = Path(__file__).resolve().parent.parent / "divergences-from-oidc-provider.toml"


def page() -> str:
    """One row an entry."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))["divergence"]
    return "\n".join(
        (
            heading("Verdicts that differ from oidc-provider's", "`docs/divergences-from-oidc-provider.toml`"),
            "`make interop` asks both the same 5,000 requests (`tests/interop/differential`) and fails for a "
            "difference that is not here. Of several faults in one request each may name another one first; that is "
            "no difference.\n",
            table(
                ("Difference", "On", "Ours", "Theirs", "Why", "Source"),
                [
                    (
                        row["id"].replace("-", " "),
                        _words(row["when"]),
                        _words(row["ours"]),
                        _words(row["theirs"]),
                        row["why"],
                        row["source"],
                    )
                    for row in rows
                ],
            ),
        )
    )


def _words(value: str | list[str]) -> str:
    return "; ".join([value] if isinstance(value, str) else value).replace("|", "\\|")
