"""Pages that were rendered once say what the template would, for whoever they are about."""

from __future__ import annotations

from jinja2 import Environment

from base.web.skeletons import MOST, Skeletons, mark

PAGE = Environment(autoescape=True).from_string(
    '<p title="{{ tx }}">{{ name|urlencode }} {{ tx }}</p><b>{{ about }}</b>'
)


class Asker:
    """Equal to every other, and yet not the same."""

    def __init__(self, title: str) -> None:
        self.title = title

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


def filled(skeletons: Skeletons, asker: Asker, tx: str, name: str, variant: str = "vi") -> str:
    def render() -> str:
        return PAGE.render(tx=mark("tx"), name=mark("name"), about=f"{asker.title} {variant}")

    return skeletons.page(variant, asker, {"tx": tx, "name": name}, render)


def test_values_stand_where_the_template_has_them_escaped_like_there() -> None:
    skeletons, asker = Skeletons(), Asker("Sở Y tế")
    for tx in ("abc", '"><script>', "a&b'c", mark("name"), mark("tx"), "\\1"):
        assert filled(skeletons, asker, tx, "x%20y") == PAGE.render(tx=tx, name="x y", about="Sở Y tế vi")


def test_a_page_is_rendered_once_for_each_language_and_asker() -> None:
    skeletons, first, second = Skeletons(), Asker("một"), Asker("hai")
    assert "<b>một vi</b>" in filled(skeletons, first, "a", "b")
    assert "<b>một en</b>" in filled(skeletons, first, "a", "b", "en")
    assert "<b>hai vi</b>" in filled(skeletons, second, "a", "b")
    first.title = "khác"  # the same asker: the page that was made is kept
    assert "<b>một vi</b>" in filled(skeletons, first, "a", "b")


def test_no_more_are_kept_than_is_said() -> None:
    skeletons = Skeletons()
    for number in range(3 * MOST):
        assert f"<b>{number} vi</b>" in filled(skeletons, Asker(str(number)), "a", "b")
        assert len(skeletons._kept) <= MOST
