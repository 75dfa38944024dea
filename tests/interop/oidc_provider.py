"""npm's oidc-provider, asked the same 5,000 questions as ours: every difference has a reason (differential/)."""

from __future__ import annotations

from tests.interop.base import Counterpart, without_npm
from tests.interop.differential.comparing import run

COUNTERPART = Counterpart("oidc-provider", without_npm, run)
