"""No time stamp by a clock that may be wrong: alarm at once, recovery by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

import keys.models  # noqa: F401  # the tables must be known before make_base() creates them
from base import audit
from base.clock import FixedClock
from base.errors import SettingsError
from base.services import BaseServices
from base.sntp import ClockOffset, ReferenceUnavailable
from keys.api import Keys
from keys.errors import KeysUnavailable
from keys.flows.watch_clock import LOOK_EVERY_SECONDS, ClockWatch, servers_in
from keys.settings import KeysSettings
from keys.tsa.clock import Measured, trouble
from keys.tsa.foreign import write_request
from keys.tsa.request import ImprintOrder
from keys.tsa.response import TimeStampResponse
from tests.ready_keys import open_ready_keys

DIGEST = b"d" * 32


class Reference:
    """A time server whose distance from us a test sets."""

    def __init__(self) -> None:
        self.offset, self.answers, self.asked = 0.0, True, 0

    def ask(self, host: str, port: int) -> ClockOffset:
        self.asked += 1
        if not self.answers:
            raise ReferenceUnavailable(f"{host}:{port}")
        return ClockOffset(self.offset, 0.01)


@pytest.fixture
def reference() -> Reference:
    return Reference()


@pytest.fixture
def services(make_base: Callable[..., BaseServices]) -> BaseServices:
    return make_base(KeysSettings(rsa_key_bits=2048, time_reference="ntp://time.example"))


@pytest.fixture
def watched(services: BaseServices, reference: Reference) -> Keys:
    held = open_ready_keys(services)
    held._watch = ClockWatch(services, reference.ask)
    return held


def failure(held: Keys) -> set[str] | None:
    request = write_request(ImprintOrder("sha256", DIGEST, 5, with_certificates=True))
    status = TimeStampResponse.load(held.timestamp_response(request))["status"]
    found: set[str] | None = status["fail_info"].native
    return found


def told(services: BaseServices) -> list[str]:
    with services.db.read() as connection:
        rows = connection.execute(select(audit.audit_events.c.kind).order_by(audit.audit_events.c.position)).scalars()
        return [kind for kind in rows if kind.startswith("keys.clock.")]


@pytest.mark.parametrize("offset", [1.5, -1.5, 3600.0])
def test_clock_off_by_more_than_the_accuracy(
    watched: Keys, services: BaseServices, reference: Reference, clock: FixedClock, offset: float
) -> None:
    assert failure(watched) is None
    reference.offset = offset
    clock.move(int(LOOK_EVERY_SECONDS))
    assert failure(watched) == {"time_not_available"}
    with pytest.raises(KeysUnavailable) as refused:
        watched.timestamp(DIGEST)
    assert refused.value.status == 503
    assert told(services) == ["keys.clock.wrong"]
    reference.offset = 0.2
    clock.move(int(LOOK_EVERY_SECONDS))
    assert failure(watched) is None
    assert told(services) == ["keys.clock.wrong", "keys.clock.good"]
    audit.verify(services.db)


def test_silent_reference_is_no_reason_at_once_but_later(
    watched: Keys, reference: Reference, clock: FixedClock
) -> None:
    assert failure(watched) is None
    reference.answers = False
    clock.move(600)
    assert failure(watched) is None  # 600 s · 500 ppm = 0.3 s
    clock.move(2000)
    assert failure(watched) == {"time_not_available"}


def test_reference_that_never_answered(watched: Keys, services: BaseServices, reference: Reference) -> None:
    reference.answers = False
    assert failure(watched) == {"time_not_available"}
    assert told(services) == ["keys.clock.wrong"]


def test_reference_is_not_asked_for_every_stamp(watched: Keys, reference: Reference) -> None:
    for _ in range(5):
        assert failure(watched) is None
    assert reference.asked == 1


def test_clock_that_is_set_between_two_looks() -> None:
    """The monotonic clock went on by 2 s, the other by 3600: nobody has to be asked to see that."""
    measured = Measured(ahead=1_764_000_000.0, error=0.01, monotonic=100.0)
    assert trouble(measured, wall=1_764_000_102.0, monotonic=102.0) == ""
    assert trouble(measured, wall=1_764_003_702.0, monotonic=102.0) == "off"
    assert trouble(measured, wall=1_764_000_103.5, monotonic=102.0) == "off"


def test_what_is_not_certain_does_not_count() -> None:
    assert trouble(None, wall=0.0, monotonic=0.0) == "unsynchronised"
    assert trouble(Measured(0.0, 1.01, 0.0), wall=0.0, monotonic=0.0) == "unsynchronised"
    assert trouble(Measured(0.0, 0.3, 0.0), wall=0.8, monotonic=0.0) == "unsynchronised"


def test_one_lying_server_is_outvoted(services: BaseServices, clock: FixedClock) -> None:
    named = {"one": 0.1, "liar": -500.0, "two": 0.0}
    watch = ClockWatch(services, lambda host, _port: ClockOffset(named[host], 0.01))
    watch.servers = tuple((host, 123) for host in named)
    assert watch.trouble() == ""


@pytest.mark.parametrize("setting", ["", "time.example", "http://time.example", "ntp://", "ntp://x:99999", "ntp://x/y"])
def test_settings_that_name_no_reference(setting: str) -> None:
    with pytest.raises(SettingsError, match="ANTIN_TIME_REFERENCE"):
        servers_in(setting)


def test_servers_of_the_setting() -> None:
    assert servers_in("none") == ()
    assert servers_in("ntp://127.0.0.1 ntp://[::1]:1123") == (("127.0.0.1", 123), ("::1", 1123))
