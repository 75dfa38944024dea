"""The root of every error we raise on purpose. Each speaks to three audiences."""

from __future__ import annotations


class AntinError(Exception):
    """
    An expected failure.

    code:     a stable machine word (`invalid_grant`, `pdf_encrypted`, …).
    vi, en:   one sentence for the person in front of the screen: cause and what to do.
    hint:     for the developer of a client.
    debug:    for the operator; goes to the log, never to an answer.
    status:   the HTTP status an edge answers with.
    retry_seconds: of some kinds, when to try again (Retry-After); 0: nobody can say.
    """

    retry_seconds: int = 0

    def __init__(
        self, code: str, *, vi: str = "", en: str = "", hint: str = "", debug: str = "", status: int = 400
    ) -> None:
        super().__init__(f"{code}: {en or hint}")
        self.code = code
        self.vi = vi
        self.en = en
        self.hint = hint
        self.debug = debug
        self.status = status


class SettingsError(AntinError):
    """A setting is unknown, unreadable or out of range; the program does not start."""

    def __init__(self, en: str) -> None:
        super().__init__("settings", en=en, status=500)


class StartError(AntinError):
    """The program cannot start here; `vi` and `en` are the one clear sentence that is printed."""

    def __init__(self, en: str, *, vi: str = "") -> None:
        super().__init__("start", vi=vi, en=en, status=500)
