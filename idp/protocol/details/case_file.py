"""
Access to a citizen's case file (hồ sơ thủ tục hành chính) at the agency that keeps it: which file, and to do what.

Source: RFC 9396 §2; the members `identifier` and `actions` are those of §2.2. Stricter: no member that we do not know,
since the person could not be shown what it means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from base.texts import Text
from idp.errors import OAuthError
from idp.protocol.details.base import Detail, Shown

TYPE = "ho_so"
ACTIONS: Mapping[str, Text] = {
    "read": Text("Xem hồ sơ và giấy tờ kèm theo", "See the file and its papers"),
    "supplement": Text("Nộp bổ sung giấy tờ", "Add papers to it"),
    "follow": Text("Theo dõi tiến độ giải quyết", "Follow its progress"),
}
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{0,59}")
_MEMBERS = {"type", "identifier", "actions"}


@dataclass(frozen=True, slots=True)
class CaseFileAccess:
    """identifier: number of the file, as on its receipt; actions: at least one of ACTIONS, in the client's order."""

    identifier: str
    actions: tuple[str, ...]
    type: str = TYPE
    needs_second_factor: bool = False
    is_spent_once: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"type": TYPE, "identifier": self.identifier, "actions": list(self.actions)}

    def covers(self, asked: Detail) -> bool:
        """The same file, and no more than these actions."""
        return (
            isinstance(asked, CaseFileAccess)
            and asked.identifier == self.identifier
            and set(asked.actions) <= set(self.actions)
        )

    def shown(self) -> Shown:
        rows = [(Text("Mã hồ sơ", "File number"), Text(self.identifier, self.identifier))]
        return Shown(
            Text("Truy cập hồ sơ của bạn", "Access to your file"),
            (*rows, *((Text("Được phép", "Allowed"), ACTIONS[action]) for action in self.actions)),
        )


class CaseFileDetails:
    """Reads details of the type above."""

    type = TYPE

    def read(self, unverified: Mapping[str, Any]) -> CaseFileAccess:
        """
        Validate every member.

        Raises:  OAuthError("invalid_authorization_details").
        """
        if set(unverified) != _MEMBERS:
            raise _refused("members must be type, identifier, actions")
        identifier, actions = unverified["identifier"], unverified["actions"]
        if not isinstance(identifier, str) or not _IDENTIFIER.fullmatch(identifier):
            raise _refused("identifier must be the number of a file")
        if not isinstance(actions, list) or not actions or not all(isinstance(one, str) for one in actions):
            raise _refused("actions must be a list of words")
        if len(set(actions)) != len(actions) or not set(actions) <= ACTIONS.keys():
            raise _refused(f"actions must be of {', '.join(ACTIONS)}, each once")
        return CaseFileAccess(identifier, tuple(actions))


def _refused(why: str) -> OAuthError:
    return OAuthError("invalid_authorization_details", why)
