"""
Resolving a name within a time. The system's resolver takes no deadline and cannot be interrupted, so it works in a
thread of its own that is left behind when the time is over; how many may be left behind at once is bounded.
"""

from __future__ import annotations

import socket
import threading

MOST_AT_ONCE = 16
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


class NameUnresolved(Exception):
    """There is no such name, the answer did not come in time, or too many resolutions hang already."""


def addresses_of(host: str, port: int, seconds: float) -> set[str]:
    """
    Every address of a name, or the address itself where `host` is one in any spelling (`2130706433`, `0x7f.1`).

    Raises:  NameUnresolved.
    """
    try:
        return _look(host, port, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    except (OSError, UnicodeError) as error:
        raise NameUnresolved(host) from error
    if not _places.acquire(blocking=False):
        raise NameUnresolved("too many names are being resolved")
    found: list[set[str]] = []

    def resolve() -> None:
        try:
            found.append(_look(host, port, 0))
        except (OSError, UnicodeError):
            pass
        finally:
            _places.release()

    worker = threading.Thread(target=resolve, daemon=True)
    worker.start()
    worker.join(seconds)
    if not found:
        raise NameUnresolved(host)
    return found[0]


def _look(host: str, port: int, flags: int) -> set[str]:
    return {str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)}
