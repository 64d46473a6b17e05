"""The tables and views of schema `tiny`."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError


@pytest.fixture
def filled(tiny_banco: Engine) -> Engine:
    with tiny_banco.begin() as connection:
        connection.execute(text("TRUNCATE tiny.ordens_servico CASCADE"))
        connection.execute(text("DELETE FROM public.import_failures"))
        connection.execute(
            text(
                """
                INSERT INTO tiny.ordens_servico (id, numero_ordem_servico, situacao, data_conclusao) VALUES
                    (3000000001, '1', 3, '2026-01-05'), (2, '2', 3, '2026-01-06'), (3, '3', 3, NULL), (4, '4', 0, NULL);
                INSERT INTO tiny.ordem_status_history (id_os, status_antigo, status_novo, changed_at, origem) VALUES
                    (3000000001, NULL, 6, '2026-02-01T12:00Z', 'teste'),
                    (3000000001, 6, 3, '2026-02-03T01:00Z', 'teste'),
                    (3000000001, 3, 6, '2026-02-04T12:00Z', 'teste'),
                    (3000000001, 6, 3, '2026-02-05T12:00Z', 'teste'),
                    (2, NULL, 3, '2026-02-01T12:00Z', 'teste'),
                    (3, NULL, 3, '2026-02-01T12:00Z', 'teste'),
                    (4, NULL, 0, '2026-02-01T12:00Z', 'teste');
                INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload, status) VALUES
                    ('tiny_os', 3000000001, 3000000001, 'x', '{"id": 1}', 'pendente'),
                    ('tinyos', 5, 5, 'x', '{}', 'pendente'), ('carteira', 6, 6, 'x', '{}', 'pendente');
                """
            )
        )
    return tiny_banco


def test_when_an_order_finished_comes_from_what_we_saw_where_we_saw_it(filled: Engine) -> None:
    with filled.begin() as connection:
        found = connection.execute(text("SELECT id_os, concluida_em::text, fonte FROM tiny.conclusoes ORDER BY 1"))
        assert [tuple(row) for row in found] == [
            (2, "2026-01-06", "tiny"),
            (3, "2026-02-01", "primeira_leitura"),
            (3000000001, "2026-02-02", "historico"),
        ]


def test_tiny_import_failures_shows_the_failures_of_tinys_entities(filled: Engine) -> None:
    with filled.begin() as connection:
        found = connection.execute(text("SELECT * FROM tiny.import_failures")).mappings().all()
    columns = ["id_ordem", "primeira_tentativa", "ultima_tentativa", "erro", "tentativas", "resolvido", "dados_api"]
    assert [(list(row), row["id_ordem"], row["resolvido"]) for row in found] == [(columns, 3000000001, False)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO tiny.ordens_servico (id, situacao) VALUES (9, 8)",
        "INSERT INTO tiny.ordem_status_history (id_os, status_antigo, status_novo, origem) VALUES (2, 3, 3, 'x')",
        "INSERT INTO tiny.ordem_status_history (id_os, status_novo, origem) VALUES (99, 3, 'x')",
    ],
)
def test_the_database_refuses_what_cannot_be(filled: Engine, statement: str) -> None:
    with pytest.raises(IntegrityError), filled.begin() as connection:
        connection.execute(text(statement))
