"""Pictures of a page at phone and desktop width, light and dark, and an audit of each by audit.js."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AUDIT = (Path(__file__).parent / "audit.js").read_text("utf-8")
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
SCHEMES = ("light", "dark")


class Gallery:
    """Collects pictures in a folder and findings in a list."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.findings: list[str] = []
        folder.mkdir(exist_ok=True)

    def look(self, page: Page, name: str) -> None:
        """Picture and audit the page that is open, four times, and leave it as it was."""
        before = page.viewport_size
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
                page.evaluate("document.fonts.ready.then(() => true)")
                found: list[str] = page.evaluate(AUDIT)
                self.findings += [f"{name} {size} {scheme}: {finding}" for finding in found]
                page.screenshot(path=self.folder / f"{name}-{size}-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
        if before:
            page.set_viewport_size(before)
