"""A time server on loopback for tests: it says what time it is, or something else."""

from __future__ import annotations

import socket
import struct
import threading

from base.clock import SystemClock

EPOCH_1900 = 2_208_988_800


class TimeServer:
    """Answers every packet with our own time plus `ahead`; silent once `mute`."""

    def __init__(self) -> None:
        self.ahead, self.stratum, self.mute = 0.0, 2, False
        self._wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._wire.bind(("127.0.0.1", 0))
        self.port = int(self._wire.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            packet, sender = self._wire.recvfrom(512)
            if not packet:
                return
            if self.mute:
                continue
            (origin,) = struct.unpack_from(">Q", packet, 40)
            stamp = int((SystemClock().precise() + self.ahead + EPOCH_1900) * 2**32)
            answer = struct.pack(">BBbb3I4Q", 0x24, self.stratum, 0, -20, 0, 0, 0, 0, origin, stamp, stamp)
            self._wire.sendto(answer, sender)

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._wire.close()
