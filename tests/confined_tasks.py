"""Tasks for a process under limits, most of them bad; named by the first part."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Generator

_left: list[bytearray] = []


def act(standing: bytes, parts: tuple[bytes, ...]) -> Generator[bytes, bytes, bytes]:
    """echo, ask, and what strangers' documents might make a parser do."""
    match parts[0]:
        case b"echo":
            return standing + b"|" + b"|".join(parts[1:])
        case b"pid":
            return str(os.getpid()).encode()
        case b"ask":
            first = yield b"one?"
            return first + (yield b"two?")
        case b"absent":
            return _named_and_not_loaded()
        case b"burn":
            while True:
                pass
        case b"wait":
            time.sleep(600)
        case b"swallow":
            return str(len(bytearray(300 * 1024 * 1024))).encode()
        case b"keep":
            _left.append(bytearray(b"x" * (20 * 1024 * 1024)))
            return str(os.getpid()).encode()
        case b"fall":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"recurse":
            return _deeper(b"")
        case b"environment":
            return repr(sorted(os.environ)).encode()
        case _:
            raise ValueError("a stranger's text")
    return b"never"


def _deeper(data: bytes) -> bytes:
    return _deeper(data + b"x") + b"x"


def _named_and_not_loaded() -> bytes:
    import aiohttp

    class Derived(aiohttp.ClientTimeout):
        """As libraries do where they are loaded."""

    try:
        Derived()
    except RuntimeError:
        return b"a class of it may be derived from; RuntimeError"
    return b"it was made"
