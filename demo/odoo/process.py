"""The simulator as a child process, started and stopped the same way by everything that uses it."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from demo.odoo.simulator import API_KEY, USERS
from demo.processes import running

_ROOT: Final = Path(__file__).parents[2]


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
        """Use the control surface, see `demo.odoo.control`.

        Raises:
            ValueError: the simulator says what is wrong with the request.
        """
        # Plain HTTP: without `verify=False` httpx would load certificates, which takes longer than the request.
        response = httpx.post(f"{self.url}/_sim/{verb}", json=body, trust_env=False, timeout=30, verify=False)
        answer: dict[str, Any] = response.json()
        if response.is_error:
            raise ValueError(answer["error"])
        return answer


@contextmanager
def odoo_process(**options: object) -> Iterator[OdooProcess]:
    """Start a simulator, wait until it serves, and stop it when the block ends.

    Options are those of `python -m demo.odoo`, with underscores: `company="generated", orders=10, profile="ciel_it"`.

    Raises:
        DemoError: it did not start; the message holds its output.
    """
    arguments = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    with tempfile.TemporaryDirectory(prefix="odoo-simulator-") as folder:
        ready, log = Path(folder, "ready"), Path(folder, "log")
        command = [sys.executable, "-m", "demo.odoo", "--ready-file", str(ready), *arguments]
        environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        with running(
            "the Odoo simulator", command, log=log, environment=environment, ready=lambda: _written(ready), cwd=_ROOT
        ) as child:
            db = str(options.get("db", "producao"))
            yield OdooProcess(f"http://{ready.read_text()}", db, child.pid, log)


def _written(ready: Path) -> bool:
    return ready.exists() and bool(ready.read_text())
