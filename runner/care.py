"""Commands that look after an installation: `antin config explain`, `antin doctor`, `antin audit verify`."""

from __future__ import annotations

import os
import platform
import sys

import click

import base.audit
import base.log
import wsgi
from base.clock import SystemClock
from base.db import Database
from base.errors import StartError
from base.run import preflight
from base.run.doctor import Question, examine
from base.run.explain import explained
from base.settings import BaseSettings, Settings
from migrations.head import current, require_current

EXPIRY_DAYS = 30


@click.group()
def config() -> None:
    """Settings."""


@config.command()
def explain() -> None:
    """Every setting: name, value now, default, meaning."""
    click.echo(explained(wsgi.load_settings(os.environ)))


@click.group()
def audit() -> None:
    """The audit log."""


@audit.command()
def verify() -> None:
    """Walk the hash chain; exit status 1 when it does not hold."""
    count = base.audit.verify(migrated(wsgi.load_settings(os.environ)))
    click.echo(f"{count} sự kiện, chuỗi băm nguyên vẹn · events, chain intact")


def migrated(settings: Settings) -> Database:
    """The database, if it answers and is up to date. Raises: StartError."""
    database = wsgi.open_floor(settings).db
    require_current(database)
    return database


@click.command()
def doctor() -> None:
    """Look at everything a healthy installation needs; exit status 1 when something is missing."""
    settings = wsgi.load_settings(os.environ)
    base.log.configure("ERROR")
    sys.exit(examine(questions(settings), click.echo))


def questions(settings: Settings) -> list[Question]:
    """What the doctor asks, from the ground up."""
    data_dir = settings[BaseSettings].data_dir

    def python() -> str:
        preflight.check_python()
        return platform.python_version()

    def folder() -> str:
        preflight.check_data_dir(data_dir)
        return str(data_dir.resolve())

    def database() -> str:
        db = migrated(settings)
        return f"{db.engine.name}, {current(db)}"

    def keys() -> str:
        opened = wsgi.open_services(settings).keys
        if not opened.ready():
            raise StartError("none can be used: look at the log.", vi="không dùng được: hãy xem nhật ký.")
        ending = len(opened.expiring(EXPIRY_DAYS))
        return f"ready; {ending} certificate(s) end within {EXPIRY_DAYS} days" if ending else "ready"

    def custody() -> str:
        return wsgi.open_services(settings).keys.describe_backends()

    def lists() -> str:
        found = wsgi.open_services(settings).keys.lists()
        late = [one.name for one in found if one.is_late]
        if late:
            names = ", ".join(late)
            raise StartError(f"not renewed: {names}. Is the worker running?", vi=f"chưa được làm mới: {names}.")
        return ", ".join(f"{one.name} {one.number} ({one.seconds_left // 3600} h)" for one in found)

    def time() -> str:
        watch = wsgi.open_services(settings).keys.clock_watch
        if not watch.servers:
            return "không có nguồn đối chiếu · no reference (ANTIN_TIME_REFERENCE)"
        trouble, off = watch.trouble(), watch.offset_ms()
        if trouble:
            vi = "đồng hồ không đáng tin, ngừng cấp dấu thời gian."
            raise StartError(f"{trouble} ({off} ms): no time stamps are made.", vi=vi)
        return f"{off} ms"

    def policy() -> str:
        found = wsgi.open_services(settings).signing.policy
        ending = [name for name, until in found.suite.digests.items() if until <= SystemClock().now()]
        return f"{found.name} ({found.suite.name}), SHA-256 {found.digest}; past: {', '.join(ending)}"

    def audit_log() -> str:
        return f"{base.audit.verify(migrated(settings))} events, chain intact"

    return [
        Question("Python", python),
        Question("Thư mục dữ liệu · data folder", folder),
        Question("Cơ sở dữ liệu · database", database),
        Question("Khoá · keys", keys),
        Question("Nơi giữ khoá · where keys are", custody),
        Question("Danh sách thu hồi · revocation lists", lists),
        Question("Đồng hồ · clock", time),
        Question("Chính sách kiểm tra · validation policy", policy),
        Question("Nhật ký kiểm toán · audit log", audit_log),
    ]


COMMANDS = (config, audit, doctor)
