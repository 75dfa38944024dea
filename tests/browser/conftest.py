"""One city and one browser for all tests here; a fresh, watched browser context for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.gallery import Gallery
from tests.browser.watch import Visitor
from tests.city import City, running_city

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURES = Path(__file__).parent / "pictures"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the distribution."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[City]:
    """A running city; after the browser, so that nothing is started where no browser is."""
    # access tokens that are as good as expired at once, so that the services must refresh on every look
    with running_city(tmp_path_factory.mktemp("city"), access_token_lifetime_seconds="30") as city:
        yield city


@pytest.fixture
def visit(chromium: Browser, city: City) -> Iterator[Callable[..., Visitor]]:
    """`visit(**context options)` opens a browser of its own; what it should not do is asserted at the end."""
    opened: list[Visitor] = []

    def open_one(**options: Any) -> Visitor:
        visitor = Visitor(chromium, city, **options)
        opened.append(visitor)
        return visitor

    yield open_one
    wrongs = [wrong for visitor in opened for wrong in visitor.close()]
    assert not wrongs, "\n".join(wrongs)


@pytest.fixture
def gallery() -> Iterator[Gallery]:
    """Takes pictures of pages and audits them; findings are asserted at the end."""
    gallery = Gallery(PICTURES)
    yield gallery
    assert not gallery.findings, "\n".join(gallery.findings)
