"""
What a verified trust list says. Pure.

Source: ETSI TS 119 612 §5.3 (scheme), §5.4 (providers), §5.5 (services), §5.6 (history).
"""

from __future__ import annotations

import base64
import binascii
from itertools import pairwise
from typing import Any

from base.texts import Text
from keys.trust.lists.enveloped import VerifiedList, moment_of
from keys.trust.lists.facts import Provider, Service, Spell, TrustList
from keys.trust.lists.strict_xml import only, parse, refused, text_of
from keys.trust.lists.words import TSL, XML

VERSIONS = (5, 6)
_LANG = f"{{{XML}}}lang"


def read_list(verified: VerifiedList) -> TrustList:
    """Raises: KeyRefused("trust_list_refused"): it is not written as the standard says."""
    return read_content(verified.content)


def read_content(content: bytes) -> TrustList:
    """The same of bytes that were verified before and kept since."""
    root = parse(content)
    scheme = only(root, _tag("SchemeInformation"))
    version = _number(scheme, "TSLVersionIdentifier")
    if version not in VERSIONS:
        raise refused(f"version {version} of the schema")
    update = only(scheme, _tag("NextUpdate"))
    times = update.findall(_tag("dateTime"))
    return TrustList(
        version=version,
        sequence=_number(scheme, "TSLSequenceNumber"),
        kind=text_of(only(scheme, _tag("TSLType"))),
        operator=_names(only(scheme, _tag("SchemeOperatorName"))),
        territory=text_of(only(scheme, _tag("SchemeTerritory")))[:10],
        issued=moment_of(text_of(only(scheme, _tag("ListIssueDateTime")))),
        next_update=moment_of(text_of(times[0])) if times else None,
        providers=tuple(
            _provider(one) for one in root.findall(_path("TrustServiceProviderList", "TrustServiceProvider"))
        ),
    )


def _provider(element: Any) -> Provider:
    about = only(element, _tag("TSPInformation"))
    trade = about.find(_path("TSPTradeName", "Name"))
    where = about.find(_path("TSPInformationURI", "URI"))
    return Provider(
        name=_names(only(about, _tag("TSPName"))),
        trade_name="" if trade is None else text_of(trade),
        information="" if where is None else text_of(where),
        services=tuple(_service(one) for one in element.findall(_path("TSPServices", "TSPService"))),
    )


def _service(element: Any) -> Service:
    now = only(element, _tag("ServiceInformation"))
    before = element.findall(_path("ServiceHistory", "ServiceHistoryInstance"))
    spells = [_spell(one) for one in (now, *before)]
    if any(older.since > newer.since for newer, older in pairwise(spells)):
        raise refused("a history that is not in order")
    identity = now.findall(_path("ServiceDigitalIdentity", "DigitalId", "X509Certificate"))
    points = now.findall(_path("ServiceSupplyPoints", "ServiceSupplyPoint"))
    return Service(
        kind=text_of(only(now, _tag("ServiceTypeIdentifier"))),
        name=_names(only(now, _tag("ServiceName"))),
        certificates=tuple(_der(one) for one in identity),
        spells=tuple(spells),
        points=tuple(text_of(one) for one in points),
    )


def _spell(element: Any) -> Spell:
    since = moment_of(text_of(only(element, _tag("StatusStartingTime"))))
    return Spell(text_of(only(element, _tag("ServiceStatus"))), since)


def _names(element: Any) -> Text:
    """In Vietnamese and English where they are given, otherwise whatever comes first."""
    said = {one.get(_LANG, "").lower()[:2]: text_of(one) for one in element.findall(_tag("Name"))}
    if not said:
        raise refused("a name that is empty")
    other = next(iter(said.values()))
    return Text(said.get("vi", said.get("en", other)), said.get("en", other))


def _der(element: Any) -> bytes:
    try:
        return base64.b64decode("".join(text_of(element).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused("a certificate that is none") from error


def _number(scheme: Any, name: str) -> int:
    text = text_of(only(scheme, _tag(name)))
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise refused(f"{name} is no number")
    return int(text)


def _tag(name: str) -> str:
    return f"{{{TSL}}}{name}"


def _path(*names: str) -> str:
    return "/".join(_tag(name) for name in names)
