"""The simulator in a thread of this process: as cheap to steer as it is to call, for tests that begin anew very often.

What a version's documents can do is kept in one table for the whole process, so only one version may be used at a time.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.odoo.__main__ import parser, simulator_of
from demo.odoo.declared import MODELS
from demo.odoo.process import OdooProcess
from demo.odoo.server import Cost, OdooServer

_OWN = dict(MODELS)
"""As the modules of the simulator declare them, before any version changes them."""


@dataclass(frozen=True)
class OdooThread(OdooProcess):
    """A simulator that serves from this process."""

    server: OdooServer | None = None
    behaviour: Any = None

    def control(self, verb: str, **body: Any) -> dict[str, Any]:
        """Use the control surface, without a request."""
        assert self.server
        return self.server.control.command(verb, body)

    def use(self) -> None:
        """Let documents do what they do in this simulator's version."""
        MODELS.clear()
        MODELS.update(self.behaviour)


@contextmanager
def odoo_thread(**options: object) -> Iterator[OdooThread]:
    """Run a simulator in a block, with options as those of `odoo_process`."""
    MODELS.clear()
    MODELS.update(_OWN)
    given = [part for option, value in options.items() for part in (f"--{option.replace('_', '-')}", str(value))]
    server = OdooServer(("127.0.0.1", 0), simulator_of(parser().parse_args(given)), Cost())
    behaviour = dict(MODELS)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hung up
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    url, db = f"http://127.0.0.1:{server.server_port}", str(options.get("db", "producao"))
    try:
        yield OdooThread(url, db, os.getpid(), Path(os.devnull), server=server, behaviour=behaviour)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        MODELS.clear()
        MODELS.update(_OWN)
