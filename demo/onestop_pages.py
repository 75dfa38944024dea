"""The pages of the one-stop office: book a visit with a number, and see one's visits with their state."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import flask
from werkzeug.wrappers import Response

from base.clock import VIETNAM, as_utc
from base.ids import new_id
from base.texts import Text
from base.web.texts import t
from demo import records
from demo.relying_party import RelyingParty

TASKS: dict[str, Text] = {
    "nop": Text("Nộp hồ sơ trực tiếp", "Submit a dossier in person"),
    "nhan": Text("Nhận kết quả", "Collect a result"),
    "tu-van": Text("Hỏi, được hướng dẫn thủ tục", "Get advice on a procedure"),
}
HALVES: dict[str, Text] = {
    "sang": Text("Buổi sáng (7:30–11:30)", "Morning (7:30–11:30)"),
    "chieu": Text("Buổi chiều (13:00–17:00)", "Afternoon (13:00–17:00)"),
}
DAYS_AHEAD = 5
_COUNTERS = {"nop": "A", "nhan": "B", "tu-van": "C"}


def open_days(now: datetime) -> list[str]:
    """The next DAYS_AHEAD working days after `now`, as dd/mm/yyyy."""
    days: list[str] = []
    day = now
    while len(days) < DAYS_AHEAD:
        day += timedelta(days=1)
        if day.weekday() < 5:
            days.append(f"{day:%d/%m/%Y}")
    return days


def mount(app: flask.Flask, party: RelyingParty) -> None:
    """Add the pages."""
    services = party.services

    def days() -> list[str]:
        return open_days(as_utc(services.clock.now()).astimezone(VIETNAM))

    @app.get("/dat-lich")
    @party.guard
    def form(session: records.ServiceSession) -> str:
        return _form(session, days(), {}, {})

    @app.post("/dat-lich")
    @party.guard
    def book(session: records.ServiceSession) -> Response | str:
        given = {name: flask.request.form.get(name, "").strip() for name in ("task", "day", "half")}
        errors = _errors(given, days())
        if errors:
            return _form(session, days(), given, errors)
        code = f"{_COUNTERS[given['task']]}{secrets.randbelow(1_000_000):06d}"
        with services.db.begin() as connection:
            records.add_record(
                connection, services.clock.now(), record_id=new_id("vis"), sub=session.sub, code=code, data=given
            )
        return flask.redirect(f"/lich-hen?moi={code}", 303)

    @app.get("/lich-hen")
    @party.guard
    def visits(session: records.ServiceSession) -> str:
        with services.db.read() as connection:
            rows = records.records_of(connection, session.sub)
        fresh = flask.request.args.get("moi", "")
        return flask.render_template(
            "demo/visits.html",
            name=session.claims.get("name", ""),
            rows=rows,
            fresh=fresh if any(row["code"] == fresh for row in rows) else "",
            tasks=TASKS,
            halves=HALVES,
        )


def _errors(given: dict[str, str], days: list[str]) -> dict[str, str]:
    errors = {}
    if given["task"] not in TASKS:
        errors["task"] = t("Hãy chọn việc cần làm.", "Choose what you come for.")
    if given["day"] not in days:
        errors["day"] = t("Hãy chọn một ngày trong danh sách.", "Choose one of the days listed.")
    if given["half"] not in HALVES:
        errors["half"] = t("Hãy chọn buổi.", "Choose morning or afternoon.")
    return errors


def _form(session: records.ServiceSession, days: list[str], given: dict[str, str], errors: dict[str, str]) -> str:
    return flask.render_template(
        "demo/book.html",
        name=session.claims.get("name", ""),
        days=days,
        given=given,
        errors=errors,
        tasks=TASKS,
        halves=HALVES,
    )
