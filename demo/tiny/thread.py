"""The simulator in a thread of this process: as cheap to steer as to call, for tests that begin anew very often."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.tiny.__main__ import parser, simulator_of
from demo.tiny.process import TinyProcess
from demo.tiny.server import TinyServer


@dataclass(frozen=True)
class TinyThread(TinyProcess):
    """A simulator that serves from this process."""

    server: TinyServer | None = None

    def control(self, verb: str, /, **body: Any) -> dict[str, Any]:
        """Use the control surface, without a request."""
        assert self.server
        return self.server.control.command(verb, body)


@contextmanager
def tiny_thread(**options: object) -> Iterator[TinyThread]:
    """Run a simulator in a block, with options as those of `tiny_process`."""
    given = [part for option, value in options.items() for part in (f"--{option.replace('_', '-')}", str(value))]
    server = TinyServer(("127.0.0.1", 0), simulator_of(parser().parse_args(given)))
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hung up
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield TinyThread(f"http://127.0.0.1:{server.server_port}", os.getpid(), Path(os.devnull), server=server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
