"""
What the suite's own browser does on our pages: the `browser` and `override` sections of its configurations.

A module that wants a person to look at a page has a placeholder for a picture; `update-image-placeholder` puts the page
there, `…-optional` does so where the module has one. Elements are found by `id`, `name` and `xpath` alone.

1. Pages, each a task: signing in, allowing, signing out, and being back at the suite.
2. What is done for every module.
3. Modules that end on one of our pages, or whose picture is of another page than the first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Section = list[dict[str, Any]]
SECONDS, LOOKS = 10, 200


class Automation(NamedTuple):
    """Whom the browser signs in as, at which provider."""

    issuer: str
    username: str
    password: str

    # ── 1. Pages ─────────────────────────────────────────────────────────────────────────────────────────────────

    def sign_in(self) -> dict[str, Any]:
        return {
            "task": "Sign in",
            "optional": True,
            "match": f"{self.issuer}/login*",
            "commands": [
                picture("//h1", "Đăng nhập|Sign in", "-optional"),
                ["text", "id", "username", self.username],
                ["text", "id", "password", self.password],
                ["click", "xpath", "//form[@action='/login']//button"],
            ],
        }

    def allow(self) -> dict[str, Any]:
        commands = [["click", "xpath", "//button[@value='allow']"]]
        return {"task": "Allow", "optional": True, "match": f"{self.issuer}/consent*", "commands": commands}

    def sign_out(self) -> dict[str, Any]:
        """Whoever sends a good hint is not asked; then there is no button."""
        commands = [["click", "xpath", "//button[@value='end']", "optional"]]
        return {"task": "Sign out", "optional": True, "match": f"{self.issuer}/logout*", "commands": commands}

    def told(self) -> dict[str, Any]:
        """Our page with the services' frames, which leads on by itself."""
        commands = [["wait", "contains", "/post_logout_redirect", SECONDS]]
        return {
            "task": "Others are told",
            "optional": True,
            "match": f"{self.issuer}/logout/done*",
            "commands": commands,
        }

    def logo(self) -> dict[str, Any]:
        """The logo is fetched in the background: the page is shown again and again, for the second that this takes."""
        commands = [
            *[["click", "xpath", "//header//a[@hreflang]"]] * LOOKS,
            ["wait", "xpath", "//img[@class='asker-logo']", SECONDS],
            picture("//h1", "Đăng nhập|Sign in"),
        ]
        return {"task": "Look at the logo", "match": f"{self.issuer}/login*", "commands": commands}

    def shown(self, path: str, text: str) -> dict[str, Any]:
        """A page of ours where the module ends."""
        commands = [picture("//main", text)]
        return {"task": f"Look at {path}", "match": f"{self.issuer}{path}*", "commands": commands}

    # ── 2. Every module ──────────────────────────────────────────────────────────────────────────────────────────

    def browser(self) -> Section:
        """The `browser` section."""
        return [
            *self.signing_in(),
            {"match": f"{self.issuer}/logout*", "tasks": [self.sign_out(), self.told()]},
            # The suite's page asks our frame and goes on by itself; only a browser like Chromium can do it.
            {"match": "*/session_verify", "tasks": [SESSION_ASKED]},
            {"match": "*/second_session_verify", "tasks": [SESSION_ASKED]},
        ]

    def signing_in(self) -> Section:
        return [{"match": f"{self.issuer}/authorize*", "tasks": [self.sign_in(), self.allow(), BACK]}]

    # ── 3. Modules of their own ──────────────────────────────────────────────────────────────────────────────────

    def override(self) -> dict[str, Any]:
        """The `override` section of the OpenID Connect plans, by module."""
        refused = self._begin("/authorize", "Địa chỉ trả về|return address")
        sections = dict.fromkeys(REFUSED_PAGES, refused)
        sections |= dict.fromkeys(SIGN_IN_PAGES, self._begin("/login", "Đăng nhập|Sign in"))
        sections["oidcc-registration-logo-uri"] = [{"match": f"{self.issuer}/authorize*", "tasks": [self.logo()]}]
        for modules, tasks in (
            (ASKED_PAGES, [self.shown("/logout", "muốn đăng xuất|want to sign out")]),
            (WRONG_ADDRESS_PAGES, [self.shown("/logout/done", "không đăng ký|not registered")]),
            (SIGNED_OUT_PAGES, [self.sign_out(), self.shown("/logout/done", "đã đăng xuất|are signed out")]),
        ):
            section = [*self.signing_in(), {"match": f"{self.issuer}/logout*", "tasks": tasks}]
            sections |= dict.fromkeys(modules, section)
        return {module: {"browser": section} for module, section in sections.items()}

    def _begin(self, path: str, text: str) -> Section:
        return [{"match": f"{self.issuer}/authorize*", "tasks": [self.shown(path, text)]}]


def picture(place: str, text: str, kind: str = "") -> list[Any]:
    """Wait for a text and put the page into the module's placeholder."""
    return ["wait", "xpath", place, SECONDS, text, f"update-image-placeholder{kind}"]


BACK = {
    "task": "Back at the suite",
    "optional": True,
    "match": "*/test/*/callback*",
    "commands": [["wait", "id", "submission_complete", SECONDS]],
}
SESSION_ASKED = {"task": "The frame is asked", "commands": [["wait", "contains", "session_result", SECONDS]]}
REFUSED_PAGES = (
    "oidcc-ensure-registered-redirect-uri",
    "oidcc-ensure-redirect-uri-in-authorization-request",
    "oidcc-redirect-uri-query-mismatch",
    "oidcc-redirect-uri-query-added",
)
SIGN_IN_PAGES = ("oidcc-registration-policy-uri", "oidcc-registration-tos-uri")
ASKED_PAGES = (
    "oidcc-rp-initiated-logout-modified-id-token-hint",
    "oidcc-rp-initiated-logout-bad-id-token-hint",
    "oidcc-rp-initiated-logout-no-id-token-hint",
)
WRONG_ADDRESS_PAGES = (
    "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri",
)
SIGNED_OUT_PAGES = (
    "oidcc-rp-initiated-logout-no-params",
    "oidcc-rp-initiated-logout-no-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-only-state",
)
