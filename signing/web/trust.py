"""
`/trust`: whom this service trusts, in which domain and by whose word, and how the trust lists stand that it follows.

Everybody may read it, as everybody relies on it. Nothing can be changed here: that takes operators, two where there are
several (`antin trust`).
"""

from __future__ import annotations

from typing import Any

import flask

from base.clock import shown
from base.texts import Text
from base.web.texts import t
from keys.api import Keys
from keys.handles import FollowedList, ListedService
from signing.services import SigningServices
from signing.validation.domains import DOMAINS, name_of

Facts = list[tuple[str, str]]
KINDS = {
    "CA/PKC": Text("Cấp chứng thư chữ ký số", "Issues certificates"),
    "CA/QC": Text("Cấp chứng thư chữ ký số", "Issues certificates"),
    "NationalRootCA-QC": Text("CA gốc quốc gia", "National root CA"),
    "TSA": Text("Cấp dấu thời gian", "Issues time stamps"),
    "TSA/QTST": Text("Cấp dấu thời gian", "Issues time stamps"),
    "Certstatus/OCSP": Text("Trả lời trạng thái chứng thư", "Answers about certificates"),
}
"""Others are told by the standard's own word. Source: ETSI TS 119 612 §5.5.1."""
STATUSES = {
    "granted": Text("Được công nhận", "Granted"),
    "withdrawn": Text("Đã rút công nhận", "Withdrawn"),
    "recognisedatnationallevel": Text("Được công nhận", "Recognised at national level"),
    "deprecatedatnationallevel": Text("Đã rút công nhận", "Deprecated at national level"),
}
"""Source: ETSI TS 119 612 §5.5.4."""


def mount(app: flask.Flask, services: SigningServices) -> None:
    """Add the pages."""
    keys = services.keys

    def everything() -> str:
        """Every domain and every list."""
        lists = keys.followed.lists()
        return flask.render_template(
            "signing/trust.html",
            late=[one.name for one in lists if one.is_late],
            lists=[(one.name, _stands(one)) for one in lists],
            domains=_domains(keys),
        )

    def one_list(name: str) -> Any:
        """What stands on one list, and what stood there before."""
        found = keys.followed.services(name)
        if found is None:
            flask.abort(404)
        held, listed = found
        return flask.render_template(
            "signing/trust_list.html", held=held, stands=_stands(held), services=[_told(one) for one in listed]
        )

    app.add_url_rule("/trust", "signing.trust", everything, methods=["GET"])
    app.add_url_rule("/trust/<name>", "signing.trust_list", one_list, methods=["GET"])


def _domains(keys: Keys) -> list[tuple[str, list[Facts], int]]:
    """Of each domain its name, the anchors that people chose, and how many more come from lists."""
    anchors = keys.anchors()
    found = []
    for domain, name in DOMAINS.items():
        chosen = [one for one in anchors if one.domain == domain and not one.trust_list]
        listed = sum(1 for one in anchors if one.domain == domain and one.trust_list)
        rows = [
            [
                (t("Tên", "Name"), one.subject),
                (t("Hết hạn", "Ends"), shown(one.not_after)),
                (t("SHA-256 của chứng thư", "SHA-256 of the certificate"), one.sha256),
            ]
            for one in chosen
        ]
        found.append((name.here(), rows, listed))
    return found


def _stands(one: FollowedList) -> Facts:
    """The state of a list; the alarm only where there is one."""
    late = t("Quá hạn: bản tiếp theo chưa đến", "Late: the next one has not come")
    return [
        (t("Tình trạng", "State"), late if one.is_late else t("Còn hạn", "In time")),
        (t("Miền tin cậy", "Trust domain"), name_of(one.domain).here()),
        (t("Số", "Number"), str(one.sequence)),
        (t("Phát hành", "Issued"), shown(one.issued_at)),
        (t("Bản tiếp theo chậm nhất", "Next one at the latest"), shown(one.next_update)),
        (t("Nhận về", "Taken"), shown(one.taken_at)),
        (t("Báo động từ", "Alarm since"), shown(one.alarmed_at) if one.alarmed_at else ""),
    ]


def _told(service: ListedService) -> tuple[str, Facts]:
    """A service: its name, then what it is, who offers it, how it stands, and how it stood before."""
    kind = KINDS.get(service.kind)
    rows = [
        (t("Dịch vụ", "Service"), kind.here() if kind else service.kind),
        (t("Tổ chức", "Provider"), service.provider.here()),
    ]
    for number, (status, since) in enumerate(service.spells):
        said = STATUSES.get(status)
        label = t("Trước đó", "Before") if number else t("Hiện nay", "Now")
        rows.append((label, f"{said.here() if said else status}, {t('từ', 'since')} {shown(since)}"))
    return service.name.here(), rows
