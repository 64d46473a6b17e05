"""What a target takes from its table, what it compares, and rows that come out of a query."""

import pytest
from sample_table import TARGET, create, later, row, stored
from sqlalchemy import BigInteger, Column, Engine, MetaData, String, Table, UniqueConstraint

from blocks.banco import BancoRejected, Target, merge, stage_query, upsert

THEIRS = {"owner": "pessoas"}


def table(*more: Column[str] | UniqueConstraint, schema: str | None = None) -> Table:
    return Table(
        "amostra",
        MetaData(),
        Column("id", BigInteger, primary_key=True, info={"owner": "registro"}),
        Column("chave", String(10)),
        Column("texto", String),
        Column("nota", String, info=THEIRS),
        *more,
        schema=schema,
    )


def test_a_target_has_every_column_but_those_of_others() -> None:
    made = Target.of(table(UniqueConstraint("chave"), schema="tiny"), version="texto", stamps={"nota": "now()"})
    assert made == Target("tiny.amostra", ("chave",), ("chave", "texto"), "texto", stamps={"nota": "now()"})


def test_its_key_is_the_only_constraint_of_its_own_columns() -> None:
    other = Column("outra", String, unique=True, info=THEIRS)
    assert Target.of(table(other, UniqueConstraint("texto", "chave"), UniqueConstraint("chave", "nota"))).key == (
        "texto",
        "chave",
    )


def test_a_table_s_primary_key_serves_where_the_source_gives_it() -> None:
    given = Table("contatos", MetaData(), Column("numero", BigInteger, primary_key=True), Column("nome", String))
    assert Target.of(given).key == ("numero",)


@pytest.mark.parametrize("unique", [(), ("chave", "texto")])
def test_a_key_that_the_table_does_not_tell_has_to_be_said(unique: tuple[str, ...]) -> None:
    undecided = table(*map(UniqueConstraint, unique))
    with pytest.raises(ValueError, match="amostra"):
        Target.of(undecided)
    assert Target.of(undecided, key=("texto",)).key == ("texto",)


def test_the_id_that_a_row_keeps_about_itself_is_a_key_if_it_is_said() -> None:
    made = Target.of(table(UniqueConstraint("chave")), key=("id",))
    assert (made.key, made.columns) == (("id",), ("id", "chave", "texto"))


def test_rows_of_a_query_are_merged_like_any_others(banco: Engine) -> None:
    create(banco)
    query = (
        "SELECT 't' || n AS texto, 'K' || n AS chave, n AS valor, 1 AS dono, 'n' AS nome, true AS ativo, "
        "%(versao)s AS versao FROM generate_series(1, %(quantas)s) n -- by name, in whatever order"
    )
    for last, expected in ((2, (2, 0, 0)), (3, (1, 0, 2))):
        with banco.begin() as connection:
            stage_query(connection, TARGET, query, versao=later(0), quantas=last)
            assert merge(connection, TARGET) == expected
    assert stored(banco, "texto, valor::int")["K2"] == {"texto": "t2", "valor": 2}


def test_a_value_of_a_query_that_does_not_fit_is_rejected(banco: Engine) -> None:
    create(banco)
    query = "SELECT 'K' AS chave, 1 AS dono, 't' AS texto, 1e9 AS valor, 'n' AS nome, true AS ativo, now() AS versao"
    with banco.begin() as connection, pytest.raises(BancoRejected, match="22003"):
        stage_query(connection, TARGET, query)


LOOSE = Target(TARGET.table, TARGET.key, TARGET.columns, along=("versao", "nome"))


def test_what_is_written_along_makes_no_change_and_holds_none_up(banco: Engine) -> None:
    create(banco)
    with banco.begin() as connection:
        upsert(connection, LOOSE, [row(versao=later(5))])
        assert upsert(connection, LOOSE, [row(versao=later(9), nome="outro")]).inalterados == 1
        assert stored(connection, "nome") == {"A": "n"}
        assert upsert(connection, LOOSE, [row(versao=later(1), nome="outro", texto="novo")]).atualizados == 1
        assert stored(connection, "nome, versao")["A"] == {"nome": "outro", "versao": later(1)}


SUGGESTING = Target(TARGET.table, TARGET.key, TARGET.columns, suggestions={"nome": "texto"})


def test_a_suggestion_follows_until_a_person_sets_another_value(banco: Engine) -> None:
    create(banco)
    with banco.begin() as connection:
        for said in ("um", "dois"):
            upsert(connection, SUGGESTING, [row(nome=said, texto=said)])
            assert stored(connection, "nome") == {"A": said}
        connection.exec_driver_sql("UPDATE amostra SET nome = 'de uma pessoa'")
        assert upsert(connection, SUGGESTING, [row(nome="dois", texto="dois")]).inalterados == 1
        assert upsert(connection, SUGGESTING, [row(nome="três", texto="três")]).atualizados == 1
        assert stored(connection, "nome, texto")["A"] == {"nome": "de uma pessoa", "texto": "três"}
