"""The building blocks carry their labels, hints and errors for a screen reader."""

from __future__ import annotations

import flask
import pytest


@pytest.fixture
def render(app: flask.Flask) -> object:
    def rendered(call: str, **values: object) -> str:
        with app.test_request_context("/"):
            return flask.render_template_string('{% import "macros.html" as m %}' + call, **values)

    return rendered


def test_a_field_names_its_hint_and_error(render: object) -> None:
    assert callable(render)
    html = render('{{ m.field("username", "Tên", "a<b", hint="Gợi ý", error="Sai") }}')
    assert '<label for="username">' in html
    assert 'aria-describedby="username-error username-hint"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="username-hint"' in html
    assert 'id="username-error"' in html
    assert 'value="a&lt;b"' in html


def test_a_field_without_either_names_nothing(render: object) -> None:
    assert callable(render)
    html = render('{{ m.field("username", "Tên") }}')
    assert "aria-" not in html
    assert " required" in html


def test_a_password_is_never_sent_back(render: object) -> None:
    assert callable(render)
    html = render("{{ m.password_field() }}")
    assert 'type="password" value="" autocomplete="current-password"' in html
    assert 'name="password"' in html


def test_a_code_field_opens_the_digits(render: object) -> None:
    assert callable(render)
    html = render("{{ m.code_field() }}")
    assert 'autocomplete="one-time-code"' in html
    assert 'inputmode="numeric"' in html
    assert 'name="code"' in html


def test_a_digest_can_be_copied_without_spaces(render: object) -> None:
    assert callable(render)
    html = render("{{ m.digest('0123456789ab') }}")
    assert html == '<code class="digest"><span>0123</span><wbr><span>4567</span><wbr><span>89ab</span></code>'


@pytest.mark.parametrize("kind", ["info", "success", "warning", "error"])
def test_a_notice_has_a_word_and_a_shape(render: object, kind: str) -> None:
    assert callable(render)
    html = render("{{ m.notice(kind, text) }}", kind=kind, text="<b>")
    assert "notice-title" in html
    assert "<svg" in html
    assert "&lt;b&gt;" in html


def test_facts_leave_out_what_is_missing(render: object) -> None:
    assert callable(render)
    html = render("{{ m.facts([('Số trang', 0), ('Trống', ''), ('Không', none)]) }}")
    assert html.count("<dt>") == 1


def test_a_table_repeats_its_labels_for_a_phone(render: object) -> None:
    assert callable(render)
    html = render("{{ m.table(['Tên', 'Ngày'], [['A', 'B']], 'Kết nối') }}")
    assert 'data-label="Ngày"' in html
    assert '<th scope="col"' in html
    assert "<caption>" in html
