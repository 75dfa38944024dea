"""
Our trust list as others read it: its signature by xmlsec1, its structure by ETSI's schema, which comes with EU DSS; and
that a new one follows when something changes.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

from keys.peers import authorities_in
from keys.trust.lists.enveloped import verify_list
from keys.trust.lists.facts import TrustList
from keys.trust.lists.reading import read_list
from tests.city import City
from tests.interop import java
from tests.interop.base import Counterpart, say
from tests.interop.eu_dss_judge import DSS

SCHEMA = "ts_119612v020401_xsd.xsd"
JARS = ("specs-trusted-list-6.4.jar", "specs-xades-6.4.jar", "specs-xmldsig-6.4.jar")
PROPERTIES = "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"


def run(city: City) -> bool:
    """All of it, also after something failed."""
    signer = city.antin("trust", "list", "signer").stdout
    city.change("trust", "list", "publish")  # others have changed things in this city
    first = _get(city)
    passed = [
        _check("xmlsec1: two references of two", _believed(first, signer)),
        _check("xmlsec1: one letter changed", not _believed(first.replace(b">VN<", b">VM<", 1), signer)),
        _fits_schema(first),
    ]
    city.antin("key", "rotate", "--purpose", "tsu", "--alg", "ES256")
    city.change("trust", "list", "publish")
    second = _get(city)
    before, after = _read(first, signer), _read(second, signer)
    passed.append(_check("a new unit: the next number, the old unit's end", _follows(before, after)))
    passed.append(_check("xmlsec1: the next one", _believed(second, signer)))
    return all(passed)


def _follows(before: TrustList, after: TrustList) -> bool:
    units, ended = _units(before)
    return after.sequence > before.sequence and _units(after) == (units + 1, ended + 1)


def _units(said: TrustList) -> tuple[int, int]:
    """How many time-stamping units there have been, and how many of them have ended."""
    units = [service for service in said.providers[0].services if service.kind.endswith("/TSA")]
    return len(units), sum(len(service.spells) == 2 for service in units)


def _read(raw: bytes, signer: str) -> TrustList:
    return read_list(verify_list(raw, authorities_in(signer.encode()), at=int(time.time())))


def _believed(raw: bytes, signer: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="antin-list-") as folder:
        (Path(folder) / "list.xml").write_bytes(raw)
        (Path(folder) / "signer.pem").write_text(signer)
        words = ["xmlsec1", "--verify", "--id-attr:Id", PROPERTIES, "--pubkey-cert-pem", "signer.pem",
                 "--enabled-reference-uris", "empty,same-doc", "list.xml"]  # fmt: skip
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        return done.returncode == 0 and "(ok/all): 2/2" in done.stderr


def _fits_schema(raw: bytes) -> bool:
    if lacking := java.missing():
        say(f"ETSI's schema comes with EU DSS, which cannot be fetched here: {lacking}")
        return True
    DSS.fetch()
    files: dict[str, bytes] = {}
    for name in JARS:
        with zipfile.ZipFile(DSS.jars / name) as jar:
            files |= {one.rpartition("/")[2]: jar.read(one) for one in jar.namelist() if one.endswith(".xsd")}
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_from(files))
    schema = etree.XMLSchema(etree.fromstring(files[SCHEMA], parser))
    fits = bool(schema.validate(etree.fromstring(raw)))
    for found in schema.error_log:
        say(f"  {found.message}")
    return _check("ETSI's schema, version 6", fits)


def _from(files: dict[str, bytes]) -> Any:
    """Whatever address a schema names, the file of that name."""

    class Resolver(etree.Resolver):  # type: ignore[misc]  # lxml ships no types
        def resolve(self, url: str, _id: str, context: Any) -> Any:
            return self.resolve_string(files[url.rpartition("/")[2]], context)

    return Resolver()


def _get(city: City) -> bytes:
    with urllib.request.urlopen(f"{city.issuer}/pki/tsl.xml", timeout=30) as reply:
        return bytes(reply.read())


def _check(what: str, good: bool) -> bool:
    say(f"{'ok  ' if good else 'FAIL'} trust list: {what}")
    return good


def missing() -> str:
    return "" if shutil.which("xmlsec1") else "xmlsec1 is not installed"


COUNTERPART = Counterpart("trust-list", missing, run)
