"""
Signing in: the password, then the second factor when the account has one, then a session.

Each of the two steps has the same beats:

1. Gather what the database knows about the account, in one query.
2. Charge the attempt to its throttle buckets and commit, before anything is compared (idp/store/throttle.py).
3. Judge: the factor compares. An account that does not exist takes the same road and the same time.
4. Act, in one transaction: spend the code, give the charge back, begin or renew the session, record it.

Between the two steps nothing is stored: what was proven travels in a sealed, browser-bound cookie for ten minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from base import audit
from base.errors import AntinError
from base.metrics import SIGN_INS
from idp.accounts.factors import Proof, Stored
from idp.accounts.passwords import HashingBusy
from idp.accounts.usernames import BadUsername, canonical_username
from idp.events import SignInFailed, SignInSucceeded
from idp.flows.end_session import end_within
from idp.flows.pending import Pending, read_pending, write_pending
from idp.flows.visitor import Visitor, buckets_for, device_handle
from idp.services import IdpServices
from idp.store import sessions, signing_in, throttle, users
from idp.store.sealed import totp_context
from idp.store.signing_in import Opening
from idp.store.throttle import Bucket
from idp.store.users import SignInFacts


class SignInRefused(AntinError):
    """The name and password, or the code, were not right; which of them is not said."""


class SignInThrottled(AntinError):
    """Too many wrong attempts; `seconds` until the next one is looked at."""

    def __init__(self, seconds: int) -> None:
        minutes = -(-seconds // 60)
        super().__init__(
            "throttled",
            vi=f"Đã có quá nhiều lần thử không đúng. Xin đợi {minutes} phút rồi thử lại. Tài khoản không bị khóa.",
            en=f"There were too many wrong attempts. Please wait {minutes} min. The account is not locked.",
            status=429,
        )
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session was begun or renewed; cookie is its new secret."""

    session_id: str
    user_id: str
    cookie: str


@dataclass(frozen=True, slots=True)
class NeedsCode:
    """The password was right and the account has a second factor; pending goes into a short-lived cookie."""

    pending: str


@dataclass(frozen=True, slots=True)
class Proven:
    """
    Whatever the account asks for was right; all that is written of it is the charge.

    device: handle of the browser for this account. factors: method → when it was proven (epoch seconds).
    buckets: what the attempt was charged to. proof: the last factor's, with what it has to spend or to replace.
    """

    visitor: Visitor
    device: str
    facts: SignInFacts
    factors: Mapping[str, int]
    buckets: Sequence[Bucket]
    proof: Proof

    @property
    def only_begins(self) -> bool:
        """Whether all there is to do is to begin a session: nothing to spend, to replace, to renew or to end."""
        return self.proof.spend is None and self.proof.replacement is None and not self.visitor.cookie

    def opening(self, services: IdpServices) -> tuple[Opening, SignedIn]:
        """What begins its session, to be written, and what the browser is told then."""
        clock, user_id, place = services.base.clock, self.facts.user_id, self.visitor.place
        row, cookie = sessions.new_session(clock, services.settings, user_id=user_id, factors=self.factors, place=place)
        event = SignInSucceeded(user_id, row["id"], sorted(self.factors), "sign_in")
        return Opening(row, self.device, self.buckets, event), SignedIn(row["id"], user_id, cookie)


class NothingPending(AntinError):
    """A code was sent without a password before it and without a living session."""

    def __init__(self) -> None:
        super().__init__(
            "nothing_pending",
            vi="Đã quá thời gian nhập mã. Hãy nhập lại tên đăng nhập và mật khẩu.",
            en="The time for the code is over. Enter your sign-in name and password again.",
        )


def prove_password(
    services: IdpServices, visitor: Visitor, unverified_name: str, password: str
) -> SignedIn | NeedsCode:
    """The password, and with it the session. Raises: as check_password()."""
    proven = check_password(services, visitor, unverified_name, password)
    return proven if isinstance(proven, NeedsCode) else sign_in(services, proven)


def check_password(
    services: IdpServices, visitor: Visitor, unverified_name: str, password: str, client_id: str = ""
) -> Proven | NeedsCode:
    """
    The password alone. client_id: whose consent is read with the account, "" for nobody's.

    Raises:  SignInRefused, SignInThrottled, HashingBusy (come back later; not counted as an attempt).
    """
    name = _account_name(unverified_name)
    device = device_handle(services, name, visitor.browser)
    with services.base.db.read() as connection:
        facts = users.by_username(connection, name, device, client_id)
    known = facts is not None and facts.device_known
    buckets = buckets_for(services, "pwd", name, visitor, device_known=known)
    _charge(services, buckets)
    try:
        stored = Stored(facts.password_hash if facts else None)
        proof = services.accounts.factors["pwd"].prove(stored, password, services.base.clock.now())
    except HashingBusy:
        with services.base.db.begin() as connection:
            throttle.give_back(connection, buckets)
        raise
    if proof is None or facts is None:
        reason = "wrong_password" if facts else "unknown_account"
        raise _refused(services, facts.user_id if facts else "", "pwd", reason)
    if not facts.active:
        raise _refused(services, facts.user_id, "pwd", "disabled")
    if facts.sealed_totp is not None:
        with services.base.db.begin() as connection:
            throttle.succeed(connection, buckets)
            _strengthen(connection, services, facts, proof)
        return NeedsCode(write_pending(services, visitor.browser, facts, services.base.clock.now()))
    return Proven(visitor, device, facts, {"pwd": services.base.clock.now()}, buckets, proof)


def prove_code(services: IdpServices, visitor: Visitor, code: str, pending_cookie: str | None) -> SignedIn:
    """
    The second factor, after a password or to step a living session up.

    Raises: NothingPending, SignInRefused, SignInThrottled.
    """
    with services.base.db.read() as connection:
        pending = read_pending(services, visitor.browser, pending_cookie)
        current = sessions.live_session(connection, services.base.clock, services.settings, visitor.cookie)
        user_id = pending.user_id if pending else current.user_id if current else None
        facts = _facts_by_id(connection, services, visitor, user_id)
    if facts is None or not _still_holds(pending, facts):
        raise NothingPending
    if facts.sealed_totp is None:
        raise _refused(services, facts.user_id, "otp", "no_second_factor")
    buckets = buckets_for(services, "otp", facts.username, visitor, device_known=facts.device_known)
    _charge(services, buckets)
    now = services.base.clock.now()
    secret = services.keys.unseal(facts.sealed_totp, totp_context(facts.user_id)).decode()
    proof = services.accounts.factors["otp"].prove(Stored(secret, facts.totp_spent), code, now)
    if proof is None:
        raise _refused(services, facts.user_id, "otp", "wrong_code")
    proven = {"otp": now, **({"pwd": pending.password_at} if pending else {})}
    device = device_handle(services, facts.username, visitor.browser)
    return sign_in(services, Proven(visitor, device, facts, proven, buckets, proof))


def sign_in(services: IdpServices, proven: Proven) -> SignedIn:
    """
    Begin or renew the session, in one transaction.

    1. Spend the code. Whoever comes second with the same code is refused here, whatever was seen before.
    2. Store a stronger hash.
    3. Renew the living session of the same person, or end somebody else's.
    4. Begin a new one, unless one was renewed; give the charge back, remember the browser; record it, last.

    A first sign-in, for which nothing of 1 to 3 is to do, is on PostgreSQL one statement and its own transaction.
    Sessions are taken before buckets, in all cases: nobody waits in a circle.
    """
    database, facts, proof = services.base.db, proven.facts, proven.proof
    with database.once() if proven.only_begins and not database.is_sqlite else database.begin() as connection:
        spent = proof.spend is None or users.spend_timecode(connection, facts.user_id, proof.spend)
        if spent:
            _strengthen(connection, services, facts, proof)
            signed_in = _establish(connection, services, proven)
    if not spent:
        raise _refused(services, facts.user_id, proof.method, "wrong_code")
    SIGN_INS.labels("succeeded").inc()
    return signed_in


def _establish(connection: Connection, services: IdpServices, proven: Proven) -> SignedIn:
    clock, settings, facts, factors = services.base.clock, services.settings, proven.facts, proven.factors
    current = sessions.live_session(connection, clock, settings, proven.visitor.cookie)
    ended = None
    if current is not None and current.user_id == facts.user_id:
        cookie = sessions.add_factors(connection, clock, settings, current.id, factors)
        if cookie is not None:
            throttle.succeed(connection, proven.buckets)
            users.remember_device(connection, facts.user_id, proven.device, clock.now())
            occasion = "again" if "pwd" in factors else "step_up"
            audit.append(connection, clock, SignInSucceeded(facts.user_id, current.id, sorted(factors), occasion))
            return SignedIn(current.id, facts.user_id, cookie)
    elif current is not None:
        ended = end_within(connection, services, current.id, "replaced")
    if "pwd" not in factors:
        raise NothingPending  # the session that was to be stepped up ended in this very moment
    opening, signed_in = proven.opening(services)
    signing_in.begin(connection, clock, opening, ended)
    return signed_in


def _strengthen(connection: Connection, services: IdpServices, facts: SignInFacts, proof: Proof) -> None:
    if proof.replacement is not None:
        now = services.base.clock.now()
        users.replace_password_hash(connection, facts.user_id, facts.password_hash, proof.replacement, now)


def _charge(services: IdpServices, buckets: Sequence[Bucket]) -> None:
    now = services.base.clock.now()
    with services.base.db.once() as connection:
        if throttle.charge_at_once(connection, buckets, now):
            return
    with services.base.db.begin() as connection:
        blocked_until = throttle.charge(connection, buckets, now)
    if blocked_until:
        SIGN_INS.labels("throttled").inc()
        raise SignInThrottled(blocked_until - now)


def _account_name(unverified: str) -> str:
    """The canonical name; one that cannot exist stands for itself, so that it is counted and refused like any other."""
    try:
        return canonical_username(unverified)
    except BadUsername:
        return "?" + unverified.strip().casefold()[:110].replace("\0", "")


def _facts_by_id(
    connection: Connection, services: IdpServices, visitor: Visitor, user_id: str | None
) -> SignInFacts | None:
    if user_id is None:
        return None
    found = users.by_id(connection, user_id, "")
    if found is None:
        return None
    return users.by_id(connection, user_id, device_handle(services, found.username, visitor.browser))


def _still_holds(pending: Pending | None, facts: SignInFacts) -> bool:
    return facts.active and (pending is None or pending.belongs_to(facts))


def _refused(services: IdpServices, user_id: str, method: str, reason: str) -> SignInRefused:
    """Record the failure and say it; the words are the same for a wrong name and a wrong password."""
    with services.base.db.begin() as connection:
        audit.append(connection, services.base.clock, SignInFailed(user_id, method, reason))
    SIGN_INS.labels("failed").inc()
    return SignInRefused(reason, vi=_WORDS[reason][0], en=_WORDS[reason][1])


_WRONG_NAME_OR_PASSWORD = (
    "Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra bộ gõ tiếng Việt và phím Caps Lock rồi nhập lại.",
    "The sign-in name or the password is not right. Check the Vietnamese keyboard and Caps Lock, then try again.",
)
_WORDS = {
    "unknown_account": _WRONG_NAME_OR_PASSWORD,
    "wrong_password": _WRONG_NAME_OR_PASSWORD,
    "disabled": (
        "Tài khoản này đang ngừng hoạt động. Hãy liên hệ cơ quan đã cấp tài khoản.",
        "This account is not active. Please contact the agency that issued it.",
    ),
    "wrong_code": (
        "Mã không đúng hoặc đã được dùng. Mỗi mã chỉ dùng một lần: hãy chờ ứng dụng hiện mã kế tiếp rồi nhập lại.",
        "The code is not right or was used already. Each code works once: wait for the next one and enter it.",
    ),
    "no_second_factor": (
        "Tài khoản này chưa có lớp xác thực thứ hai.",
        "This account has no second factor yet.",
    ),
}
