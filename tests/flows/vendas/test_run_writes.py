"""What a run writes, and above all what it leaves alone."""

from typing import Any

import pytest

from flows.dominios import vendas
from tests.flows.conftest import House

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

BOOKKEEPING = {"log_integracao", "log_integracao_dia", "sync_metadata", "alembic_version"}
"""What a run without changes still writes: that it ran, and up to where."""

TYPED = {
    "carteira_principal": {
        "expedicao": "2026-12-24",
        "data_entrega": "2026-12-28",
        "agendamento": "2026-12-27",
        "hora_agendamento": "14:30",
        "agendamento_confirmado": "true",
        "forma_agendamento": "portal",
        "protocolo": "PROT-77",
        "roteirizacao": "rota 9",
        "separacao_lote_id": "LOTE-1",
        "importante": "true",
        "created_by": "maria",
    },
    "faturamento_produtos": {"status_processamento": "SEM_LOTE", "created_by": "maria"},
    "relatorio_faturamento_importado": {"cnpj_transportadora": "11.111.111/0001-11", "codigo_ibge": "4300"},
    "cadastro_palletizacao": {"palletizacao": "42", "peso_bruto": "7.5", "produto_comprado": "true"},
}
"""Columns that people fill, by table."""


def tables(house: House) -> list[str]:
    return [
        name
        for (name,) in house.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        if name not in BOOKKEEPING
    ]


def snapshot(house: House) -> dict[str, list[Any]]:
    """Every row with the transaction that wrote it."""
    return {name: sorted(house.rows(f"SELECT xmin::text, ctid::text, t::text FROM {name} t")) for name in tables(house)}


def test_what_people_typed_survives_changes_of_the_same_rows(house: House) -> None:
    house.completed(vendas)
    for table, typed in TYPED.items():
        changes = ", ".join(f"{column} = '{value}'" for column, value in typed.items())
        house.do(f"UPDATE {table} SET {changes}")
    orders = house.rpc("sale.order", "search", [])
    house.rpc("sale.order", "write", orders, {"client_order_ref": "MUDOU"})
    invoices = house.rpc("account.move", "search", [["move_type", "=", "out_invoice"], ["name", "!=", "/"]])
    house.rpc("account.move", "write", invoices, {"invoice_user_id": 7})
    results = house.completed(vendas)
    assert results["carteira"]["atualizados"] == house.value("SELECT count(*) FROM carteira_linha") > 0
    assert results["faturamento"]["atualizados"] == house.value("SELECT count(*) FROM faturamento_linha") > 0
    assert house.rows("SELECT DISTINCT pedido_cliente FROM carteira_principal") == [("MUDOU",)]
    for table, typed in TYPED.items():
        kept = " AND ".join(f"{column} = '{value}'" for column, value in typed.items())
        assert house.value(f"SELECT count(*) FROM {table} WHERE NOT ({kept})") == 0
        assert house.value(f"SELECT count(*) FROM {table}") > 0


def test_a_run_without_changes_writes_nothing(house: House) -> None:
    house.skip(days=1)  # every version is older than the overlap when it is read
    house.completed(vendas)
    before = snapshot(house)
    assert len(before["carteira_principal"]) > 100
    listed = house.completed(vendas, janela_minutos=5_000_000)
    assert listed["carteira"]["assentados"] == len(before["carteira_linha"])
    numbers = [row["name"] for row in house.rpc("sale.order", "search_read", [], fields=["name"])]
    read = house.completed(vendas, documentos=numbers)
    for result in (*listed.values(), *read.values()):
        assert (result["novos"], result["atualizados"], result["removidos"]) == (0, 0, 0)
        assert not any(result["efeitos"].values())
    assert read["carteira"]["efeitos"] and read["faturamento"]["efeitos"]
    assert read["carteira"]["inalterados"] == len(before["carteira_linha"])
    assert read["faturamento"]["inalterados"] == len(before["faturamento_linha"])
    assert snapshot(house) == before


def test_a_dry_run_leaves_no_row_anywhere_and_returns_what_a_real_run_would_write(house: House) -> None:
    """Not even in log_integracao or sync_metadata. Only the identity sequences have moved on."""
    dry = house.completed(vendas, dry_run=True)
    assert {name: house.value(f"SELECT count(*) FROM {name}") for name in tables(house)} == dict.fromkeys(
        tables(house), 0
    )
    assert house.value("SELECT count(*) FROM log_integracao") == house.value("SELECT count(*) FROM sync_metadata") == 0
    real = house.completed(vendas)
    for entity, counted in ("carteira", dry), ("faturamento", dry):
        names = ("documentos", "lidos", "novos", "ignorados", "rejeitados", "motivos")
        assert [counted[entity][each] for each in names] == [real[entity][each] for each in names]
    assert dry["carteira"]["novos"] == house.value("SELECT count(*) FROM carteira_linha") > 0


def test_a_dry_run_beside_stored_rows_changes_none_of_them(house: House) -> None:
    house.completed(vendas)
    house.rpc("sale.order", "write", [5, 7], {"client_order_ref": "SÓ SIMULADO"})
    cancelled = house.rpc("sale.order", "create", {"partner_id": 20})
    house.rpc("sale.order", "unlink", [cancelled])
    before, logged = snapshot(house), house.value("SELECT count(*) FROM log_integracao")
    checkpoint = house.checkpoint()
    assert house.completed(vendas, dry_run=True)["carteira"]["atualizados"] == 5
    assert snapshot(house) == before
    assert house.value("SELECT count(*) FROM log_integracao") == logged
    assert house.checkpoint() == checkpoint
