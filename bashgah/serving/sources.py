"""Where a request or a connection comes from, as the limits of an address count it."""

from ipaddress import IPv4Address, IPv6Address, ip_address

_SITE_BITS = 64
"""So many first bits of an IPv6 address say whose network it is; of the rest everybody has as many as they like."""


def source_of(address: str) -> str:
    """An IPv4 address itself, also where it is written as one of IPv6; of an IPv6 address its network, as
    `2001:db8:0:1::/64`. A port that a proxy has written behind it counts for nothing. Any other text stays as it is."""
    if address.startswith("["):
        alone = address[1:].partition("]")[0]
    else:
        alone = address.partition(":")[0] if address.count(":") == 1 else address
    try:
        found = ip_address(alone.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> _SITE_BITS << _SITE_BITS)}/{_SITE_BITS}"
