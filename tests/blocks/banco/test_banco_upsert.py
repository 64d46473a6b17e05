"""What the upsert writes, what it leaves alone, and how it counts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from psycopg2.extensions import cursor
from sample_table import NOON, TARGET, later, places, row, rows, stored, wait_until_blocked
from sqlalchemy import Engine, event, text

from blocks.banco import (
    STAGE,
    BancoRejected,
    Target,
    Written,
    execute,
    fetch,
    open_engine,
    stage_fitting,
    transaction,
    upsert,
    upsert_fitting,
)


def write(engine: Engine, *batch: dict[str, Any], target: Target = TARGET) -> Written:
    with transaction(engine) as connection:
        return upsert(connection, target, batch)


def test_new_changed_and_unchanged_rows_are_counted_apart(banco: Engine) -> None:
    assert write(banco, row("A"), row("B"), row("C")) == Written(novos=3, atualizados=0, inalterados=0)
    changed = row("B", texto="outro")
    assert write(banco, row("A"), changed, row("C"), row("D")) == Written(novos=1, atualizados=1, inalterados=2)
    assert stored(banco, "texto") == {"A": "t", "B": "outro", "C": "t", "D": "t"}


def test_counts_add_up() -> None:
    assert Written(1, 2, 3).plus(Written(10, 20, 30)) == Written(11, 22, 33)


def test_an_unchanged_row_is_not_written_nor_locked(banco: Engine) -> None:
    write(banco, *rows(50))
    before = places(banco)
    assert write(banco, *rows(50)) == (0, 0, 50)
    assert places(banco) == before


def test_only_the_changed_row_is_written(banco: Engine) -> None:
    write(banco, *rows(5))
    before = places(banco)
    write(banco, *rows(4), row("K4", texto="outro"))
    after = places(banco)
    assert {key for key in after if after[key] != before[key]} == {"K4"}


def test_a_newer_version_of_equal_content_is_not_written(banco: Engine) -> None:
    write(banco, row())
    before = places(banco)
    assert write(banco, row(versao=later(5))) == (0, 0, 1)
    assert places(banco) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"texto": None}, {"texto": ""}),
        ({"texto": ""}, {"texto": None}),
        ({"texto": "a"}, {"texto": "a "}),
        ({"texto": "a"}, {"texto": "A"}),
        ({"valor": 1}, {"valor": "1.001"}),
        ({"ativo": True}, {"ativo": False}),
    ],
)
def test_every_difference_counts(banco: Engine, before: dict[str, Any], after: dict[str, Any]) -> None:
    write(banco, row(**before))
    assert write(banco, row(**after)).atualizados == 1
    ((name, value),) = after.items()
    shown = stored(banco, name)["A"]
    assert shown == value if not isinstance(value, str) else str(shown) == value


def test_a_difference_that_the_column_cannot_hold_is_none(banco: Engine) -> None:
    write(banco, row(valor="1.0004"))
    assert write(banco, row(valor="1.00049")) == (0, 0, 1)


def test_a_user_owned_column_survives_an_update(banco: Engine) -> None:
    write(banco, row())
    with transaction(banco) as connection:
        execute(connection, "UPDATE amostra SET anotacao = 'ligar antes'")
    write(banco, row(texto="outro"))
    assert stored(banco, "texto, anotacao")["A"] == {"texto": "outro", "anotacao": "ligar antes"}


def test_the_same_version_with_other_content_is_written(banco: Engine) -> None:
    write(banco, row(texto="antes"))
    assert write(banco, row(texto="depois", versao=NOON)).atualizados == 1


def test_an_older_version_with_other_content_is_written(banco: Engine) -> None:
    write(banco, row(texto="novo", versao=later(5)))
    assert write(banco, row(texto="velho", versao=NOON)) == (0, 1, 0)
    assert stored(banco, "texto, versao")["A"] == {"texto": "velho", "versao": NOON}


def test_a_row_without_a_version_takes_any(banco: Engine) -> None:
    write(banco, row())
    with transaction(banco) as connection:
        execute(connection, "UPDATE amostra SET versao = NULL")
    assert write(banco, row(texto="outro")).atualizados == 1


def test_a_target_without_a_version_takes_the_last_one_written(banco: Engine) -> None:
    write(banco, row(texto="a", versao=later(5)))
    assert write(banco, row(texto="b", versao=NOON), target=replace(TARGET, version=None)).atualizados == 1


def test_stamps_move_only_on_rows_that_are_written(banco: Engine) -> None:
    write(banco, row("A"), row("B"))
    before = stored(banco, "gravado_em")
    write(banco, row("A", texto="outro"), row("B"))
    after = stored(banco, "gravado_em")
    assert after["A"] > before["A"]
    assert after["B"] == before["B"]


def test_what_a_row_begins_with_is_kept_when_it_is_written_again(banco: Engine) -> None:
    numbered = replace(
        TARGET, initial={"dono": "41 + 1"}, columns=tuple(name for name in TARGET.columns if name != "dono")
    )
    write(banco, row("A"), target=numbered)
    with transaction(banco) as connection:
        execute(connection, "UPDATE amostra SET dono = 7")
    assert write(banco, row("A", texto="outro"), row("B"), target=numbered) == (1, 1, 0)
    assert stored(banco, "dono") == {"A": 7, "B": 42}


def test_a_row_refuses_no_document(banco: Engine) -> None:
    write(banco, row(dono=1, versao=later(5)))
    assert write(banco, row(dono=2, texto="tomado", versao=NOON)).atualizados == 1
    assert stored(banco, "dono, texto")["A"] == {"dono": 2, "texto": "tomado"}


def test_a_row_inserted_by_another_session_meanwhile_is_updated_not_duplicated(banco: Engine) -> None:
    """The other insert is invisible to the filter: ON CONFLICT is the fence."""
    with ThreadPoolExecutor(1) as pool, transaction(banco) as own, banco.begin() as other:
        upsert(other, TARGET, [row(texto="da outra")])
        [(pid,)] = fetch(own, "SELECT pg_backend_pid()")
        writing = pool.submit(upsert, own, TARGET, [row(texto="desta"), row("B")])
        wait_until_blocked(banco, pid)
        other.commit()
        assert writing.result(timeout=30) == (1, 1, 0)
    assert stored(banco, "texto") == {"A": "desta", "B": "t"}


BAD = {
    "too long": ({"chave": "X" * 60}, "chave|22001"),
    "overflow": ({"valor": 10**9}, "valor"),
    "no number": ({"valor": "muito"}, "valor"),
    "missing": ({"nome": None}, "nome"),
    "no date": ({"versao": "0000-00-00"}, "versao"),
    "nul": ({"texto": "a\0b"}, "NUL"),
}


@pytest.mark.parametrize(("fault", "named"), BAD.values(), ids=BAD.keys())
def test_a_bad_row_is_set_apart_with_the_column_and_its_neighbours_stored(
    banco: Engine, fault: dict[str, Any], named: str
) -> None:
    batch = [*rows(3), row("K3") | fault, row("K4")]
    with transaction(banco) as connection:
        written, refused = upsert_fitting(connection, TARGET, batch)
    assert written == (4, 0, 0)
    assert list(refused) == [3]
    assert any(word in refused[3] for word in named.split("|"))
    assert set(stored(banco, "nome")) == {"K0", "K1", "K2", "K4"}


def test_a_row_that_is_too_long_is_refused_with_the_name_of_the_column(banco: Engine) -> None:
    with transaction(banco) as connection:
        _, refused = upsert_fitting(connection, TARGET, [row("X" * 60)])
    assert "chave" in refused[0]


def test_all_bad_rows_among_many_are_found_and_only_they(banco: Engine) -> None:
    bad = {0, 1, 7, 150, 151, 199}
    batch = [row(f"K{number}", nome=None if number in bad else "n") for number in range(200)]
    with transaction(banco) as connection:
        written, refused = upsert_fitting(connection, TARGET, batch)
        assert refused.keys() == bad
        assert written == (194, 0, 0)
        assert fetch(connection, "SELECT count(*) FROM amostra") == [(194,)]


def test_rows_that_are_staged_ahead_are_merged_as_they_are(banco: Engine) -> None:
    with transaction(banco) as connection:
        assert stage_fitting(connection, TARGET, rows(3))
        execute(connection, f"UPDATE {STAGE} SET nome = 'do estágio'")
        assert upsert_fitting(connection, TARGET, rows(3), staged=True) == ((3, 0, 0), {})
    assert set(stored(banco, "nome").values()) == {"do estágio"}


def test_a_bad_row_is_found_among_those_that_are_staged_ahead(banco: Engine) -> None:
    batch = [*rows(3), row("K3", nome=None), row("K4")]  # which the stage takes, and the table does not
    with transaction(banco) as connection:
        assert stage_fitting(connection, TARGET, batch)
        written, refused = upsert_fitting(connection, TARGET, batch, staged=True)
    assert (written, list(refused)) == ((4, 0, 0), [3])


def test_a_row_that_the_stage_refuses_leaves_nothing_staged_and_the_transaction_serves(banco: Engine) -> None:
    with transaction(banco) as connection:
        assert not stage_fitting(connection, TARGET, [row("K0"), row("X" * 60)])
        assert upsert(connection, TARGET, rows(2)) == (2, 0, 0)


def test_when_every_row_is_bad_the_transaction_and_its_stage_still_serve(banco: Engine) -> None:
    with transaction(banco) as connection:
        written, refused = upsert_fitting(connection, TARGET, rows(5, nome=None))
        assert (written, sorted(refused)) == ((0, 0, 0), [0, 1, 2, 3, 4])
        assert upsert(connection, TARGET, rows(2)) == (2, 0, 0)


def test_a_fault_of_the_table_is_not_blamed_on_the_rows(banco: Engine) -> None:
    with pytest.raises(Exception, match="42P01"), transaction(banco) as connection:
        upsert_fitting(connection, replace(TARGET, table="nada"), rows(2))


def test_a_constraint_on_somebody_else_s_column_is_named(banco: Engine) -> None:
    with pytest.raises(BancoRejected, match="amostra_anotacao_check"), transaction(banco) as connection:
        execute(connection, "INSERT INTO amostra VALUES ('A', 1, '', 1, 'n', true, NULL, NULL, 'proibida')")


@pytest.fixture
def counted(banco_url: str) -> Iterator[tuple[Engine, list[str]]]:
    """Connections whose statements are noted, COPY included."""
    seen: list[str] = []

    class Noting(cursor):
        def execute(self, query: Any, parameters: Any = None) -> None:
            seen.append(str(query))
            super().execute(query, parameters)

        def copy_expert(self, query: Any, *arguments: Any) -> None:
            seen.append(str(query))
            super().copy_expert(query, *arguments)

    engine = open_engine(banco_url)

    @event.listens_for(engine, "connect")
    def _note(connection: Any, _: object) -> None:
        connection.cursor_factory = Noting

    yield engine, seen
    engine.dispose()


def test_the_number_of_statements_does_not_grow_with_the_rows(banco: Engine, counted: tuple[Engine, list[str]]) -> None:
    engine, seen = counted
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    cost = []
    for count in (1, 2_000):
        seen.clear()
        assert write(engine, *rows(count, texto=f"lote de {count}"))
        cost.append(len(seen))
    assert cost[0] == cost[1] <= 6


def test_a_batch_looks_at_its_own_rows_of_a_table_that_grows(banco: Engine) -> None:
    looked_at = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'amostra'"

    def upserted(batch: list[dict[str, Any]]) -> int:
        with transaction(banco) as connection:
            upsert(connection, TARGET, batch)
            [(number,)] = fetch(connection, looked_at)
        return int(number)

    upserted([row(f"A{number}") for number in range(4_000)])
    assert upserted(rows(1_000)) == 0  # nobody has counted the table's rows yet (ANALYZE)
    assert upserted(rows(1_000, texto="outro")) < 4_000


def test_a_few_bad_rows_cost_logarithmically(banco: Engine, counted: tuple[Engine, list[str]]) -> None:
    engine, seen = counted
    batch = [row(f"K{number}", nome=None if number == 700 else "n") for number in range(1024)]
    with transaction(engine) as connection:
        upsert_fitting(connection, TARGET, batch)
    assert len(seen) < 8 * 2 * 11
