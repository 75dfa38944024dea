"""Imports every module that declares a table, so that the one metadata is complete."""

from __future__ import annotations

import base.audit
import base.outbox
import base.versions
import idp.models
import keys.models
import signing.models
from base.db import metadata

__all__ = ["metadata"]

TABLES = (base.audit, base.outbox, base.versions, keys.models, idp.models, signing.models)
