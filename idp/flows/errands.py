"""
What some grants need besides a ticket: facts gathered before they judge, and a record made before anything is minted.

A grant that says `needs_evidence` has its entry here; tests/contract/test_grants.py holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from idp.flows import assertions, exchange_tokens
from idp.oauth.grants.base import Entitlement
from idp.protocol import exchange, trusted_issuers
from idp.protocol.client import Client
from idp.services import IdpServices


class Errand(NamedTuple):
    """
    gather: evidence of a form, for a client that is registered for the grant. Reads only.
    act:    what is written once the grant has judged, in one transaction. Raises: OAuthError: somebody was faster.
    """

    gather: Callable[[IdpServices, Client, Mapping[str, str], int], Any]
    act: Callable[[IdpServices, Entitlement, Any, int], None]


ERRANDS: Mapping[str, Errand] = {
    exchange.GRANT: Errand(exchange_tokens.gather, exchange_tokens.record),
    trusted_issuers.GRANT: Errand(assertions.gather, assertions.use_up),
}
"""By the name of the grant."""
