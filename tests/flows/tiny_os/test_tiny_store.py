"""How a batch is stored, on a real database, without Tiny."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine

from flows.run.counts import Counts
from flows.run.writer import Writer
from flows.tiny_os.listed import WantedOrder, listed_order
from flows.tiny_os.statements import TINY
from flows.tiny_os.store import GONE, STATUS_CHANGES, Batch, ReadOrder, correct_statuses, store
from tests.flows.tiny_os.test_tiny_mapping import CUSTOMER, detail, line

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def writer(engine: Engine) -> Writer:
    return Writer(engine, lambda: None)


READS = count(1)
"""Numbers of reads, in the order in which they begin."""


def read(order_id: int = 7, markers: tuple[str, ...] = (), **changes: Any) -> ReadOrder:
    """An order that is read after those before it."""
    told = line(id=order_id, marcadores=[{"descricao": each} for each in markers])
    return ReadOrder(WantedOrder(order_id, listed_order(told)), next(READS), detail(id=order_id, **changes))


def put(
    engine: Engine, *orders: ReadOrder, at: datetime = NOW, origin: str = "tiny-os", dry_run: bool = False
) -> Counts:
    return store(Writer(engine, lambda: None, dry_run=dry_run), Batch(orders, {}, at, origin))


def rows(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


HISTORY = "SELECT id_os, status_antigo, status_novo, origem FROM tiny.ordem_status_history ORDER BY id"


def test_an_order_is_stored_with_all_that_it_names(banco: Engine) -> None:
    counts = put(
        banco,
        read(
            2**31 + 1,
            ("campo", 'o "outro" \\'),
            desconto="15%",
            categoria={"id": 3, "descricao": "Instalação"},
            formaRecebimento={"id": 4, "nome": "Pix"},
            vendedor={"id": 9},
        ),
    )
    assert (counts.documentos, counts.novos, counts.rejeitados) == (1, 1, 0)
    columns = "id, situacao, desconto, desconto_percentual::int, id_vendedor, marcadores, verificado_em"
    assert rows(banco, f"SELECT {columns} FROM tiny.ordens_servico") == [
        (2**31 + 1, 3, "15%", 15, 9, ["campo", 'o "outro" \\'], NOW)
    ]
    assert rows(banco, "SELECT id, nome, tipo_pessoa FROM tiny.contatos") == [(650, "Ana", "J")]
    assert rows(banco, "SELECT id_contato, cep FROM tiny.enderecos") == [(650, "89200-000")]
    assert rows(banco, "SELECT * FROM tiny.categorias_os") == [(3, "Instalação")]
    assert rows(banco, "SELECT * FROM tiny.formas_pagamento") == [(4, "Pix")]
    assert rows(banco, "SELECT dados_api ->> 'desconto' FROM tiny.ordens_servico") == [("15%",)]
    linked = "SELECT descricao FROM tiny.marcadores JOIN tiny.ordem_servico_marcadores ON id = id_marcador ORDER BY 1"
    assert rows(banco, linked) == [("campo",), ('o "outro" \\',)]
    put(banco, read(2**31 + 1, ("campo",)), at=NOW + timedelta(1))
    assert rows(banco, linked) == [("campo",)]
    put(
        banco, ReadOrder(WantedOrder(2**31 + 1), next(READS), detail(id=2**31 + 1)), at=NOW + timedelta(2)
    )  # no list, no word on markers
    assert rows(banco, linked) == [("campo",)]


def test_a_status_and_its_history_are_one_transaction(banco: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert put(banco, read(situacao="5")).efeitos == {STATUS_CHANGES: 0}
    assert put(banco, read(situacao="3"), at=NOW + timedelta(1), origin="x").efeitos == {STATUS_CHANGES: 1}
    put(banco, read(situacao="3"), at=NOW + timedelta(2))
    told = [(7, None, 5, "tiny-os"), (7, 5, 3, "x")]
    assert rows(banco, HISTORY) == told
    assert rows(banco, "SELECT changed_at FROM tiny.ordem_status_history ORDER BY id DESC LIMIT 1") == [
        (NOW + timedelta(1),)
    ]
    broken = {**TINY, "historico": "SELECT 1 / 0"}
    monkeypatch.setattr("flows.tiny_os.store.TINY", broken)
    with pytest.raises(Exception, match="zero"):
        put(banco, read(situacao="7"), at=NOW + timedelta(3))
    assert rows(banco, "SELECT situacao FROM tiny.ordens_servico") == [(3,)]
    assert rows(banco, HISTORY) == told


def test_an_empty_answer_overwrites_nothing(banco: Engine) -> None:
    full = {
        "equipamentoSerie": "SN-1",
        "tecnico": "Rita",
        "desconto": "15%",
        "orcar": True,
        "dataConclusao": "2024-06-01",
    }
    put(banco, read(**full))
    empty = {"equipamentoSerie": "", "tecnico": None, "desconto": "", "orcar": "", "dataConclusao": "0000-00-00"}
    blank = {**CUSTOMER, "cpfCnpj": "", "endereco": {"cep": "", "uf": "SC"}}
    counts = put(banco, read(**empty, contato=blank), at=NOW + timedelta(1))
    assert counts.atualizados == 1  # the raw answer
    columns = "equipamento_serie, tecnico, desconto, desconto_percentual::int, orcar, data_conclusao::text"
    assert rows(banco, f"SELECT {columns} FROM tiny.ordens_servico") == [
        ("SN-1", "Rita", "15%", 15, True, "2024-06-01")
    ]
    assert rows(banco, "SELECT cpf_cnpj FROM tiny.contatos") == [("1",)]
    assert rows(banco, "SELECT cep, uf FROM tiny.enderecos") == [("89200-000", "SC")]
    put(banco, read(desconto="5,00"), at=NOW + timedelta(2))
    assert rows(banco, "SELECT desconto_valor::int, desconto_percentual FROM tiny.ordens_servico") == [(5, None)]


def test_orders_of_a_batch_tell_of_their_contact_together(banco: Engine) -> None:
    vague = {**CUSTOMER, "email": "ana@exemplo.com.br", "cpfCnpj": ""}
    put(banco, read(7), read(8, contato=vague), read(9, contato={"id": 650, "nome": "Ana Lima"}))
    assert rows(banco, "SELECT nome, cpf_cnpj, email FROM tiny.contatos") == [("Ana Lima", "1", "ana@exemplo.com.br")]


def test_unchanged_rows_are_not_written(banco: Engine) -> None:
    orders = (read(7, ("a",)), read(8))
    put(banco, *orders)
    tables = ("ordens_servico", "contatos", "enderecos", "ordem_servico_marcadores", "marcadores")

    def written() -> list[Any]:
        return [rows(banco, f"SELECT xmin::text, ctid::text FROM tiny.{each} ORDER BY 2") for each in tables]

    before = written()
    assert put(banco, *orders).inalterados == 2
    assert written() == before
    put(banco, read(7, ("a",)), at=NOW + timedelta(1))  # checked later, and nothing else
    assert rows(banco, "SELECT id, verificado_em, data_extracao = min(data_extracao) OVER () FROM tiny.ordens_servico "
                "ORDER BY id") == [(7, NOW + timedelta(1), True), (8, NOW, True)]  # fmt: skip
    assert written()[1:] == before[1:]


@pytest.mark.parametrize("ahead", [-26, 0, 26], ids=["behind", "right", "ahead"])
def test_of_two_reads_the_one_that_began_later_stays_whatever_the_clock_said(banco: Engine, ahead: int) -> None:
    earlier, later = read(situacao="5"), read(situacao="3")
    put(banco, later, at=NOW + timedelta(hours=ahead))
    put(banco, earlier)
    stored = "SELECT situacao, verificado_em FROM tiny.ordens_servico"
    assert rows(banco, stored) == [(3, NOW + timedelta(hours=ahead))]
    assert len(rows(banco, HISTORY)) == 1
    put(banco, read(situacao="7"))
    assert rows(banco, stored) == [(7, NOW)]
    assert [new for _, _, new, _ in rows(banco, HISTORY)] == [3, 7]
    moments = "SELECT changed_at = max(changed_at) OVER (ORDER BY id) FROM tiny.ordem_status_history"
    assert rows(banco, moments) == [(True,), (True,)]


def test_a_later_read_that_could_not_be_stored_is_not_hidden_by_an_earlier_one(banco: Engine) -> None:
    put(banco, read(7))
    earlier, later = read(7, situacao="5"), read(7, totalPecas="muito")
    put(banco, later)
    put(banco, earlier)
    assert rows(banco, "SELECT situacao FROM tiny.ordens_servico") == [(3,)]
    assert rows(banco, "SELECT id_ordem, resolvido FROM tiny.import_failures") == [(7, False)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"totalPecas": "muito"},
        {"situacao": "9"},
        {"observacoes": "a\0b"},
        {"totalPecas": "99999999999.00"},
        {"idLocalPrestacao": "x" * 51},
        {"contato": {**CUSTOMER, "id": 651, "cpfCnpj": "9" * 21}},
        {"tecnico": "x" * 256},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_one_bad_order_goes_to_quarantine_and_its_neighbours_are_stored(banco: Engine, wrong: dict[str, Any]) -> None:
    counts = put(banco, read(6), read(7, **wrong), read(8))
    assert (counts.novos, counts.rejeitados) == (2, 1)
    assert rows(banco, "SELECT id FROM tiny.ordens_servico ORDER BY id") == [(6,), (8,)]
    columns = "entidade, documento_id, documento, status, payload -> 'item' ->> 'id', payload ? 'detalhe'"
    assert rows(banco, f"SELECT {columns} FROM import_failures") == [("tiny_os", 7, "12", "pendente", "7", True)]
    assert rows(banco, "SELECT id_ordem, resolvido FROM tiny.import_failures") == [(7, False)]
    put(banco, read(7), at=NOW + timedelta(1))
    assert rows(banco, "SELECT id_ordem, resolvido FROM tiny.import_failures") == [(7, True)]


def test_an_order_that_is_gone_keeps_its_row_and_waits_for_its_next_turn(banco: Engine) -> None:
    put(banco, read(7), read(8))
    later = NOW + timedelta(hours=1)
    counts = store(writer(banco), Batch((), {7: next(READS)}, later, "tiny-os"))
    assert (counts.documentos, counts.motivos) == (1, {GONE: 1})
    columns = "id, verificado_em, excluido_em"
    assert rows(banco, f"SELECT {columns} FROM tiny.ordens_servico ORDER BY id") == [(7, later, None), (8, NOW, None)]


def test_a_dry_run_counts_and_leaves_nothing(banco: Engine) -> None:
    assert put(banco, read(7), read(8, situacao="9"), dry_run=True).novos == 1
    assert rows(banco, HISTORY) == rows(banco, "SELECT 1 FROM import_failures") == []


@pytest.mark.parametrize("ahead", [-26, 0, 26], ids=["behind", "right", "ahead"])
def test_a_status_that_only_the_list_told_is_entered_unless_something_newer_is_known(banco: Engine, ahead: int) -> None:
    put(banco, read(7, situacao="5"), read(8, situacao="5"), at=NOW + timedelta(hours=ahead))
    items = [listed_order(line(id=order_id, situacao="3")) for order_id in (7, 8, 9)]
    before, earlier = next(READS), read(7, situacao="0")
    asked = next(READS)
    put(banco, read(8, situacao="5"), at=NOW - timedelta(hours=ahead))
    assert correct_statuses(writer(banco), items, NOW, "tiny-integridade", asked) == 1
    assert rows(banco, "SELECT id, situacao FROM tiny.ordens_servico ORDER BY id") == [(7, 3), (8, 5)]
    assert rows(banco, HISTORY)[-1] == (7, 5, 3, "tiny-integridade")
    old = [listed_order(line(id=7, situacao="0"))]
    assert correct_statuses(writer(banco), old, NOW, "x", before) == 0  # a list older than that one
    put(banco, earlier)  # and so was this read
    assert rows(banco, "SELECT situacao FROM tiny.ordens_servico WHERE id = 7") == [(3,)]
    assert rows(banco, "SELECT changed_at FROM tiny.ordem_status_history ORDER BY id DESC LIMIT 1") == [
        (max(NOW, NOW + timedelta(hours=ahead)),)
    ]


def test_a_status_that_the_list_shows_as_it_is_stored_is_no_change(banco: Engine) -> None:
    put(banco, read(7, situacao="5"))
    before = rows(banco, HISTORY)
    same = [listed_order(line(id=7, situacao="5"))]
    assert correct_statuses(writer(banco), same, NOW + timedelta(hours=1), "x", next(READS)) == 0
    assert rows(banco, HISTORY) == before
