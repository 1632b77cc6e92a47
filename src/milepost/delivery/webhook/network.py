"""Connections to the outside world and to nowhere else: every address is looked at before it is connected to (D-8).

Owns which addresses are refused, and one deadline over a whole exchange. Must not know what is sent. The check and the
connection use the same answer of the name server, so that a second answer cannot lead elsewhere.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import httpcore2
import httpx2

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")


class AddressRefused(Exception):
    """The host has an address that may not be called."""


def is_public(address: Address) -> bool:
    """Whether anybody on the Internet could reach it. An IPv4 address inside an IPv6 one is looked at for itself."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and (address in _NAT64 or address in _COMPATIBLE):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved)


def checked_addresses(host: str, port: int, allowed: Sequence[Network]) -> list[str]:
    """The addresses of a host. Raises AddressRefused if any of them is neither public nor allowed, OSError if none."""
    addresses = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for text in addresses:
        address = ipaddress.ip_address(text)
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if not is_public(address) and not any(address in network for network in allowed):
            message = f"`{host}` has the address {address}, which is not public"
            raise AddressRefused(message)
    return [str(text) for text in addresses]


class Transport(httpx2.HTTPTransport):
    """HTTP over connections that are checked. One exchange each, within `seconds` in all.

    No connection is kept: if the other side is just closing it, a call becomes *uncertain* that was never received.
    """

    def __init__(self, allowed: Sequence[Network], seconds: float, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            max_connections=None,
            max_keepalive_connections=0,
            network_backend=_Backend(allowed, seconds),
        )


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, allowed: Sequence[Network], seconds: float) -> None:
        self._allowed = allowed
        self._seconds = seconds
        self._tcp = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        deadline = time.monotonic() + self._seconds
        try:
            addresses = checked_addresses(host, port, self._allowed)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host}: {error}") from error
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                stream = self._tcp.connect_tcp(address, port, min(left, timeout or left), local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, deadline)
        raise failure


class _Stream(httpcore2.NetworkStream):
    """A stream on which every wait ends at the deadline, however slowly the other side goes on."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def _left(self, timeout: float | None) -> float:
        left = max(self._deadline - time.monotonic(), 0.001)
        return left if timeout is None else min(left, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if time.monotonic() >= self._deadline:
            raise httpcore2.ReadTimeout("the time for the whole exchange is over")
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
