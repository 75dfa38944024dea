"""
The official OpenID Connect plans over real TLS: an installation made by deploy/conformance/prepare.py, clients that
register themselves as the suite's do, and the suite's kind of browser (HtmlUnit), which does on our pages what the
prepared configurations tell it. It brings an installation of its own; the city it is given stays untouched.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any

from tests.city import City
from tests.functional import plan_modules
from tests.functional.plan_party import Variant
from tests.functional.plan_tables import modules_of
from tests.interop import java, nginx_tls, suite_modules
from tests.interop.base import Counterpart, say
from tests.interop.suite_party import Stage, plan_of, stage

SKIPPED = (
    plan_modules.idtoken_unsigned,
    plan_modules.request_uri_unsigned_supported_correctly_or_rejected_as_unsupported,
    plan_modules.unsigned_request_object_supported_correctly_or_rejected_as_unsupported,
    plan_modules.ensure_request_object_with_redirect_uri,
)
"""The suite skips them when it has read our discovery document."""
FRONT = ("id_token", "id_token token", "code id_token", "code token", "code id_token token")
ALSO_IN_FRONT = (
    plan_modules.server,
    plan_modules.response_type_missing,
    plan_modules.scope_all,
    plan_modules.prompt_none_logged_in,
)


def turns() -> Iterator[tuple[Variant, Any]]:
    """Everything with the code; with the other response types and with form_post what differs there."""
    for module in modules_of("code"):
        if module not in SKIPPED:
            yield Variant("code"), module
    for response_type in FRONT:
        for module in ALSO_IN_FRONT:
            yield Variant(response_type), module
    for response_type in ("code", *FRONT):
        yield Variant(response_type, "form_post"), plan_modules.server
    for own in suite_modules.MODULES:
        yield Variant("code"), own


def missing() -> str:
    return nginx_tls.missing() or java.missing()


def run(_city: City) -> bool:
    """Every module, also after one has failed."""
    with stage() as on:
        passed = [_passes(on, variant, module) for variant, module in turns()]
    say(f"  {passed.count(True)} modules as the suite expects, {passed.count(False)} not")
    return all(passed)


def _passes(on: Stage, variant: Variant, module: Any) -> bool:
    name = "oidcc-" + module.__name__.replace("_", "-")
    try:
        module(plan_of(on, variant, name))
    except Exception:
        say(f"  ✗ {name} {variant} {variant.response_mode}\n{traceback.format_exc()}")
        return False
    say(f"  ✓ {name} {variant} {variant.response_mode}")
    return True


COUNTERPART = Counterpart("suite-plans", missing, run)
