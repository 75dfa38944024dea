"""What must be true before anything starts; each refusal is one clear sentence in both languages."""

from __future__ import annotations

import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from base.errors import StartError
from base.settings import BaseSettings

OLDEST_PYTHON = (3, 11)


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> None:
    """Raises: StartError: the interpreter is too old."""
    if version < OLDEST_PYTHON:
        found, wanted = (".".join(map(str, item)) for item in (version, OLDEST_PYTHON))
        raise StartError(
            f"Python {found} is too old: install Python {wanted} or newer and run again.",
            vi=f"Python {found} quá cũ: hãy cài Python {wanted} trở lên rồi chạy lại.",
        )


def check_data_dir(folder: Path) -> None:
    """Create the data folder (0700) if missing and try to write into it. Raises: StartError: it cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StartError(
            f"The data folder {folder} cannot be written ({error.strerror}): "
            "make it writable, or name another with ANTIN_DATA_DIR.",
            vi=f"Không ghi được vào thư mục dữ liệu {folder} ({error.strerror}): "
            "hãy cấp quyền ghi hoặc chỉ định thư mục khác bằng ANTIN_DATA_DIR.",
        ) from error


def check_ports(addresses: Sequence[tuple[str, int]]) -> None:
    """Try to listen on each (host, port). Raises: StartError: somebody else does already, or we may not."""
    for host, port in addresses:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise StartError(
                    f"Port {port} on {host} cannot be used ({error.strerror}): "
                    "stop the program that holds it, or choose another address with ANTIN_ISSUER and ANTIN_BIND.",
                    vi=f"Không dùng được cổng {port} tại {host} ({error.strerror}): "
                    "hãy dừng chương trình đang giữ cổng, hoặc đặt địa chỉ khác bằng ANTIN_ISSUER và ANTIN_BIND.",
                ) from error


def listen_address(settings: BaseSettings) -> tuple[str, int]:
    """
    The (host, port) to listen on: `ANTIN_BIND`, or 127.0.0.1 and the issuer's port.

    Raises: StartError: `ANTIN_BIND` is not `host:port`.
    """
    if not settings.bind:
        return "127.0.0.1", public_port(settings.issuer)
    host, _, port = settings.bind.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise StartError(
            f"ANTIN_BIND must be host:port, for example 0.0.0.0:8000, not {settings.bind!r}.",
            vi=f"ANTIN_BIND phải có dạng host:cổng, ví dụ 0.0.0.0:8000, không phải {settings.bind!r}.",
        )
    return host.strip("[]"), int(port)


def public_port(url: str) -> int:
    """The port of a public address, explicit or by its scheme."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)
