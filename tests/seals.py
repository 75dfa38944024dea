"""Seals of agencies for tests: made, granted by two operators, and an application whose token is bound to its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from werkzeug.test import TestResponse

from keys.api import Keys
from keys.ca.order import Profile
from keys.flows import agency_seal, approvals, staff
from keys.flows.operators import Operator, identify
from keys.flows.subscribers import Subscription
from keys.handles import KeyHandle, LegalSubject
from keys.lifecycle.seal_grant import DAY_SECONDS, SealTerms, granting
from signing.web.api.operations import BASE
from tests.api_caller import Application, application
from tests.desk_city import DeskCity
from tests.proofs import HeldKey

AGENCY = LegalSubject("H17.12", "UBND phường Hải Châu", "GO:VN-H17")
CLIENT = "portal"


def seal_of(keys: Keys, agency: LegalSubject = AGENCY) -> KeyHandle:
    """A new seal."""
    return agency_seal.make_seal(keys.custody, Subscription(Profile.LEGAL_PERSON, agency)).handle


def operators_of(keys: Keys) -> tuple[Operator, Operator]:
    """The first two operators; once in a test."""
    secrets = {name: staff.add_operator(keys.custody, name) for name in ("mot", "hai")}
    first, second = (identify(keys.custody, name, secret) for name, secret in secrets.items())
    return first, second


def terms_for(keys: Keys, handle: KeyHandle, **changes: Any) -> SealTerms:
    """Terms that last a month."""
    until = keys.now() + 30 * DAY_SECONDS
    return replace(SealTerms(handle, CLIENT, 5, 3, until), **changes)


def approved(keys: Keys, terms: SealTerms, team: tuple[Operator, Operator]) -> str:
    """The identifier of an approval by two operators."""
    approval = approvals.propose(keys.custody, granting(terms), team[0])
    approvals.approve(keys.custody, approval, team[1])
    return approval


def granted(keys: Keys, terms: SealTerms, team: tuple[Operator, Operator]) -> str:
    """The identifier of a grant."""
    return agency_seal.grant_seal(keys.custody, terms, approved(keys, terms, team))


class Sealer:
    """An application that proves its key with every request."""

    def __init__(self, city: DeskCity, name: str = CLIENT, **claims: Any) -> None:
        self.city = city
        self.key = HeldKey()
        bound = {"cnf": {"jkt": self.key.thumbprint}, **claims}
        self.application: Application = application(city, name, **bound)
        self.application.scheme = "DPoP"

    def proof(self, method: str, path: str) -> str:
        """For one request."""
        token = self.application.token
        return self.key.proof(BASE + path, self.city.base.clock.now(), method=method, token=token)

    def get(self, path: str) -> TestResponse:
        return self.application.get(path, headers={"DPoP": self.proof("GET", path)})

    def seal(
        self, handle: str, document: bytes, headers: Mapping[str, str] | None = None, **fields: str
    ) -> TestResponse:
        """Seal a document."""
        proven = {"DPoP": self.proof("POST", "/seals"), **(headers or {})}
        return self.application.post("/seals", document, headers=proven, seal=handle, **fields)
