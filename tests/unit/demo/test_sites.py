"""Addresses follow from the issuer; credentials are private files; a missing seed is said in one sentence."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from base.errors import StartError
from base.settings import BaseSettings, load
from demo.onestop_pages import open_days
from demo.profile import profile_rows
from demo.settings import DemoSettings, addresses
from demo.sites import clients_file, open_site, read_site, write_private


def _addresses(**environ: str) -> tuple[str, str]:
    found = addresses(load((BaseSettings, DemoSettings), {f"ANTIN_{key.upper()}": environ[key] for key in environ}))
    return found.portal, found.onestop


def test_the_services_stand_beside_the_issuer() -> None:
    assert _addresses() == ("http://localhost:8001", "http://localhost:8002")
    assert _addresses(issuer="http://localhost:9100") == ("http://localhost:9101", "http://localhost:9102")
    assert _addresses(demo_portal_url="https://dvc.example.vn/")[0] == "https://dvc.example.vn"


def test_credentials_are_read_by_their_owner_only(tmp_path: Path) -> None:
    row = {
        "url": "http://localhost:8001",
        "client_id": "portal",
        "client_secret": "s",
        "scope": "openid",
        "claims": {"userinfo": {"name": None}},
    }
    path = clients_file(tmp_path)
    write_private(path, {"issuer": "http://localhost:8000", "clients": {"portal": row}})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    site = read_site("portal", tmp_path)
    assert site.claims == '{"userinfo":{"name":null}}'
    assert (site.callback(), site.signed_out()) == (
        "http://localhost:8001/callback",
        "http://localhost:8001/signed-out",
    )


def test_a_service_without_a_seed_says_so(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="antin run --demo"):
        open_site("portal", {"ANTIN_DATA_DIR": str(tmp_path), "ANTIN_CODE_LIFETIME_SECONDS": "60"})


def test_visits_fall_on_working_days() -> None:
    friday = datetime(2026, 11, 27, tzinfo=UTC)
    assert open_days(friday) == ["30/11/2026", "01/12/2026", "02/12/2026", "03/12/2026", "04/12/2026"]


def test_attributes_are_shown_as_people_write_them() -> None:
    rows = dict(
        profile_rows(
            {
                "name": "Nguyễn Thị Lan",
                "birthdate": "1990-05-20",
                "gender": "female",
                "address": {"formatted": "Hải Châu"},
            }
        )
    )
    assert rows == {
        "Họ và tên": "Nguyễn Thị Lan",
        "Ngày sinh": "20/05/1990",
        "Giới tính": "Nữ",
        "Nơi cư trú": "Hải Châu",
    }
