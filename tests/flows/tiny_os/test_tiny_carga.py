"""The historical load: month by month, resuming where it stopped, and again where somebody asks for it."""

from functools import partial
from typing import Any

import pytest

from flows.run.errors import BadParameters
from flows.tiny_os.carga_historica import CARGA, Progresso, load_history, months
from flows.tiny_os.falhas import FALHAS, retry
from tests.flows.tiny_os.conftest import Conta, balanced

SPAN = ("2024-11", "2026-10")
"""24 months, the last of which is over."""

TABLES = ("contatos", "enderecos", "categorias_os", "formas_pagamento")


def load(conta: Conta, *span: str, told: list[Progresso] | None = None, again: bool = False) -> Any:
    wanted = months(*(span or SPAN))
    progress = [] if told is None else told
    return conta.run(partial(load_history, wanted=wanted, tell=progress.append, again=again), CARGA)


def contents(conta: Conta) -> list[Any]:
    """All that a load leaves, but for the moments at which it did."""
    orders = (
        "SELECT to_jsonb(o) - 'data_extracao' - 'verificado_em' FROM tiny.ordens_servico o ORDER BY id",
        "SELECT id_os, status_antigo, status_novo, origem FROM tiny.ordem_status_history ORDER BY 1, 3",
        "SELECT id_os, descricao FROM tiny.ordem_servico_marcadores JOIN tiny.marcadores ON id = id_marcador "
        "ORDER BY 1, 2",
        "SELECT entidade FROM sync_metadata ORDER BY 1",
        "SELECT documento_id, erro FROM import_failures ORDER BY 1",
        *(f"SELECT to_jsonb(t) - 'data_extracao' FROM tiny.{each} t ORDER BY 1" for each in TABLES),
    )
    return [conta.rows(each) for each in orders]


def clear(conta: Conta) -> None:
    tables = ("ordens_servico", *TABLES, "marcadores", "ordem_servico_marcadores", "ordem_status_history")
    conta.do(f"TRUNCATE {', '.join(f'tiny.{each}' for each in tables)}, sync_metadata, import_failures CASCADE")


def test_months_are_loaded_in_turn_with_checkpoints_and_progress(conta: Conta) -> None:
    told: list[Progresso] = []
    report = load(conta, told=told)
    assert balanced(report.counts)
    in_span = {each["id"] for each in conta.orders() if "2024-11" <= each["data"][:7] <= "2026-10"}
    assert {number for (number,) in conta.rows("SELECT id FROM tiny.ordens_servico")} == in_span
    assert [each.mes for each in told] == [f"{year}-{month:02d}" for year, month in months(*SPAN)]
    assert (told[-1].feitos, told[-1].total, told[-1].resto) == (24, 24, 0)
    assert told[0].resto > 0
    assert conta.tiny.control("calls")["concurrent"] <= 5
    assert conta.value("SELECT count(*) FROM sync_metadata WHERE entidade LIKE 'tiny_carga:%%'") == 24
    conta.tiny.control("reset")
    again = load(conta)
    assert (again.notes["meses_ja_carregados"], conta.calls()) == (24, {"listas": 0, "detalhes": 0})


def test_the_present_month_gets_no_checkpoint(conta: Conta) -> None:
    load(conta, "2026-10", "2026-11")
    assert conta.rows("SELECT entidade FROM sync_metadata") == [("tiny_carga:2026-10",)]


def test_months_loaded_before_are_read_again_when_asked_for(conta: Conta) -> None:
    load(conta, "2026-09", "2026-10")
    conta.tiny.control("reset")
    assert load(conta, "2026-09", "2026-10").counts.documentos == 0
    number, other = (each["id"] for each in conta.orders() if each["data"].startswith("2026-10"))
    conta.tiny.control("change", id=number, equipamento="Torno")  # which no list shows
    bad, loaded = "SELECT status FROM import_failures", conta.value("SELECT count(*) FROM tiny.ordens_servico")
    report = load(conta, "2026-09", "2026-10", again=True)
    assert (report.counts.documentos, report.counts.atualizados) == (loaded, 1)
    assert balanced(report.counts)
    assert report.notes["meses_ja_carregados"] == 0
    conta.tiny.control("change", id=other, totalPecas="muito")
    assert load(conta, "2026-10", "2026-10", again=True).counts.rejeitados == 1
    conta.tiny.control("change", id=other, totalPecas="1.00")
    assert load(conta, "2026-10", "2026-10").counts.documentos == 0
    assert load(conta, "2026-10", "2026-10", again=True).counts.atualizados == 1  # out of quarantine before its time
    assert conta.rows(bad) == [("resolvido",)]


def test_a_load_that_tiny_stops_goes_on_next_time(conta: Conta) -> None:
    load(conta)
    undisturbed = contents(conta)
    clear(conta)
    conta.tiny.control("reset")
    conta.tiny.control("faults", kind="503", times=1000, path="/ordem-servico/*")
    report = load(conta)
    assert report.stopped
    assert conta.value("SELECT count(*) FROM sync_metadata") <= 2  # small months, all whose orders are in quarantine
    conta.tiny.control("reset")
    conta.client._sender._breaker.succeeded()
    assert load(conta).stopped is None
    conta.do("UPDATE import_failures SET proxima_tentativa = now()")
    conta.run(retry, FALHAS)
    assert conta.value("SELECT count(*) FROM import_failures WHERE status <> 'resolvido'") == 0
    assert contents(conta)[0] == undisturbed[0]


@pytest.mark.parametrize("span", [("2024-13", "2024-12"), ("2024-5", "2024-12"), ("2024-06", "2024-05"), ("", "x")])
def test_wrong_months_are_refused(span: tuple[str, str]) -> None:
    with pytest.raises(BadParameters, match="de="):
        months(*span)


def test_both_ends_are_included() -> None:
    assert months("2023-11", "2024-02") == [(2023, 11), (2023, 12), (2024, 1), (2024, 2)]
