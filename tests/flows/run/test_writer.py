"""Writing in turn, and only while the run holds its lock: that is checked after the work, right before the commit."""

import threading

import pytest
from sqlalchemy import Engine

from blocks.banco import LockLost, execute, fetch, transaction
from flows.run.writer import Writer

WRITTEN = "INSERT INTO sync_metadata (entidade) VALUES ('carteira')"


def stored(engine: Engine) -> int:
    with transaction(engine) as connection:
        return int(fetch(connection, "SELECT count(*) FROM sync_metadata")[0][0])


@pytest.mark.parametrize("dry_run", [False, True])
def test_the_lock_is_checked_after_the_work_and_before_the_commit(banco: Engine, dry_run: bool) -> None:
    told: list[str] = []

    def alive() -> None:
        assert stored(banco) == 0
        told.append("checked")

    with Writer(banco, alive, dry_run=dry_run).transaction("vendas") as connection:
        execute(connection, WRITTEN)
        told.append("worked")
    assert told == ["worked", "checked"]
    assert stored(banco) == (0 if dry_run else 1)


def test_a_lock_that_is_lost_while_the_run_works_leaves_nothing_of_the_work(banco: Engine) -> None:
    lost = False

    def alive() -> None:
        if lost:
            raise LockLost("a trava caiu")

    with pytest.raises(LockLost), Writer(banco, alive).transaction("vendas") as connection:
        execute(connection, WRITTEN)
        lost = True
    assert stored(banco) == 0


def test_what_is_prepared_does_not_wait_for_another_run_that_writes_in_the_domain(banco: Engine) -> None:
    told: list[str] = []
    prepared = threading.Event()

    def write() -> None:
        with Writer(banco, lambda: None).transaction("vendas", lambda _: prepared.set()) as connection:
            told.append("second")
            execute(connection, WRITTEN)

    second = threading.Thread(target=write)
    with Writer(banco, lambda: None).transaction("vendas"):
        second.start()
        assert prepared.wait(60)
        told.append("first")
    second.join(60)
    assert told == ["first", "second"]
    assert stored(banco) == 1
