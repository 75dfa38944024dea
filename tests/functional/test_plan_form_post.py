"""The official Form Post plans (Basic, Implicit, Hybrid), module by module, through the real edge and pages."""

from __future__ import annotations

import pytest

from tests.functional.idp_site import Site
from tests.functional.plan_modules import Module
from tests.functional.plan_party import Plan, Variant
from tests.functional.plan_tables import HYBRID, IMPLICIT, cases, operator

__all__ = ["operator"]


@pytest.mark.parametrize(("variant", "module"), cases(("code", *IMPLICIT, *HYBRID), "form_post"))
def test_module(operator: Site, variant: Variant, module: Module) -> None:
    module(Plan(operator, variant))
