"""Who is at the desk: the session behind the cookie, as an argument of the view."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

import flask

from base.web.cookies import read_cookie
from signing.flows.desk_session import current_session
from signing.services import SigningServices
from signing.store.desk_sessions import DeskSession

COOKIE = "antin_desk"
Answer = Any  # what Flask takes from a view


class _Pages(Protocol):
    @property
    def services(self) -> SigningServices: ...


P = TypeVar("P", bound=_Pages)


def visitor(services: SigningServices) -> DeskSession | None:
    """The session of the request at hand."""
    return current_session(services, read_cookie(flask.request, COOKIE))


def officials_only(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Hand the session to a view of a pages class; without one, lead to the desk's front page."""

    @wraps(view)
    def guarded(pages: _Pages, **values: Any) -> Answer:
        session = visitor(pages.services)
        if session is None:
            return flask.redirect("/desk", 303)
        return view(pages, session, **values)

    return guarded
