"""The step table: whole, in order, one rule per file, and no rule that could answer to an address nobody has proven."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from idp.protocol import checks
from idp.protocol.steps import ELSEWHERE, FRONT_STEPS, PROVE_TARGET, STEPS

FOLDER = Path(checks.__file__).parent
FILES = sorted(path for path in FOLDER.glob("*.py") if path.name != "__init__.py")
IN_TABLE = [*(row.check for row in FRONT_STEPS), PROVE_TARGET, *(row.check for row in STEPS)]


def test_every_rule_is_in_the_table_once() -> None:
    assert sorted(check.__name__ for check in IN_TABLE) == [path.stem for path in FILES]


@pytest.mark.parametrize("check", IN_TABLE, ids=lambda check: check.__name__)
def test_a_rule_is_a_file_of_its_name_and_cites_its_source(check: object) -> None:
    assert Path(inspect.getfile(check)).stem == check.__name__  # type: ignore[arg-type,attr-defined]  # a function
    text = inspect.getdoc(check) or ""
    assert "Source:" in text
    assert ast.parse(Path(inspect.getfile(check)).read_text("utf-8")).body  # type: ignore[arg-type]  # a function


@pytest.mark.parametrize("check", [*(row.check for row in FRONT_STEPS), PROVE_TARGET], ids=lambda check: check.__name__)
def test_before_the_target_is_proven_no_redirecting_error_exists(check: object) -> None:
    source = Path(inspect.getfile(check)).read_text("utf-8")  # type: ignore[arg-type]  # a function
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    assert "OAuthError" not in names


def test_the_mode_of_the_answer_is_known_before_any_error_needs_it() -> None:
    assert STEPS[0].check.__name__ == "check_response_mode"


def test_an_authorization_request_passes_every_rule() -> None:
    """But those for another device alone; and one: only a pushed request must not name another."""
    assert all("authorize" in row.endpoints for row in STEPS if not row.endpoints <= ELSEWHERE)
    others = [row.check.__name__ for row in FRONT_STEPS if "authorize" not in row.endpoints]
    assert others == ["reject_request_uri", "use_backchannel_object"]


def test_a_pushed_request_passes_every_rule_but_those_about_having_been_pushed() -> None:
    here = [row for row in (*FRONT_STEPS, *STEPS) if not row.endpoints <= ELSEWHERE]
    others = [row.check.__name__ for row in here if "par" not in row.endpoints]
    assert others == ["use_pushed_request", "check_pushed"]
