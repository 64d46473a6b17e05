"""A network in front of a server on this machine: a process that hands bytes on after a while, both ways."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from demo.loopback import LOOPBACK, free_port
from demo.processes import running

_ROOT: Final = Path(__file__).parents[1]
_CHUNK: Final = 1 << 16


@dataclass(frozen=True)
class Network:
    """A network that is up.

    Attributes:
        port: on loopback, behind which the server is.
        counts: the file in which `turns` reads.
    """

    port: int
    counts: Path

    def turns(self) -> int:
        """How often so far an answer came after a question, on all connections: round trips."""
        return int(json.loads(self.counts.read_text()))


@contextmanager
def network(server: int, round_trip_ms: float) -> Iterator[Network]:
    """A network to the server on this port, until the block ends.

    A question and its answer are on the way for `round_trip_ms` together, half of it each; how much they are does not
    matter.
    """
    with TemporaryDirectory(prefix="bench-network-") as folder:
        counts, port = Path(folder) / "turns", free_port()
        command = [sys.executable, "-m", "bench.network", str(port), str(server), str(round_trip_ms), str(counts)]
        with running(
            "network",
            command,
            log=Path(folder) / "log",
            environment={**os.environ, "PYTHONPATH": str(_ROOT)},
            ready=counts.exists,
        ):
            yield Network(port, counts)


class _Wire:
    """What the process does: hands on, and counts when the direction turns towards the caller."""

    def __init__(self, server: int, delay: float, counts: Path) -> None:
        self._server, self._delay, self._counts, self._turns = server, delay, counts, 0

    async def accept(self, caller: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, forth = await asyncio.open_connection(LOOPBACK, self._server)
        asked = asyncio.Event()
        await asyncio.gather(self._carry(caller, forth, asked), self._carry(answers, back, asked, answering=True))

    async def _carry(
        self, here: asyncio.StreamReader, there: asyncio.StreamWriter, asked: asyncio.Event, *, answering: bool = False
    ) -> None:
        """Hand on in order, each piece so much later than it came; pieces on the way do not wait for each other."""
        loop, flying = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]]()

        async def land() -> None:
            while True:
                due, piece = await flying.get()
                if (wait := due - loop.time()) > 0:
                    await asyncio.sleep(wait)
                if not piece:
                    return
                there.write(piece)
                await there.drain()

        landing = asyncio.create_task(land())
        with suppress(ConnectionError):
            while piece := await here.read(_CHUNK):
                if not answering:
                    asked.set()
                elif asked.is_set():
                    asked.clear()
                    self._count()
                flying.put_nowait((loop.time() + self._delay, piece))
        flying.put_nowait((0.0, b""))
        with suppress(ConnectionError):
            await landing
        there.close()

    def _count(self) -> None:
        self._turns += 1
        self.tell()

    def tell(self) -> None:
        fresh = self._counts.with_suffix(".new")
        fresh.write_text(str(self._turns))
        fresh.replace(self._counts)


async def _serve(port: int, server: int, delay: float, counts: Path) -> None:
    wire = _Wire(server, delay, counts)
    async with await asyncio.start_server(wire.accept, LOOPBACK, port) as listening:
        wire.tell()
        await listening.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("server", type=int)
    parser.add_argument("round_trip_ms", type=float)
    parser.add_argument("counts", type=Path)
    given = parser.parse_args()
    asyncio.run(_serve(given.port, given.server, given.round_trip_ms / 2000, given.counts))
