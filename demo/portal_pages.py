"""The pages of the portal: personal details, a small procedure, submitted dossiers, sample documents to download."""

from __future__ import annotations

import secrets

import flask
from werkzeug.wrappers import Response

from base.clock import VIETNAM, as_utc
from base.ids import new_id
from base.texts import Text
from base.web.texts import t
from demo import records
from demo.documents.samples import SAMPLES
from demo.profile import profile_rows
from demo.relying_party import RelyingParty
from demo.sites import demo_folder

PROCEDURES: dict[str, Text] = {
    "cu-tru": Text("Xác nhận thông tin về cư trú", "Confirmation of residence"),
    "khai-sinh": Text("Cấp bản sao trích lục khai sinh", "Copy of a birth record"),
    "ho-kinh-doanh": Text("Đăng ký thành lập hộ kinh doanh", "Registration of a household business"),
}
RECEIVE: dict[str, Text] = {
    "truc-tuyen": Text("Bản điện tử có ký số", "Electronic, digitally signed"),
    "mot-cua": Text("Tại Bộ phận Một cửa", "At the one-stop office"),
}
MOST_NOTE = 500


def mount(app: flask.Flask, party: RelyingParty) -> None:
    """Add the pages."""
    services = party.services
    folder = demo_folder(services.base.data_dir) / "documents"

    @app.get("/ca-nhan")
    @party.guard
    def details(session: records.ServiceSession) -> str:
        return flask.render_template("demo/details.html", rows=profile_rows(party.attributes(session)))

    @app.get("/nop-ho-so")
    @party.guard
    def form(session: records.ServiceSession) -> str:
        return _form(party, session, {}, {})

    @app.post("/nop-ho-so")
    @party.guard
    def submit(session: records.ServiceSession) -> Response | str:
        given = {name: flask.request.form.get(name, "").strip() for name in ("procedure", "receive", "note")}
        errors = _errors(given)
        if errors:
            return _form(party, session, given, errors)
        now = services.clock.now()
        code = f"HS-{as_utc(now).astimezone(VIETNAM):%y%m%d}-{secrets.randbelow(1_000_000):06d}"
        with services.db.begin() as connection:
            records.add_record(connection, now, record_id=new_id("dos"), sub=session.sub, code=code, data=given)
        return flask.redirect(f"/ho-so?moi={code}", 303)

    @app.get("/ho-so")
    @party.guard
    def dossiers(session: records.ServiceSession) -> str:
        with services.db.read() as connection:
            rows = records.records_of(connection, session.sub)
        fresh = flask.request.args.get("moi", "")
        return flask.render_template(
            "demo/dossiers.html",
            rows=rows,
            fresh=fresh if any(row["code"] == fresh for row in rows) else "",
            procedures=PROCEDURES,
            receive=RECEIVE,
        )

    @app.get("/mau-van-ban")
    def samples() -> str:
        return flask.render_template("demo/samples.html", samples=SAMPLES)

    @app.get("/mau-van-ban/<name>")
    def sample(name: str) -> Response:
        if name not in {known.file_name for known in SAMPLES}:
            flask.abort(404)
        return flask.send_from_directory(folder.resolve(), name, as_attachment=True, mimetype="application/pdf")


def _errors(given: dict[str, str]) -> dict[str, str]:
    errors = {}
    if given["procedure"] not in PROCEDURES:
        errors["procedure"] = t("Hãy chọn một thủ tục.", "Choose a procedure.")
    if given["receive"] not in RECEIVE:
        errors["receive"] = t("Hãy chọn cách nhận kết quả.", "Choose how to receive the result.")
    if len(given["note"]) > MOST_NOTE:
        errors["note"] = t(f"Nhiều nhất {MOST_NOTE} ký tự.", f"At most {MOST_NOTE} characters.")
    return errors


def _form(party: RelyingParty, session: records.ServiceSession, given: dict[str, str], errors: dict[str, str]) -> str:
    return flask.render_template(
        "demo/submit.html",
        rows=profile_rows(party.attributes(session))[:5],
        given=given,
        errors=errors,
        procedures=PROCEDURES,
        receive=RECEIVE,
    )
