"""
The process that speaks with a PKCS#11 device: one session, one request at a time, over the socket it inherits.

It is run by path and imports nothing of the project, so that the process which knows the PIN holds little else. It has
a process of its own because a module that has lost its token often recovers only by being loaded anew, because many
modules are not safe with threads or after a fork, and because one that hangs or crashes must take nobody along.

A request is one letter and a body, an answer one letter and a body. After FAILED the process ends; whoever asked starts
another one.

Source: PKCS #11 v3.1 §5.4 (C_Initialize), §5.6 (C_Login), §4.9 (private keys), §6.3, §6.1 (ECDSA, EdDSA, RSA).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import socket
import sys
import time
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11 import exceptions as device_errors

OPEN, GENERATE, SIGN, DESTROY, MORE, ASK = b"O", b"G", b"S", b"D", b"+", b"?"
DONE, PIN_REFUSED, PIN_IN_DANGER, MISSING, REFUSED, FAILED = b"d", b"p", b"l", b"m", b"r", b"f"
LONGEST_REQUEST = 128 * 1024
LOOKS, REST = 150, 32
STREAK, FRESH_NANOSECONDS = 8, 250_000
"""So many signatures by one key in a row, each asked for so soon after the last, and the next one is begun ahead."""
LONGEST_SIGNATURE = 8192
C_SIGN_INIT, C_SIGN = 42, 43
"""Their places in CK_FUNCTION_LIST, counted after the version."""
_PSS = (Mechanism.SHA256, pkcs11.MGF.SHA256, 32)
MECHANISMS: dict[bytes, tuple[Mechanism, Any]] = {
    b"e": (Mechanism.ECDSA, None),
    b"r": (Mechanism.RSA_PKCS, None),
    b"p": (Mechanism.RSA_PKCS_PSS, _PSS),
    b"d": (Mechanism.EDDSA, None),
}
_PIN_ERRORS = (device_errors.PinIncorrect, device_errors.PinLenRange, device_errors.PinInvalid)
_LOCKED_ERRORS = (device_errors.PinLocked, device_errors.PinExpired)
_CALLERS_FAULT = (
    device_errors.DataInvalid,
    device_errors.DataLenRange,
    device_errors.MechanismInvalid,
    device_errors.MechanismParamInvalid,
    device_errors.KeyTypeInconsistent,
    device_errors.FunctionNotSupported,
)
_PROTECTED = {
    Attribute.TOKEN: True,
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.MODIFIABLE: False,
}
_PROVEN = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.ALWAYS_SENSITIVE: True,
    Attribute.NEVER_EXTRACTABLE: True,
    Attribute.LOCAL: True,
}


class PinInDanger(Exception):
    """The token says that one more wrong PIN locks it, or that it is locked; nothing was tried."""


class _Mechanism(ctypes.Structure):
    """CK_MECHANISM."""

    _fields_ = (("mechanism", ctypes.c_ulong), ("parameter", ctypes.c_void_p), ("length", ctypes.c_ulong))


def functions_of(module: str) -> tuple[Any, Any]:
    """C_SignInit and C_Sign, from the list of functions that every module gives: not every one shows them by name."""
    found = ctypes.c_void_p()
    refused = ctypes.CDLL(module).C_GetFunctionList(ctypes.byref(found))
    if refused or not found.value:
        raise ValueError("the module gives no list of its functions")
    addresses = (ctypes.c_void_p * (C_SIGN + 1)).from_address(found.value + ctypes.sizeof(ctypes.c_void_p))
    number, address = ctypes.c_ulong, ctypes.c_void_p
    begin = ctypes.CFUNCTYPE(number, number, address, number)
    finish = ctypes.CFUNCTYPE(number, number, ctypes.c_char_p, number, address, address)
    return begin(addresses[C_SIGN_INIT] or 0), finish(addresses[C_SIGN] or 0)


class Ahead:
    """
    Begins the next signature of a busy key while whoever asks for it is still on his way.

    To begin one (C_SignInit: the module looks the key up and opens it) takes SoftHSM longer than the elliptic signature
    itself. What was begun is used within a quarter of a millisecond or given up with its session, so that no key signs
    that has been destroyed or unplugged for longer than that. Whatever goes wrong here is done again by python-pkcs11,
    which says what it is.
    """

    def __init__(self, module: str, token: Any) -> None:
        self._begin, self._finish = functions_of(module)
        self._token = token
        self._session: Any = None
        self.asked = self._begun = b""
        self._at = self._streak = 0
        self._signature, self._length = ctypes.create_string_buffer(LONGEST_SIGNATURE), ctypes.c_ulong()
        self._places = ctypes.addressof(self._signature), ctypes.addressof(self._length)
        self._pss = (ctypes.c_ulong * 3)(*(int(one) for one in _PSS))
        parameter = ctypes.addressof(self._pss), ctypes.sizeof(self._pss)
        self._mechanisms = {
            letter: _Mechanism(int(one), *(parameter if has_parameter else (None, 0)))
            for letter, (one, has_parameter) in MECHANISMS.items()
        }

    def finish(self, head: bytes, data: bytes) -> bytes | None:
        """The signature that was begun. head: mechanism and key. None: none was, or it has waited too long."""
        soon = time.monotonic_ns() - self._at < FRESH_NANOSECONDS
        self._streak = self._streak + 1 if soon and head == self.asked else 0
        self.asked = head
        if not self._begun:
            return None
        if not soon or head != self._begun:
            self.give_up()
            return None
        self._begun = b""
        self._length.value = LONGEST_SIGNATURE
        if self._finish(self._session.handle, data, len(data), *self._places):
            self.give_up()
            return None
        return ctypes.string_at(self._signature, self._length.value)

    def begin(self, key: Any) -> None:
        """The next one, if they come fast enough."""
        if self._streak >= STREAK and not self._begun:
            with contextlib.suppress(device_errors.PKCS11Error):
                self._session = self._session or self._token.open()
                mechanism = ctypes.addressof(self._mechanisms[self.asked[:1]])
                if not self._begin(self._session.handle, mechanism, key.handle):
                    self._begun = self.asked
        self._at = time.monotonic_ns()

    def give_up(self) -> None:
        """What was begun, which ends with its session."""
        session, self._session, self._begun, self._streak = self._session, None, b"", 0
        if session is not None:
            with contextlib.suppress(device_errors.PKCS11Error):
                session.close()


class Device:
    """An open session and the keys that were looked up in it."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self._library = pkcs11.lib(wanted["module"])
        self._named: dict[str, Any] = {"token_label": wanted["label"]}
        if wanted["serial"]:
            self._named["token_serial"] = wanted["serial"].encode()
        token = self._library.get_token(**self._named)
        if token.flags & (pkcs11.TokenFlag.USER_PIN_FINAL_TRY | pkcs11.TokenFlag.USER_PIN_LOCKED):
            raise PinInDanger
        self._session = token.open(rw=True, user_pin=wanted["pin"])
        self._mechanisms = token.slot.get_mechanisms()
        self._keys: dict[bytes, Any] = {}
        self._ahead = Ahead(wanted["module"], token)
        self.about = {
            "serial": token.serial.decode("ascii", "replace").strip(),
            "model": token.model.strip(),
            "manufacturer": token.manufacturer_id.strip(),
            "mechanisms": [letter.decode() for letter, (one, _) in MECHANISMS.items() if one in self._mechanisms],
        }

    def sign(self, body: bytes) -> bytes:
        """body: letter of the mechanism, length of the label, label, data."""
        end = 2 + body[1]
        head, data = body[:end], body[end:]
        begun = self._ahead.finish(head, data)
        if begun is not None:
            return begun
        label, (mechanism, parameter) = body[2:end], MECHANISMS[body[:1]]
        key = self._keys.get(label) or self._keys.setdefault(label, self._find(label, ObjectClass.PRIVATE_KEY))
        signature: bytes = key.sign(data, mechanism=mechanism, mechanism_param=parameter)
        return signature

    def look_ahead(self) -> None:
        """After an answer has been given: begin the next signature of the same key."""
        key = self._keys.get(self._ahead.asked[2:])
        if key is not None:
            self._ahead.begin(key)

    def generate(self, wanted: dict[str, Any]) -> bytes:
        """
        A pair under a new label. Returns the public part as the device gives it (JSON, numbers in hexadecimal).

        A private key that can be read, or that the device calls extractable, is destroyed at once.
        """
        label = wanted["label"]
        if list(self._session.get_objects({Attribute.LABEL: label})):
            raise ValueError("there is a key of that name")
        public, private = self._make(wanted, {"label": label, "id": label.encode(), "store": True})
        try:
            self._prove(private)
        except Exception:
            private.destroy()
            public.destroy()
            raise
        if wanted["kind"] == "rsa":
            names = {"n": Attribute.MODULUS, "e": Attribute.PUBLIC_EXPONENT}
        else:
            names = {"point": Attribute.EC_POINT}
        return json.dumps({name: public[attribute].hex() for name, attribute in names.items()}).encode()

    def destroy(self, label: bytes) -> None:
        """Both halves; what is gone already stays gone."""
        self._keys.pop(label, None)
        self._ahead.give_up()
        for found in list(self._session.get_objects({Attribute.LABEL: label.decode()})):
            found.destroy()

    def check_present(self) -> None:
        """Raises: PKCS11Error: the token has gone."""
        self._library.get_token(**self._named)

    def _find(self, label: bytes, kind: ObjectClass) -> Any:
        return self._session.get_key(object_class=kind, label=label.decode())

    def _make(self, wanted: dict[str, Any], names: dict[str, Any]) -> tuple[Any, Any]:
        made: dict[str, Any] = {
            **names,
            "capabilities": MechanismFlag.SIGN | MechanismFlag.VERIFY,
            "private_template": _PROTECTED,
            "public_template": {Attribute.TOKEN: True, Attribute.MODIFIABLE: False},
        }
        if wanted["kind"] == "rsa":
            return self._session.generate_keypair(KeyType.RSA, wanted["bits"], **made)
        edwards = wanted["kind"] == "edwards"
        kind = KeyType.EC_EDWARDS if edwards else KeyType.EC
        parameters = {Attribute.EC_PARAMS: bytes.fromhex(wanted["curve"])}
        domain = self._session.create_domain_parameters(kind, parameters, local=True)
        mechanism = Mechanism.EC_EDWARDS_KEY_PAIR_GEN if edwards else Mechanism.EC_KEY_PAIR_GEN
        return domain.generate_keypair(mechanism=mechanism, **made)

    def _prove(self, private: Any) -> None:
        """Raises: ValueError: the device did not make the key as it was told to, or shows it."""
        for attribute, value in _PROVEN.items():
            if private[attribute] is not value:
                raise ValueError(f"{attribute.name} is not {value}")
        secret = Attribute.PRIVATE_EXPONENT if private.key_type is KeyType.RSA else Attribute.VALUE
        try:
            private[secret]
        except device_errors.PKCS11Error:
            return
        raise ValueError("the private key can be read")


class Ear:
    """
    Hears requests; looks for the next one a moment before it sleeps, as long as that pays.

    To wake a process, with nothing of the key left in the caches of its processor, takes longer than an elliptic
    signature. Who looked in vain sleeps for the next 32 requests.
    """

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._rest = 0

    def hear(self) -> bytes:
        if self._rest:
            self._rest -= 1
            return self._channel.recv(LONGEST_REQUEST + 1)
        for _ in range(LOOKS):
            try:
                return self._channel.recv(LONGEST_REQUEST + 1, socket.MSG_DONTWAIT)
            except BlockingIOError:
                os.sched_yield()  # where there is one processor only, the other side needs it
        self._rest = REST
        return self._channel.recv(LONGEST_REQUEST + 1)


def serve(channel: socket.socket) -> None:
    """Answer until whoever asks has gone away, or the device has."""
    ear = Ear(channel)
    device: Device | None = None
    parts = b""
    while request := ear.hear():
        operation, body = request[:1], request[1:]
        if operation == MORE:
            parts += body
            continue
        body, parts = (parts + body, b"") if parts else (body, b"")
        if operation == OPEN:
            device, answer = opened(body)
        else:
            answer = answered(device, operation, body)
        channel.send(answer)
        if operation == SIGN and device is not None:
            device.look_ahead()
        if answer[:1] not in (DONE, MISSING, REFUSED):
            return


def opened(body: bytes) -> tuple[Device | None, bytes]:
    """The device and the answer to OPEN; a PIN is given to the device once, whatever it says."""
    try:
        device = Device(json.loads(body))
    except _PIN_ERRORS as error:
        return None, PIN_REFUSED + reason(error)
    except (PinInDanger, *_LOCKED_ERRORS) as error:
        return None, PIN_IN_DANGER + reason(error)
    except Exception as error:
        return None, FAILED + reason(error)
    return device, DONE + json.dumps(device.about).encode()


def answered(device: Device | None, operation: bytes, body: bytes) -> bytes:
    """The answer to every other request."""
    try:
        assert device is not None
        if operation == SIGN:
            return DONE + device.sign(body)
        if operation == GENERATE:
            return DONE + device.generate(json.loads(body))
        if operation == DESTROY:
            device.destroy(body)
        device.check_present()
        return DONE + json.dumps(device.about).encode()
    except device_errors.NoSuchKey as error:
        return missing(device, error)
    except (*_CALLERS_FAULT, ValueError) as error:
        return REFUSED + reason(error)
    except Exception as error:
        return FAILED + reason(error)


def missing(device: Device | None, error: Exception) -> bytes:
    """A key that is not found has been destroyed, unless the whole token has gone."""
    try:
        assert device is not None
        device.check_present()
    except Exception as gone:
        return FAILED + reason(gone)
    return MISSING + reason(error)


def reason(error: Exception) -> bytes:
    """What the device called it; never what it was given."""
    return (type(error).__name__ + (f": {error}" if isinstance(error, ValueError) else "")).encode()[:300]


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the PIN must not lie in a core file
    serve(socket.socket(fileno=int(sys.argv[1])))
