"""`make compose-check`: see `demo.compose`."""

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from blocks.banco import open_engine
from blocks.errors import SincroniaError
from demo.compose.alerts import quiet_for_an_hour, scraped
from demo.compose.engine import Engine, engine
from demo.compose.faults import FAULTS, Fault
from demo.compose.images import prepare
from demo.compose.installation import Installation, staged, up, wait
from demo.compose.world import INTERVAL_MINUTES, World
from demo.odoo import odoo_process
from demo.processes import DemoError
from demo.stack import TINY
from demo.story.scene import scene
from demo.tiny import tiny_process
from demo.tiny.account import account_of, consent

BEGAN = time.monotonic()


@dataclass(frozen=True)
class Recovery:
    """What a fault left behind.

    Attributes:
        name: the fault's; seen: what it says itself.
        healthy: seconds from its end until every service was healthy.
        rows: seconds from its end until all that people had changed was in the tables.
        tracebacks: what those that the server logged meanwhile end with.
    """

    name: str
    seen: str
    healthy: float
    rows: float
    tracebacks: list[str]


def main() -> int:
    """Bring it up, hurt it, clean up; 0 only if it recovered from everything."""
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = [fault for fault in FAULTS if fault.name in (options.only or [each.name for each in FAULTS])]
    try:
        with _folder(options.keep) as folder, engine(folder, say) as docker:
            prepare(docker, say)
            with _world(docker, folder) as (world, alerts):
                _hurt(world, chosen)
                say(alerts())
            say("taking all down")
    except SincroniaError as error:
        say(f"make compose-check: {error}")
        for note in getattr(error, "__notes__", ()):
            print(note)
        return 1
    say("done: it recovered from everything, and nothing was lost")
    return 0


def say(line: str) -> None:
    """Tell what is going on."""
    print(f"» {time.monotonic() - BEGAN:4.0f} s: {line}", flush=True)


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """Where everything is kept: a temporary folder, or one that stays, for the next time."""
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="sincronia-compose-") as folder:
        yield Path(folder)


@contextmanager
def _world(docker: Engine, folder: Path) -> Iterator[tuple[World, Callable[[], str]]]:
    """The installation, up, beside simulators on the bridge, its first runs done; and what tells of alerts so far."""
    with ExitStack() as started:
        odoo = started.enter_context(odoo_process(host=docker.address))
        tiny = started.enter_context(tiny_process(host=docker.address, **TINY))
        account = account_of(tiny)
        settings = {
            "SYNC_INTERVAL_MINUTES": str(INTERVAL_MINUTES),
            "ODOO_URL": odoo.url,
            "ODOO_DB": odoo.db,
            "ODOO_USERNAME": odoo.username,
            "ODOO_PASSWORD": odoo.password,
            "TINY_CLIENT_ID": account.client_id,
            "TINY_CLIENT_SECRET": account.client_secret.get_secret_value(),
            "TINY_TOKEN_KEY": account.token_key.get_secret_value(),
            "TINY_URL": account.url,
            "TINY_ACCOUNTS_URL": account.accounts_url,
        }
        installation = staged(docker, folder / "installation", settings)
        started.enter_context(up(installation, say))
        database = open_engine(installation.database_url)
        started.callback(database.dispose)
        consent(tiny, account, database)
        world = World(installation, odoo, tiny, account, started.enter_context(scene(odoo, database, say)))
        alerts = started.enter_context(scraped(world, folder))
        say(f"rows of vendas and compras agree with Odoo after {world.caught_up():.0f} s more")
        say(quiet_for_an_hour(world))
        world.load_tiny()
        say("all of Tiny's orders are loaded and agree")
        if found := _tracebacks(installation):
            raise DemoError(f"the server has logged tracebacks with nothing wrong: {'; '.join(found)}")
        yield world, alerts


def _hurt(world: World, faults: list[Fault]) -> None:
    """Have the faults happen one by one, and print what was seen of them, even if one ends it.

    Raises:
        DemoError: it did not recover from one, or the server has logged a traceback.
    """
    table: list[Recovery] = []
    try:
        for fault in faults:
            table.append(_recovery(world, fault))
    finally:
        _print_table(table)
    if any(each.tracebacks for each in table):
        raise DemoError("the server has logged tracebacks, which the table names")


def _recovery(world: World, fault: Fault) -> Recovery:
    say(f"{fault.name} …")
    before = _tracebacks(world.installation)
    world.change()
    seen = fault.strike(world)
    healthy = wait(lambda: not world.installation.unhealthy(), lambda: f"unhealthy: {world.installation.unhealthy()}")
    world.change()
    rows = healthy + world.caught_up()
    logged = _tracebacks(world.installation)
    # A server that was made anew has a new log.
    logged = logged[len(before) :] if logged[: len(before)] == before else logged
    say(f"{fault.name}: {seen}; healthy after {healthy:.0f} s, all rows after {rows:.0f} s")
    return Recovery(fault.name, seen, healthy, rows, logged)


def _tracebacks(installation: Installation) -> list[str]:
    """What those in the log of the server's container end with: each one's exception."""
    printed = installation.compose("logs", "--no-color", "--no-log-prefix", "server")
    lines = printed.replace("\x1b[2K", "").splitlines()  # Compose clears each line before it, colours or not
    begun = [at for at, line in enumerate(lines) if "Traceback (most recent call last)" in line]
    # Its lines are indented as its head is, all but the last one by more.
    return [next((line for line in lines[at + 1 :] if not line.startswith((" ", "|", "+"))), lines[-1]) for at in begun]


def _print_table(table: list[Recovery]) -> None:
    print(f"\n{'fault':<18} {'healthy, s':>10} {'rows, s':>8} {'tracebacks':>10}  what was seen")
    for each in table:
        print(f"{each.name:<18} {each.healthy:>10.0f} {each.rows:>8.0f} {len(each.tracebacks):>10}  {each.seen}")
    for each in table:
        for line, times in Counter(each.tracebacks).items():
            print(f"{each.name}: {times} times {line}")
    print(flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.compose", description=__doc__)
    names = ", ".join(fault.name for fault in FAULTS)
    parser.add_argument("--only", action="append", metavar="FAULT", help=f"one of: {names}; may be given again")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the images in this folder for the next time")
    return parser


if __name__ == "__main__":
    sys.exit(main())
