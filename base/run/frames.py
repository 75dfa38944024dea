"""
Messages between two processes over a local socket: one length, then the bytes; large ones in memory that both can read.

Source: unix(7) (SCM_RIGHTS), memfd_create(2).
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Sequence

_HEAD = struct.Struct("!QB")
_LARGE = 256 * 1024
"""Bytes from which a part goes by memory of its own: two copies, and no waiting for the other side in between."""
_MOST_PARTS = 8
_AT_ONCE = 64 * 1024


class Closed(Exception):
    """The other side is gone."""


def send(channel: socket.socket, message: bytes, parts: Sequence[bytes] = ()) -> None:
    """Send a message with at most eight further parts. Raises: Closed; TimeoutError."""
    if len(parts) > _MOST_PARTS:
        raise ValueError(f"{len(parts)} parts")
    memory = [_in_memory(part) for part in parts if len(part) >= _LARGE]
    try:
        inline = [message, *(part for part in parts if len(part) < _LARGE)]
        lengths = [len(message), *(-len(part) if len(part) >= _LARGE else len(part) for part in parts)]
        head = struct.pack(f"!QB{len(lengths)}q", sum(map(len, inline)), len(lengths), *lengths)
        data = b"".join((head, *inline))
        sent = socket.send_fds(channel, [data], memory) if memory else channel.send(data)
        if sent < len(data):
            with memoryview(data) as view:
                channel.sendall(view[sent:])
    except ConnectionError as error:
        raise Closed from error
    finally:
        for descriptor in memory:
            os.close(descriptor)


def receive(channel: socket.socket) -> tuple[bytes, tuple[bytes, ...]]:
    """
    The next message and its parts. Raises: Closed; TimeoutError, if the channel has one.

    The two sides speak by turns, so whatever can be read belongs to this message.
    """
    descriptors: list[int] = []
    try:
        data = _more(channel, b"", _HEAD.size, descriptors)
        total, count = _HEAD.unpack_from(data)
        start = _HEAD.size + 8 * count
        data = _more(channel, data, start + total, descriptors)
        waiting, found = iter(descriptors), []
        for length in struct.unpack_from(f"!{count}q", data, _HEAD.size):
            if length < 0:
                found.append(_from_memory(next(waiting), -length))
            else:
                found.append(data[start : start + length])
                start += length
    except (ConnectionError, StopIteration) as error:
        raise Closed from error
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    return found[0], tuple(found[1:])


def _more(channel: socket.socket, data: bytes, wanted: int, descriptors: list[int]) -> bytes:
    """What has been read, and more of it, until there are `wanted` bytes."""
    read, length = [data], len(data)
    while length < wanted:
        data, sent, _flags, _address = socket.recv_fds(channel, max(wanted - length, _AT_ONCE), _MOST_PARTS)
        descriptors += sent
        if not data:
            raise Closed
        read.append(data)
        length += len(data)
    return read[0] if len(read) == 1 else b"".join(read)


def _in_memory(data: bytes) -> int:
    descriptor = os.memfd_create("part", os.MFD_CLOEXEC)
    with memoryview(data) as view:
        done = 0
        while done < len(view):
            done += os.write(descriptor, view[done:])
    return descriptor


def _from_memory(descriptor: int, length: int) -> bytes:
    data = os.pread(descriptor, length, 0)
    if len(data) != length:
        raise Closed
    return data
