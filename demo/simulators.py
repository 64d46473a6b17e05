"""What the simulators of Odoo and Tiny have in common: how they are served, started as child processes and steered."""

import argparse
import ipaddress
import json
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, cast

import httpx

from demo.loopback import bridge_address
from demo.processes import Child, running

CONTROL: Final = "/_sim/"  # the path of the control surface, before its verbs
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_ROOT: Final = Path(__file__).parents[1]
_DEADLINE: Final = 300  # seconds that making the largest company may take


class LoopbackServer(ThreadingHTTPServer):
    """A server with a thread per connection, which answers many at a time."""

    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        """Bind without looking up the machine's name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = cast("tuple[str, int]", self.server_address)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where a simulator serves, and when it is there."""
    where = "a loopback address (default 127.0.0.1), or this machine's on Docker's bridge"
    parser.add_argument("--host", type=_near, default="127.0.0.1", help=where)
    parser.add_argument("--port", type=int, default=0, help="0 (default) takes any free port")
    parser.add_argument("--ready-file", type=Path, help="gets host:port when the server is ready; removed at the end")
    parser.add_argument("--clock", type=_moment, help="ISO time that the clock starts from (default: the machine's)")


def heed_signals() -> None:
    """Keep SIGTERM and Ctrl-C for `serve`, in all threads that start from now on.

    A handler would not do: one that runs while the main thread begins to wait for it may wait for that thread forever.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


def serve(server: LoopbackServer, options: argparse.Namespace, told: str) -> int:
    """Serve until SIGTERM or Ctrl-C; prints the address, in the place that `told` has for it, when ready."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        address = f"{options.host}:{server.server_port}"
        if options.ready_file:
            options.ready_file.write_text(address)
        print(told.format(f"http://{address}"), flush=True)
        signal.sigwait(_SIGNALS)
        server.shutdown()
        thread.join()
    if options.ready_file:
        options.ready_file.unlink(missing_ok=True)
    return 0


@contextmanager
def simulator(name: str, module: str, options: Mapping[str, object]) -> Iterator[tuple[str, Child]]:
    """Start a simulator, wait until it serves, and stop it when the block ends; gives its URL and process.

    Options are those of `python -m <module>`, with underscores.

    Raises:
        DemoError: it did not start; the message holds its output.
    """
    arguments = [part for option, value in options.items() for part in (f"--{option.replace('_', '-')}", str(value))]
    with tempfile.TemporaryDirectory(prefix=f"{module.rpartition('.')[2]}-simulator-") as folder:
        ready, log = Path(folder, "ready"), Path(folder, "log")
        command = [sys.executable, "-m", module, "--ready-file", str(ready), *arguments]
        environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        there = {"ready": lambda: ready.exists() and bool(ready.read_text()), "deadline": _DEADLINE}
        with running(name, command, log=log, environment=environment, cwd=_ROOT, **there) as child:  # type: ignore[arg-type]
            yield f"http://{ready.read_text()}", child


def steer(url: str, verb: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Use the control surface of a simulator.

    Raises:
        ValueError: the simulator says what is wrong with the request.
    """
    # Plain HTTP: without `verify=False` httpx would load certificates, which takes longer than the request.
    content = json.dumps(body)  # NaN and Infinity included, which httpx would refuse
    response = httpx.post(f"{url}{CONTROL}{verb}", content=content, trust_env=False, timeout=60, verify=False)
    answer: dict[str, Any] = response.json()
    if response.is_error:
        raise ValueError(answer["error"])
    return answer


def kind_checked(kind: str, kinds: frozenset[str]) -> None:
    """Refuse to plan a fault that there is not.

    Raises:
        ValueError: naming those that there are.
    """
    if kind not in kinds:
        raise ValueError(f"no such fault: {kind!r}; there are {', '.join(sorted(kinds))}")


def _near(host: str) -> str:
    if not ipaddress.ip_address(host).is_loopback and host != bridge_address():
        raise argparse.ArgumentTypeError(f"{host} is not a loopback address")
    return host


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
