"""What signing hands to its flows: one frozen bundle per process, made once by `open_signing()`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from base.errors import SettingsError
from base.services import BaseServices
from keys.api import Keys
from signing.errors import SigningError
from signing.settings import SigningSettings
from signing.validation.algorithms import PolicyUnreadable, built_in_suite, read_suite
from signing.validation.policy_file import ValidationPolicy, built_in_policy, read_policy

T = TypeVar("T")


class Gate:
    """
    Bounded concurrency for heavy work, with the length of the queue visible.

    `places` may be inside at a time; others wait up to `wait_seconds` and are then turned away with `desk_busy`.
    """

    def __init__(self, places: int, wait_seconds: int) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many stand outside now."""
        return self._waiting

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Hold a place. Raises: SigningError("busy", status 503): none came free in time."""
        with self._lock:
            self._waiting += 1
        try:
            got = self._places.acquire(timeout=self._wait_seconds)
        finally:
            with self._lock:
                self._waiting -= 1
        if not got:
            raise SigningError(
                "busy",
                vi="Hệ thống đang xử lý nhiều văn bản. Vui lòng thử lại sau ít phút.",
                en="Many documents are being processed. Please try again in a few minutes.",
                status=503,
            )
        try:
            yield
        finally:
            self._places.release()


class Memory:
    """What others published (metadata, keys, revocation lists), each kept for a while. Thread-safe; one per process."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Any]] = {}

    def get(self, name: str, now: float) -> Any | None:
        """The value of `name`, unless its time is over."""
        until, value = self._kept.get(name, (0.0, None))
        return value if now < until else None

    def keep(self, name: str, value: Any, until: float) -> None:
        """Remember a value until the clock's monotonic `until`."""
        self._kept[name] = (until, value)


@dataclass(frozen=True, slots=True)
class SigningServices:
    """
    Base, keys, settings, gates, and what others published (the provider, foreign revocation lists), per process.

    policy: what verifications judge by.
    """

    base: BaseServices
    keys: Keys
    settings: SigningSettings
    signing_gate: Gate
    preview_gate: Gate
    verify_gate: Gate
    exchange_gate: Gate
    provider_memory: Memory
    list_memory: Memory
    policy: ValidationPolicy

    @property
    def api(self) -> str:
        """The name of the API for applications in their access tokens: `<issuer>/api/signatures`."""
        return f"{self.base.base.issuer}/api/signatures"

    @property
    def audience(self) -> str:
        """The name of the signing resource in activation tokens: `<issuer>/desk`."""
        return f"{self.base.base.issuer}/desk"


def open_signing(base: BaseServices, keys: Keys) -> SigningServices:
    """Bundle what this package needs. Raises: SettingsError: a policy or a suite that cannot be used."""
    settings = base.settings[SigningSettings]
    return SigningServices(
        base=base,
        keys=keys,
        settings=settings,
        signing_gate=Gate(settings.signing_concurrency, settings.signing_wait_seconds),
        preview_gate=Gate(settings.preview_concurrency, 30),
        verify_gate=Gate(settings.verify_concurrency, settings.verify_wait_seconds),
        # The provider may be this very process: if every thread waited for a token, none would be left to mint it.
        exchange_gate=Gate(max(1, base.base.threads // 2), 0),
        provider_memory=Memory(),
        list_memory=Memory(),
        policy=open_policy(settings.validation_policy_file, settings.algorithm_suite_file),
    )


def open_policy(policy_file: str, suite_file: str) -> ValidationPolicy:
    """
    The policy of verifications: ours, with the levels and the suite of an operator's files where there are any.

    Raises: SettingsError: a file cannot be read or used; nothing starts with a policy that was misunderstood.
    """
    suite = _read("ANTIN_ALGORITHM_SUITE_FILE", suite_file, read_suite) if suite_file else built_in_suite()
    if policy_file:
        return _read("ANTIN_VALIDATION_POLICY_FILE", policy_file, lambda data: read_policy(data, suite))
    return replace(built_in_policy(), suite=suite) if suite_file else built_in_policy()


def _read(setting: str, path: str, read: Callable[[bytes], T]) -> T:
    try:
        return read(Path(path).read_bytes())
    except (OSError, PolicyUnreadable) as error:
        raise SettingsError(f"{setting}: {path} cannot be used: {error}") from error
