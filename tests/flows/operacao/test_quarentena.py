"""What operators see of the quarantine and decide about it, without SQL."""

import json

import pytest
from sqlalchemy import Engine

from blocks.banco import execute, fetch, transaction
from flows.operacao.quarentena import main
from flows.run.quarantine import Rejected, due, put, resolve, unresolved


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)


@pytest.fixture
def kept(engine: Engine) -> dict[str, int]:
    """Three lines in quarantine, by their documents' numbers: one new, one that waits for a person, one of Tiny."""
    with transaction(engine) as connection:
        put(connection, "carteira", [_line(1, "VSC0001"), _line(2, "VSC0002")])
        put(connection, "tiny_os", [_line(3, "OS-3")])
        execute(connection, "UPDATE import_failures SET status = 'esgotado', tentativas = 5 WHERE documento_id = 2")
        return {number: key for key, number in fetch(connection, "SELECT id, documento FROM import_failures")}


def _line(document: int, number: str) -> Rejected:
    return Rejected(document, document, number, f"o produto de {number} não tem código", {"produto": "Palmito"})


def row(engine: Engine, key: int) -> dict[str, object]:
    names = ("status", "tentativas", "payload", "erro", "devida")
    with transaction(engine) as connection:
        [found] = fetch(
            connection,
            "SELECT status, tentativas, payload, erro, proxima_tentativa <= now() FROM import_failures "
            "WHERE id = %(id)s",
            id=key,
        )
    return dict(zip(names, found, strict=True))


def test_what_waits_for_a_person_is_listed_first(kept: dict[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["listar"]) == 0
    said = capsys.readouterr().out
    assert "3 registros em quarentena" in said
    assert said.index("VSC0002") < said.index("OS-3")
    assert f"{kept['VSC0002']}" in said
    assert "o produto de VSC0001 não tem código" in said
    assert main(["listar", "--esgotados", "--entidade", "carteira", "--json"]) == 0
    [one] = json.loads(capsys.readouterr().out)
    assert (one["id"], one["documento"], one["tentativas"]) == (kept["VSC0002"], "VSC0002", 5)


@pytest.mark.usefixtures("kept")
def test_a_long_list_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["listar", "--limite", "1"]) == 0
    assert "mostrados 1 de 3" in capsys.readouterr().out


def test_an_empty_quarantine_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["listar"]) == 0
    assert capsys.readouterr().out == "Nada em quarentena.\n"


def test_one_is_shown_with_what_was_read(kept: dict[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mostrar", str(kept["VSC0001"])]) == 0
    said = capsys.readouterr().out
    assert "documento: VSC0001\n" in said
    assert '"produto": "Palmito"' in said


def test_what_is_tried_again_is_due_for_the_next_run(
    engine: Engine, kept: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tentar", str(kept["VSC0002"])]) == 0
    with transaction(engine) as connection:
        assert due(connection, "carteira") == [2]
    assert row(engine, kept["VSC0002"])["status"] == "esgotado"
    said = capsys.readouterr().out
    assert f"{kept['VSC0002']} carteira VSC0002: será tentado na próxima execução\n" in said
    assert "sincronia executar carteira\n" in said


def test_all_of_an_entity_are_tried_again(
    engine: Engine, kept: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction(engine) as connection:
        put(connection, "tiny_os", [_line(4, "OS-4")])
        resolve(connection, "tiny_os", [4], [])
    assert main(["tentar", "--entidade", "tiny_os"]) == 0
    assert row(engine, kept["OS-3"])["devida"]
    assert not row(engine, kept["VSC0001"])["devida"]
    with transaction(engine) as connection:
        assert due(connection, "tiny_os") == [3]  # and not what is resolved
    assert "sincronia executar tiny-falhas\n" in capsys.readouterr().out


def test_what_is_given_up_is_neither_counted_nor_tried_and_keeps_the_reason(
    engine: Engine, kept: dict[str, int]
) -> None:
    assert main(["desistir", str(kept["VSC0001"]), "--motivo", "pedido de teste"]) == 0
    assert row(engine, kept["VSC0001"]) == {
        "status": "resolvido",
        "tentativas": 1,
        "payload": {},
        "erro": "o produto de VSC0001 não tem código — desistência: pedido de teste",
        "devida": None,
    }
    with transaction(engine) as connection:
        assert unresolved(connection, "carteira") == [2]
        put(connection, "carteira", [_line(1, "VSC0001")])  # it has changed, and still does not fit
    assert row(engine, kept["VSC0001"])["status"] == "pendente"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["mostrar", "999"], "Não há na quarentena o id 999"),
        (["desistir", "999", "--motivo", "x"], "Não há na quarentena o id 999"),
        (["tentar"], "Informe os ids de listar, ou --entidade"),
        (["tentar", "--entidade", "pedidos"], "pedidos não tem nada em quarentena; têm: carteira, tiny_os"),
        (["listar", "--entidade", "pedidos"], "pedidos não tem nada em quarentena; têm: carteira, tiny_os"),
    ],
)
@pytest.mark.usefixtures("kept")
def test_what_is_not_in_quarantine_is_refused(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(told)


def test_one_that_is_resolved_already_is_refused_and_nothing_is_changed(
    engine: Engine, kept: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction(engine) as connection:
        resolve(connection, "carteira", [1], [])
    assert main(["tentar", str(kept["VSC0002"]), str(kept["VSC0001"])]) == 2
    assert capsys.readouterr().err == f"Já resolvido: {kept['VSC0001']}; nada foi mudado\n"
    assert not row(engine, kept["VSC0002"])["devida"]
