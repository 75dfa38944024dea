"""
Payment of one fee (lệ phí): which one, to whom, how much. A second factor is proven for this very payment.

Source: RFC 9396 §2, appendix A.1 (`instructedAmount`, amount and currency as strings). Stricter: Vietnamese đồng only,
no member that we do not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from base.texts import Text
from idp.errors import OAuthError
from idp.protocol.details.base import Detail, Shown

TYPE = "le_phi"
MOST_DONG = 1_000_000_000
MOST_CHARACTERS = 200
_AMOUNT = re.compile(r"[1-9][0-9]{0,9}")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{0,59}")
_MEMBERS = {"type", "identifier", "payee", "purpose", "instructedAmount"}


@dataclass(frozen=True, slots=True)
class FeePayment:
    """identifier: number of the payment notice; payee, purpose: as on it; dong: the amount."""

    identifier: str
    payee: str
    purpose: str
    dong: int
    type: str = TYPE
    needs_second_factor: bool = True
    is_spent_once: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "type": TYPE,
            "identifier": self.identifier,
            "payee": self.payee,
            "purpose": self.purpose,
            "instructedAmount": {"currency": "VND", "amount": str(self.dong)},
        }

    def covers(self, asked: Detail) -> bool:
        """The very same payment."""
        return asked == self

    def shown(self) -> Shown:
        grouped = f"{self.dong:,}"
        return Shown(
            Text("Thanh toán lệ phí", "Payment of a fee"),
            (
                (Text("Số tiền", "Amount"), Text(f"{grouped.replace(',', '.')} đồng", f"{grouped} đồng")),
                (Text("Nơi nhận", "Paid to"), Text(self.payee, self.payee)),
                (Text("Nội dung", "For"), Text(self.purpose, self.purpose)),
                (Text("Mã thông báo nộp tiền", "Payment notice"), Text(self.identifier, self.identifier)),
            ),
        )


class FeeDetails:
    """Reads details of the type above."""

    type = TYPE

    def read(self, unverified: Mapping[str, Any]) -> FeePayment:
        """
        Validate every member.

        Raises:  OAuthError("invalid_authorization_details").
        """
        if set(unverified) != _MEMBERS:
            raise _refused("members must be type, identifier, payee, purpose, instructedAmount")
        identifier, amount = unverified["identifier"], unverified["instructedAmount"]
        if not isinstance(identifier, str) or not _IDENTIFIER.fullmatch(identifier):
            raise _refused("identifier must be the number of a payment notice")
        if not isinstance(amount, dict) or set(amount) != {"currency", "amount"} or amount["currency"] != "VND":
            raise _refused("instructedAmount must have amount, and currency VND")
        if not isinstance(amount["amount"], str) or not _AMOUNT.fullmatch(amount["amount"]):
            raise _refused("amount must be whole dong, as a string of digits")
        if int(amount["amount"]) > MOST_DONG:
            raise _refused("amount is too large")
        payee, purpose = (_line(name, unverified[name]) for name in ("payee", "purpose"))
        return FeePayment(identifier, payee, purpose, int(amount["amount"]))


def _line(name: str, given: Any) -> str:
    if not isinstance(given, str) or not given.strip() or len(given) > MOST_CHARACTERS or not given.isprintable():
        raise _refused(f"{name} must be 1 to {MOST_CHARACTERS} printable characters")
    return given


def _refused(why: str) -> OAuthError:
    return OAuthError("invalid_authorization_details", why)
