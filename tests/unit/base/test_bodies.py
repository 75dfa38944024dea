"""A view may take less, or more, than the server-wide limit."""

from __future__ import annotations

import flask

from base.web.bodies import allow_body
from base.web.csrf import csrf_exempt


def test_one_view_has_a_limit_of_its_own(app: flask.Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000

    @app.post("/larger")
    @csrf_exempt
    def larger() -> str:
        allow_body(5000)
        return str(len(flask.request.form["a"]))

    client = app.test_client()
    assert client.post("/larger", data={"a": "x" * 4000}).text == "4000"
    assert client.post("/larger", data={"a": "x" * 6000}).status_code == 413
