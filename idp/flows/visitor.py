"""Who is in front of the screen, as far as a request tells: the browser, where it is, and the session it brought."""

from __future__ import annotations

from dataclasses import dataclass

from base.ids import letters_of
from idp.accounts.devices import describe_device, network_of
from idp.services import IdpServices
from idp.store.sessions import Place
from idp.store.throttle import Bucket

UNDER_TEST = 100_000
"""Registrations and fetches per network and window where the official test plans run."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """
    browser: handle of the browser (hash of its cookie). address: the peer's IP address. user_agent: its header.
    cookie:  value of the session cookie, not yet checked.
    """

    browser: str
    address: str
    user_agent: str
    cookie: str | None

    @property
    def place(self) -> Place:
        """What the account page will show of it."""
        return Place(network=self.address[:64], device=describe_device(self.user_agent))


def device_handle(services: IdpServices, account: str, browser: str) -> str:
    """The handle of a browser in the list of an account's known devices; unlinkable between accounts."""
    return _text(services.keys.mac("idp.device", account, browser))


def buckets_for(
    services: IdpServices, method: str, account: str, visitor: Visitor, *, device_known: bool
) -> list[Bucket]:
    """
    The counters one attempt is charged to, most specific first.

    A browser the person has signed in from has a budget of its own, which no stranger can use up (and which does not
    grow by changing networks). Everybody else shares, per account, the budget of their network and that of all
    strangers; and per network, one over all accounts. Passwords and codes are counted apart.
    """
    settings, window = services.settings, services.settings.throttle_window_seconds

    def key(*parts: str) -> str:
        return _text(services.keys.mac("idp.throttle", method, *parts))

    most = settings.throttle_failures if method == "pwd" else settings.throttle_code_failures
    if device_known:
        return [Bucket(key("device", account, visitor.browser), most, window, personal=True)]
    network = network_of(visitor.address)
    return [
        Bucket(key("stranger", account, network), most, window, personal=True),
        Bucket(key("account", account), settings.throttle_account_failures, window),
        Bucket(key("network", network), settings.throttle_network_failures, window),
    ]


def registration_bucket(services: IdpServices, address: str) -> Bucket:
    """
    The counter that one attempt to register a client from that network is charged to; a test plan registers by the
    hundred.
    """
    settings = services.settings
    key = _text(services.keys.mac("idp.throttle", "register", network_of(address)))
    most = UNDER_TEST if _is_under_test(services) else settings.registrations_per_network
    return Bucket(key, most, settings.throttle_window_seconds)


def fetch_buckets(services: IdpServices, address: str) -> list[Bucket]:
    """The counters of an outgoing request that somebody in that network sets off: the network's, and everybody's."""
    settings = services.settings

    def key(*parts: str) -> str:
        return _text(services.keys.mac("idp.throttle", "fetch", *parts))

    most = UNDER_TEST if _is_under_test(services) else settings.fetches_per_network
    return [
        Bucket(key("network", network_of(address)), most, settings.throttle_window_seconds),
        Bucket(key("everybody"), settings.fetches_per_minute, 60),
    ]


def _is_under_test(services: IdpServices) -> bool:
    settings = services.settings
    return settings.registration == "open" and settings.registration_policy == "certification"


def _text(mac: bytes) -> str:
    return letters_of(mac)
