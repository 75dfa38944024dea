"""The picture of the official's handwritten signature: see it, change it, go back to the drawn one."""

from __future__ import annotations

import flask

from base.web.texts import t
from signing.errors import SigningError
from signing.flows import pictures
from signing.preview.handwriting import MOST_BYTES
from signing.services import SigningServices
from signing.store.desk_sessions import DeskSession
from signing.web.desk_visitor import Answer, officials_only


class PicturePages:
    """One picture for each official."""

    def __init__(self, services: SigningServices) -> None:
        self.services = services

    @officials_only
    def show(self, session: DeskSession) -> Answer:
        """The picture and the form that changes it."""
        return self._page(session)

    @officials_only
    def file(self, session: DeskSession) -> Answer:
        """The picture itself."""
        png = pictures.picture_of(self.services, session.owner, session.signer.full_name)
        return flask.Response(png, mimetype="image/png")

    @officials_only
    def change(self, session: DeskSession) -> Answer:
        """Keep an uploaded picture."""
        sent = flask.request.files.get("picture")
        content = sent.stream.read(MOST_BYTES + 1) if sent else b""
        try:
            pictures.change_picture(self.services, session, content)
        except SigningError as error:
            return self._page(session, error=t(error.vi, error.en), status=400)
        return flask.redirect("/desk/picture", 303)

    @officials_only
    def delete(self, session: DeskSession) -> Answer:
        """Back to the drawn picture."""
        pictures.drop_picture(self.services, session)
        return flask.redirect("/desk/picture", 303)

    def _page(self, session: DeskSession, *, error: str = "", status: int = 200) -> Answer:
        own = pictures.has_own_picture(self.services, session.owner)
        return flask.render_template("signing/desk_picture.html", session=session, own=own, error=error), status
