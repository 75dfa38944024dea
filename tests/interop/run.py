"""
`make interop`: software that is not ours against a running city. Names on the command line pick counterparts.

A counterpart is one file beside this one and one line in COUNTERPARTS; what it is made of stands in base.py.

1. Those that cannot run here are skipped, with a sentence.
2. Start one city for all that need the same settings.
3. Run each; one that breaks does not keep the others from running.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path

from tests.city import City, running_city
from tests.interop import (
    asic_judges,
    cades_judges,
    certomancer,
    eu_dss,
    evidence_judges,
    express_openid_connect,
    faketime,
    jades_judges,
    matrix,
    mod_auth_openidc,
    nginx_tls,
    oauth4webapi,
    oidc_client_ts,
    oidc_provider,
    openid_client,
    openid_client_elsewhere,
    openssl_status,
    pades_judges,
    paths,
    pki,
    pkits,
    requests_oauth2client,
    sealed_messages,
    suite_fapi,
    suite_plans,
    trust_list,
    verapdf_judge,
    wycheproof,
    xades_judges,
)
from tests.interop.base import Counterpart, say

COUNTERPARTS: tuple[Counterpart, ...] = (
    openid_client.COUNTERPART,
    openid_client_elsewhere.COUNTERPART,
    oauth4webapi.COUNTERPART,
    requests_oauth2client.COUNTERPART,
    sealed_messages.COUNTERPART,
    oidc_client_ts.COUNTERPART,
    express_openid_connect.COUNTERPART,
    mod_auth_openidc.COUNTERPART,
    nginx_tls.COUNTERPART,
    suite_plans.COUNTERPART,
    suite_fapi.COUNTERPART,
    oidc_provider.COUNTERPART,
    openssl_status.COUNTERPART,
    faketime.COUNTERPART,
    pki.COUNTERPART,
    pkits.COUNTERPART,
    paths.COUNTERPART,
    wycheproof.COUNTERPART,
    trust_list.COUNTERPART,
    eu_dss.COUNTERPART,
    verapdf_judge.COUNTERPART,
    certomancer.COUNTERPART,
    cades_judges.COUNTERPART,
    xades_judges.COUNTERPART,
    asic_judges.COUNTERPART,
    evidence_judges.COUNTERPART,
    jades_judges.COUNTERPART,
    matrix.COUNTERPART,
    pades_judges.COUNTERPART,
)


def main(names: list[str]) -> int:
    """Exit status: 0 all that could run passed, 1 something failed, 2 no such name, 77 nothing could run (skipped)."""
    unknown = set(names) - {one.name for one in COUNTERPARTS}
    if unknown:
        say(f"no such counterpart: {', '.join(sorted(unknown))}")
        return 2
    able = []
    for one in COUNTERPARTS:
        if names and one.name not in names:
            continue
        if why := one.missing():
            say(f"skipped {one.name}: {why}")
        else:
            able.append(one)
    failed = [one.name for group in _by_city(able) for one in _run_group(group)]
    if failed:
        say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0 if able else 77


def _by_city(counterparts: list[Counterpart]) -> list[list[Counterpart]]:
    groups: dict[tuple[tuple[str, str], ...], list[Counterpart]] = {}
    for one in counterparts:
        groups.setdefault(tuple(sorted(one.settings.items())), []).append(one)
    return list(groups.values())


def _run_group(group: list[Counterpart]) -> list[Counterpart]:
    """Returns those that failed."""
    with (
        tempfile.TemporaryDirectory(prefix="antin-interop-") as folder,
        running_city(Path(folder), **group[0].settings) as city,
    ):
        return [one for one in group if not _passed(one, city)]


def _passed(one: Counterpart, city: City) -> bool:
    try:
        return one.run(city)
    except Exception:
        traceback.print_exc()
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
