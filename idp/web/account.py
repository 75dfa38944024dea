"""The account page: who I am here, where I am signed in, which services know what, and ending any of it."""

from __future__ import annotations

import flask
from werkzeug.wrappers import Response

from base.texts import Text
from idp.flows.account import account_of, revoke_service
from idp.flows.deferred_requests import waiting_requests
from idp.flows.end_session import end_all, end_own, end_session
from idp.flows.logout_delivery import tell_now
from idp.services import IdpServices
from idp.web.attributes import profile_rows
from idp.web.logout import farewell
from idp.web.visits import session_here, to_login, without_session_cookie

NOTICES = {
    "session": Text("Phiên đăng nhập đã kết thúc.", "The session has ended."),
    "gone": Text("Phiên hoặc dịch vụ này đã được kết thúc từ trước.", "That session or service had ended before."),
    "password": Text(
        "Đã đổi mật khẩu. Mọi nơi khác đã bị đăng xuất.",
        "The password was changed. Everywhere else you were signed out.",
    ),
    "second-factor": Text(
        "Đã thiết lập mã xác thực. Mọi nơi khác đã bị đăng xuất.",
        "Authentication codes are set up. Everywhere else you were signed out.",
    ),
    "service": Text(
        "Đã thu hồi quyền của dịch vụ. Lần đăng nhập sau, dịch vụ phải hỏi lại bạn.",
        "The service's permission was taken back. It has to ask again next time.",
    ),
}


def mount(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """GET /account and its buttons."""

    @blueprint.get("/account")
    def account() -> Response | str:
        session = session_here(services)
        if session is None:
            return to_login("/account")
        view = account_of(services, session.user_id, session.id)
        notice = NOTICES.get(flask.request.args.get("done", ""))
        return flask.render_template(
            "idp/account.html",
            view=view,
            session=session,
            notice_text=notice,
            profile_rows=profile_rows(view.profile),
            waiting=waiting_requests(services, session.user_id),
        )

    @blueprint.post("/account/sessions/end")
    def end_one() -> Response:
        session = session_here(services)
        if session is None:
            return to_login("/account")
        chosen = flask.request.form.get("session", "")
        ended = end_own(services, session.user_id, chosen, "person")
        if chosen == session.id:
            return _signed_out(services, [chosen])
        if ended:
            tell_now(services, [chosen])
        return flask.redirect(f"/account?done={'session' if ended else 'gone'}#sessions", 303)

    @blueprint.post("/account/sessions/end-all")
    def end_every() -> Response:
        session = session_here(services)
        if session is None:
            return to_login("/account")
        view = account_of(services, session.user_id, session.id)
        end_all(services, session.user_id, "all")
        ended = [item.row.id for item in view.sessions if item.state != "ended"]
        return _signed_out(services, ended)

    @blueprint.post("/account/sign-out")
    def sign_out() -> Response:
        session = session_here(services)
        if session is not None:
            end_session(services, session.id, "logout")
        return _signed_out(services, [session.id] if session else [])

    @blueprint.post("/account/services/revoke")
    def revoke() -> Response:
        session = session_here(services)
        if session is None:
            return to_login("/account")
        taken = revoke_service(services, session.user_id, flask.request.form.get("client_id", ""))
        return flask.redirect(f"/account?done={'service' if taken else 'gone'}#services", 303)


def _signed_out(services: IdpServices, session_ids: list[str]) -> Response:
    return without_session_cookie(services, farewell(services, session_ids))
