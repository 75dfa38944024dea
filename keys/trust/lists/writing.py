"""
A trust list as XML, before it is signed: version 6 of the schema. Pure.

Source: ETSI TS 119 612 v2.3.1 §5.2 (tag), §5.3 to §5.6, Annex C (schema: the order of elements is fixed).
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from base.texts import Text
from keys.trust.lists.facts import Provider, Service, Spell, TrustList
from keys.trust.lists.words import DETERMINATION, RULES, TSL, TSL_TAG, XML

Address = tuple[str, str]
"""Of a person or page: e-mail or web address (URI), and the city it is in."""


def write_list(found: TrustList, *, information: str, city: str) -> Any:
    """The root element. information: the operator's own page (URI); city: where its office is."""
    root = etree.Element(_tag("TrustServiceStatusList"), nsmap={None: TSL})
    root.set("TSLTag", TSL_TAG)
    root.set("Id", "list")
    _scheme(_add(root, "SchemeInformation"), found, information, city)
    if found.providers:
        providers = _add(root, "TrustServiceProviderList")
        for provider in found.providers:
            _provider(_add(providers, "TrustServiceProvider"), provider, found.territory, city)
    return root


def _scheme(to: Any, found: TrustList, information: str, city: str) -> None:
    country = found.territory
    _add(to, "TSLVersionIdentifier", str(found.version))
    _add(to, "TSLSequenceNumber", str(found.sequence))
    _add(to, "TSLType", found.kind)
    _names(_add(to, "SchemeOperatorName"), found.operator)
    _address(_add(to, "SchemeOperatorAddress"), information, country, city)
    scheme = f"{country}:Danh sách tin cậy của {found.operator.vi}", f"{country}:Trust list of {found.operator.en}"
    _names(_add(to, "SchemeName"), Text(*scheme))
    _addresses(_add(to, "SchemeInformationURI"), information)
    _add(to, "StatusDeterminationApproach", DETERMINATION.format(country))
    _addresses(_add(to, "SchemeTypeCommunityRules"), RULES.format(country))
    _add(to, "SchemeTerritory", country)
    notice = _add(_add(to, "PolicyOrLegalNotice"), "TSLLegalNotice", information)
    notice.set(_LANG, "en")
    _add(to, "HistoricalInformationPeriod", "65535")
    _add(to, "ListIssueDateTime", _moment(found.issued))
    update = _add(to, "NextUpdate")
    if found.next_update is not None:
        _add(update, "dateTime", _moment(found.next_update))


def _provider(to: Any, provider: Provider, country: str, city: str) -> None:
    about = _add(to, "TSPInformation")
    _names(_add(about, "TSPName"), provider.name)
    _names(_add(about, "TSPTradeName"), Text(provider.trade_name, provider.trade_name))
    _address(_add(about, "TSPAddress"), provider.information, country, city)
    _addresses(_add(about, "TSPInformationURI"), provider.information)
    services = _add(to, "TSPServices")
    for service in provider.services:
        _service(_add(services, "TSPService"), service)


def _service(to: Any, service: Service) -> None:
    current, *before = service.spells
    _state(_add(to, "ServiceInformation"), service, current, service.points)
    if before:
        history = _add(to, "ServiceHistory")
        for spell in before:
            _state(_add(history, "ServiceHistoryInstance"), service, spell)


def _state(to: Any, service: Service, spell: Spell, points: tuple[str, ...] = ()) -> None:
    _add(to, "ServiceTypeIdentifier", service.kind)
    _names(_add(to, "ServiceName"), service.name)
    identity = _add(to, "ServiceDigitalIdentity")
    for der in service.certificates:
        _add(_add(identity, "DigitalId"), "X509Certificate", base64.b64encode(der).decode())
    _add(to, "ServiceStatus", spell.status)
    _add(to, "StatusStartingTime", _moment(spell.since))
    if points:
        supply = _add(to, "ServiceSupplyPoints")
        for point in points:
            _add(supply, "ServiceSupplyPoint", point)


def _address(to: Any, page: str, country: str, city: str) -> None:
    postal = _add(_add(to, "PostalAddresses"), "PostalAddress")
    postal.set(_LANG, "vi")
    for name, value in (("StreetAddress", city), ("Locality", city), ("CountryName", country)):
        _add(postal, name, value)
    _addresses(_add(to, "ElectronicAddress"), page)


_LANG = f"{{{XML}}}lang"


def _names(to: Any, name: Text) -> None:
    for lang, value in (("vi", name.vi), ("en", name.en)):
        _add(to, "Name", value).set(_LANG, lang)


def _addresses(to: Any, address: str) -> None:
    for lang in ("vi", "en"):
        _add(to, "URI", address).set(_LANG, lang)


def _add(to: Any, name: str, value: str | None = None) -> Any:
    made = etree.SubElement(to, _tag(name))
    made.text = value
    return made


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _tag(name: str) -> str:
    return f"{{{TSL}}}{name}"
