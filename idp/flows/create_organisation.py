"""Adding an agency."""

from __future__ import annotations

import re
from dataclasses import dataclass

from base import audit
from base.errors import AntinError
from base.ids import new_id
from idp.accounts.usernames import shown_name
from idp.events import OrganisationCreated
from idp.services import IdpServices
from idp.store import organisations

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-_]{0,39}")


class OrganisationRefused(AntinError):
    """The agency cannot be added: `organisation_code`, `organisation_exists` or `organisation_parent`."""


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """
    An agency to add.

    code: its identification code (Decision 20/2020/QD-TTg, `000.00.15.H17`); parent_code: that of the one above.
    """

    code: str
    name_vi: str
    name_en: str = ""
    parent_code: str | None = None


def create_organisation(services: IdpServices, new: NewOrganisation, *, if_missing: bool = False) -> str:
    """
    Add an agency and return its internal id; with `if_missing` an existing code is left as it is.

    Raises: OrganisationRefused, BadUsername (the name).
    """
    if not _CODE.fullmatch(new.code):
        raise OrganisationRefused("organisation_code", en="An agency code is 1 to 40 letters, digits, dots and dashes.")
    name = shown_name(new.name_vi)
    with services.base.db.begin() as connection:
        found = organisations.by_code(connection, new.code)
        if found is not None:
            if if_missing:
                return found.id
            raise OrganisationRefused("organisation_exists", en=f"There is already an agency with code {new.code}.")
        parent = organisations.by_code(connection, new.parent_code) if new.parent_code else None
        if new.parent_code and parent is None:
            raise OrganisationRefused("organisation_parent", en=f"There is no agency with code {new.parent_code}.")
        organisation_id = new_id("org")
        organisations.add_organisation(
            connection,
            {
                "id": organisation_id,
                "code": new.code,
                "name_vi": name,
                "name_en": new.name_en or name,
                "parent_id": parent.id if parent else None,
            },
        )
        audit.append(connection, services.base.clock, OrganisationCreated(organisation_id))
    return organisation_id
