"""
Which network addresses outgoing requests may reach. Pure.

Never: cloud metadata and other link-local addresses, multicast, the unspecified address (`0.0.0.0` reaches loopback).
Private and loopback ones only where `outbound_private_addresses` allows. An IPv6 address that carries an IPv4 one is
judged by what it carries.

Source: IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 4291 §2.5.5; RFC 6052; RFC 3056; RFC 4380.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network

IPAddress = IPv4Address | IPv6Address
_NAT64 = IPv6Network("64:ff9b::/96")


def refusal_of(address: IPAddress, *, allow_private: bool) -> str:
    """Why it may not be reached: `link_local`, `multicast`, `unspecified`, `reserved` or `private`; "" if it may."""
    ip = carried(address)
    if ip.is_link_local:
        return "link_local"
    if ip.is_multicast:
        return "multicast"
    if ip.is_unspecified or (isinstance(ip, IPv4Address) and ip.packed[0] == 0):
        return "unspecified"
    if ip.is_loopback:
        return "" if allow_private else "private"
    if ip.is_reserved:
        return "reserved"
    if not ip.is_global and not allow_private:
        return "private"
    return ""


def carried(address: IPAddress) -> IPAddress:
    """The IPv4 address inside a mapped, compatible, NAT64, 6to4 or Teredo one; any other address unchanged."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    last = IPv4Address(address.packed[12:])
    compatible = address.packed[:12] == bytes(12) and int(address) > 1  # ::1 and :: are themselves
    return last if address in _NAT64 or compatible else address
