"""Every text arrives through COPY as it was, and what PostgreSQL cannot hold is refused."""

from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_table import TARGET, create, row, rows, stored
from sqlalchemy import Engine

from blocks.banco import BancoRejected, open_engine, stage, transaction, upsert, upsert_fitting
from blocks.banco.copy import CopyText
from demo.postgres import Postgres

NASTY = {
    "tab": "a\tb",
    "line end": "a\nb",
    "carriage return": "a\rb\r\nc",
    "backslash": "C:\\novo\\tabela",
    "looks like NULL": "\\N",
    "looks like the end": "\\.",
    "end alone on a line": "a\n\\.\nb",
    "backslash at the end": "a\\",
    "empty": "",
    "spaces": "  ",
    "the word NULL": "NULL",
    "quotes": 'd\'água "x" `y`',
    "percent": "100% %(a)s",
    "accents": "São João, coração",
    "other planes": "🫒 酢 \u202eoile",
    "odd separators": "a\x0bb\x0cc\x1cd\x85e\u2028f",
    "bell and escape": "\x07\x1b[0m\x08",
}


@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY.keys())
def test_every_text_comes_back_as_it_was(banco: Engine, value: str) -> None:
    with transaction(banco) as connection:
        upsert(connection, TARGET, [row("A", texto=value), row("B", texto="vizinho")])
    assert stored(banco, "texto") == {"A": value, "B": "vizinho"}


def test_any_text_comes_back_as_it_was(banco: Engine) -> None:
    texts = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))), max_size=20)

    @given(texts=texts)
    @settings(
        deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    def check(texts: list[str]) -> None:
        batch = [row(str(number), texto=text) for number, text in enumerate(texts)]
        with banco.connect() as connection:
            upsert(connection, TARGET, batch)
            assert stored(connection, "texto") == {each["chave"]: each["texto"] for each in batch}
            connection.rollback()

    check()


def test_null_and_empty_text_stay_apart(banco: Engine) -> None:
    with transaction(banco) as connection:
        upsert(connection, TARGET, [row("A", texto=None), row("B", texto="")])
    assert stored(banco, "texto") == {"A": None, "B": ""}


def test_numbers_booleans_and_moments_keep_their_value(banco: Engine) -> None:
    exact = row("A", valor=Decimal("0.100"), ativo=False, versao=datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC))
    with transaction(banco) as connection:
        upsert(connection, TARGET, [exact])
    assert stored(banco, "valor, ativo, versao")["A"] == {name: exact[name] for name in ("valor", "ativo", "versao")}
    assert CopyText([{"dia": date(2026, 1, 2)}], ["dia"]).read() == "2026-01-02\n"


def test_nul_is_refused_as_a_value_that_does_not_fit(banco: Engine) -> None:
    with pytest.raises(BancoRejected, match="NUL"), transaction(banco) as connection:
        stage(connection, TARGET, [row(texto="a\0b")])


def test_half_of_a_surrogate_pair_is_refused_as_a_value_that_does_not_fit(banco: Engine) -> None:
    with pytest.raises(BancoRejected), transaction(banco) as connection:
        stage(connection, TARGET, [row(texto="a\ud83d")])


def test_nothing_is_copied_as_nothing(banco: Engine) -> None:
    assert CopyText([], ("a",)).read() == ""
    with transaction(banco) as connection:
        assert upsert(connection, TARGET, []) == (0, 0, 0)


def test_columns_go_in_the_order_asked_for_not_in_the_row_s() -> None:
    assert CopyText([{"b": 2, "a": 1}], ("a", "b")).read() == "1\t2\n"
    assert CopyText(rows(3), TARGET.columns).read().count("\n") == 3


def test_accents_arrive_in_a_database_of_another_encoding(postgres: Postgres) -> None:
    with closing(psycopg2.connect(postgres.dsn())) as connection:
        connection.autocommit = True
        connection.cursor().execute("CREATE DATABASE banco_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    engine = open_engine(postgres.url("banco_latin1"))
    create(engine)
    with transaction(engine) as connection:
        written, refused = upsert_fitting(connection, TARGET, [row("A", texto="São João"), row("B", texto="🫒")])
        assert stored(connection, "texto") == {"A": "São João"}
    assert (written.novos, list(refused)) == (1, [1])
    engine.dispose()
