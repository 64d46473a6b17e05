"""The simulator as a child process, started and stopped the same way by everything that uses it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.odoo.simulator import API_KEY, USERS
from demo.simulators import simulator, steer


@dataclass(frozen=True)
class OdooProcess:
    """A simulator that is serving: where, and as whom to log in."""

    url: str
    db: str
    pid: int
    log: Path  # its output
    username: str = USERS[0].login
    password: str = USERS[0].password
    api_key: str = API_KEY

    def control(self, verb: str, **body: Any) -> dict[str, Any]:
        """Use the control surface, see `demo.odoo.control`."""
        return steer(self.url, verb, body)


@contextmanager
def odoo_process(**options: object) -> Iterator[OdooProcess]:
    """Run a simulator in a block, with options such as `company="generated", orders=10, profile="ciel_it"`."""
    with simulator("the Odoo simulator", "demo.odoo", options) as (url, child):
        yield OdooProcess(url, str(options.get("db", "producao")), child.pid, child.log)
