"""Ports and answers on this machine's loopback address, the only one that the demo listens on.

For containers that is Docker's bridge, which no other machine reaches either.
"""

import contextlib
import fcntl
import socket
import struct
from collections.abc import Callable

import httpx

from demo.processes import DemoError

LOOPBACK = "127.0.0.1"
_BRIDGE = b"docker0"
_ADDRESS_OF_INTERFACE = 0x8915  # SIOCGIFADDR


def free_port(preferred: int = 0, progress: Callable[[str], None] = lambda _: None) -> int:
    """A free port on loopback: the preferred one, else one of the twenty after it, else (and for 0) any.

    Says so through `progress` when it is not the preferred one. For a minute nobody else who asks for any port is given
    the same one, so that a server has the time to start on it.
    """
    candidates = [*range(preferred, min(preferred + 21, 65536)), 0] if preferred else [0]
    for candidate in candidates:
        with socket.socket() as probe, contextlib.suppress(OSError):
            # As servers do: a port whose last connections are still fading counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, candidate))
            probe.listen()
            port: int = probe.getsockname()[1]
            # A connection that fades on this side keeps the port from everybody who binds or connects from any.
            with socket.socket() as caller:
                caller.connect((LOOPBACK, port))
                probe.accept()[0].close()
            if preferred and port != preferred:
                progress(f"port {preferred} is in use: {port} instead")
            return port
    raise DemoError("no free port on loopback")


def answers(url: str) -> Callable[[], bool]:
    """A probe for `running`: whether a GET of this address is answered with success."""

    def probe() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(url, timeout=2, trust_env=False, verify=False).is_success
        return False

    return probe


def bridge_address() -> str | None:
    """This machine's address on Docker's default bridge; None where there is no such bridge."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        found = fcntl.ioctl(probe, _ADDRESS_OF_INTERFACE, struct.pack("256s", _BRIDGE))
        return socket.inet_ntoa(found[20:24])
    return None
