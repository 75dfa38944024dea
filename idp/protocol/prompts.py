"""
Does a valid request need a person at a page first? Each policy has a reason, a page, and the error for prompt=none.

The first policy that applies wins; after its page the request comes back here with one more thing done. Times decide:
what was proven since the request began counts for it, and what was proven before does not.

Source: OpenID Connect Core §3.1.2.1, §3.1.2.3, §3.1.2.6; OpenID Connect Unmet Authentication Requirements 1.0;
Initiating User Registration via OpenID Connect 1.0 §4.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from idp.errors import OAuthError
from idp.protocol.acr import level_of
from idp.protocol.request import AuthorizeRequest

Page = Literal["create", "login", "code", "select", "consent"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in. factors: method → when proven; subject: the `sub` this client knows the person by."""

    user_id: str
    subject: str
    factors: Mapping[str, int]
    acr: str
    auth_time: int


@dataclass(frozen=True, slots=True)
class Situation:
    """
    A valid request and who is there.

    started_at: when the request began; done: what its pages have done (protocol/interaction.py).
    consented:  whether a standing consent covers scope and claims.
    """

    request: AuthorizeRequest
    person: Person | None
    consented: bool
    started_at: int
    now: int
    done: frozenset[str] = frozenset()

    def fresh(self, method: str, did: str) -> bool:
        """Whether `method` was proven since the request began. Within the same second only the page's word counts."""
        proven_at = self.person.factors.get(method, 0) if self.person else 0
        return proven_at > self.started_at or (proven_at == self.started_at and did in self.done)


def new_account_wanted(situation: Situation) -> bool:
    """prompt=create: the person may have no account yet; signing in afresh shows that there is one."""
    asked = "create" in situation.request.prompts
    return asked and "create" not in situation.done and not situation.fresh("pwd", "login")


def no_session(situation: Situation) -> bool:
    """Nobody is signed in."""
    return situation.person is None


def login_requested(situation: Situation) -> bool:
    """prompt=login: the password has to be given again."""
    return "login" in situation.request.prompts and not situation.fresh("pwd", "login")


def sign_in_too_old(situation: Situation) -> bool:
    """max_age: the sign-in lies too far back, unless it was renewed for this request."""
    max_age, person = situation.request.max_age, situation.person
    if max_age is None or person is None or situation.fresh("pwd", "login"):
        return False
    return situation.now - person.auth_time > max_age


def other_person_hinted(situation: Situation) -> bool:
    """id_token_hint or claims names somebody else. Raises: OAuthError("login_required"): also after a fresh sign-in."""
    request, person = situation.request, situation.person
    if person is None:
        return False
    hinted = request.hinted_subject in (None, person.subject)
    if hinted and (not request.named_subjects or person.subject in request.named_subjects):
        return False
    if situation.fresh("pwd", "login"):
        raise OAuthError("login_required", "the person who signed in is not the one that was named")
    return True


def account_choice_requested(situation: Situation) -> bool:
    """prompt=select_account; signing in afresh is a choice too."""
    asked = "select_account" in situation.request.prompts
    return asked and "select" not in situation.done and not situation.fresh("pwd", "login")


def second_factor_wished(situation: Situation) -> bool:
    """acr_values puts a level first that is not reached: a wish, so prompt=none goes on without it."""
    request, person = situation.request, situation.person
    if not request.acr_values or person is None or "no_code" in situation.done or "none" in request.prompts:
        return False
    return level_of(person.acr) < level_of(request.acr_values[0])


def second_factor_essential(situation: Situation) -> bool:
    """An essential acr is not reached. Raises: OAuthError("unmet_authentication_requirements"): and cannot be."""
    asked, person = situation.request.claims.id_token.get("acr"), situation.person
    if asked is None or not asked.essential or not asked.values or person is None:
        return False
    if level_of(person.acr) >= min(filter(None, map(level_of, asked.values))):
        return False
    return _reachable(situation)


def second_factor_for_details(situation: Situation) -> bool:
    """
    Authorization details that need a second factor proven for this very request. Raises: as above.

    Stricter than fresh(): the page of this request must have taken the code. Of two requests that wait in two tabs, the
    code entered for one does not count for the other.
    """
    person, needed = situation.person, any(detail.needs_second_factor for detail in situation.request.details)
    proven_at = person.factors.get("otp", 0) if person else 0
    if not needed or ("code" in situation.done and proven_at >= situation.started_at):
        return False
    return _reachable(situation)


def consent_requested(situation: Situation) -> bool:
    """prompt=consent."""
    return "consent" in situation.request.prompts and "consent" not in situation.done


def consent_missing(situation: Situation) -> bool:
    """Something is asked for that was not allowed; our own services are exempt."""
    return not situation.request.client.trusted and not situation.consented and "consent" not in situation.done


def details_not_approved(situation: Situation) -> bool:
    """Authorization details are approved one by one, never remembered, and by nobody's exemption."""
    return bool(situation.request.details) and "consent" not in situation.done


def _reachable(situation: Situation) -> bool:
    if "no_code" in situation.done:
        raise OAuthError("unmet_authentication_requirements", "the person has no second factor")
    return True


class Policy(NamedTuple):
    """applies: also gives the reason its name; page: where the person goes; error: the answer to prompt=none."""

    applies: Callable[[Situation], bool]
    page: Page
    error: str


class Need(NamedTuple):
    """A page that has to be shown, and why."""

    page: Page
    reason: str


POLICIES = (
    Policy(new_account_wanted, "create", "interaction_required"),
    Policy(no_session, "login", "login_required"),
    Policy(login_requested, "login", "login_required"),
    Policy(sign_in_too_old, "login", "login_required"),
    Policy(other_person_hinted, "login", "login_required"),
    Policy(account_choice_requested, "select", "account_selection_required"),
    Policy(second_factor_wished, "code", "interaction_required"),
    Policy(second_factor_essential, "code", "interaction_required"),
    Policy(second_factor_for_details, "code", "interaction_required"),
    Policy(consent_requested, "consent", "consent_required"),
    Policy(consent_missing, "consent", "consent_required"),
    Policy(details_not_approved, "consent", "consent_required"),
)


def next_need(situation: Situation) -> Need | None:
    """
    The page that comes next; None: the request can be granted.

    Raises:  OAuthError: a page is needed but prompt=none forbids it, or no page could help.
    """
    for policy in POLICIES:
        if policy.applies(situation):
            reason = policy.applies.__name__
            if "none" in situation.request.prompts:
                raise OAuthError(policy.error, f"the person has to act: {reason}")
            return Need(policy.page, reason)
    return None
