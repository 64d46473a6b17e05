"""The historical load: month by month, resuming where it stopped, and again where somebody asks for it."""

from functools import partial
from typing import Any

import pytest

from flows.run.errors import BadParameters
from flows.tiny_os.carga_historica import CARGA, Progress, load_history, months
from flows.tiny_os.falhas import FALHAS, retry
from tests.flows.tiny_os.conftest import SimulatedAccount, balanced

SPAN = ("2024-11", "2026-10")
"""24 months, the last of which is over."""

TABLES = ("contatos", "enderecos", "categorias_os", "formas_pagamento")


def load(simulated: SimulatedAccount, *span: str, told: list[Progress] | None = None, again: bool = False) -> Any:
    wanted = months(*(span or SPAN))
    progress = [] if told is None else told
    return simulated.run(partial(load_history, wanted=wanted, tell=progress.append, again=again), CARGA)


def contents(simulated: SimulatedAccount) -> list[Any]:
    """All that a load stores, without the times at which it stored it."""
    orders = (
        "SELECT to_jsonb(o) - 'data_extracao' - 'verificado_em' - 'leitura' FROM tiny.ordens_servico o ORDER BY id",
        "SELECT id_os, status_antigo, status_novo, origem FROM tiny.ordem_status_history ORDER BY 1, 3",
        "SELECT id_os, descricao FROM tiny.ordem_servico_marcadores JOIN tiny.marcadores ON id = id_marcador "
        "ORDER BY 1, 2",
        "SELECT entidade FROM sync_metadata ORDER BY 1",
        "SELECT documento_id, erro FROM import_failures ORDER BY 1",
        *(f"SELECT to_jsonb(t) - 'data_extracao' FROM tiny.{each} t ORDER BY 1" for each in TABLES),
    )
    return [simulated.rows(each) for each in orders]


def clear(simulated: SimulatedAccount) -> None:
    tables = ("ordens_servico", *TABLES, "marcadores", "ordem_servico_marcadores", "ordem_status_history")
    simulated.do(f"TRUNCATE {', '.join(f'tiny.{each}' for each in tables)}, sync_metadata, import_failures CASCADE")


def test_months_are_loaded_in_turn_with_checkpoints_and_progress(simulated: SimulatedAccount) -> None:
    told: list[Progress] = []
    report = load(simulated, told=told)
    assert balanced(report.counts)
    in_span = {each["id"] for each in simulated.orders() if "2024-11" <= each["data"][:7] <= "2026-10"}
    assert {order_id for (order_id,) in simulated.rows("SELECT id FROM tiny.ordens_servico")} == in_span
    assert [each.month for each in told] == [f"{year}-{month:02d}" for year, month in months(*SPAN)]
    assert (told[-1].done, told[-1].total, told[-1].left) == (24, 24, 0)
    assert told[0].left > 0
    assert simulated.tiny.control("calls")["concurrent"] <= 5
    assert simulated.value("SELECT count(*) FROM sync_metadata WHERE entidade LIKE 'tiny_carga:%%'") == 24
    simulated.tiny.control("reset")
    again = load(simulated)
    assert (again.notes["meses_ja_carregados"], simulated.calls()) == (24, {"listas": 0, "detalhes": 0})


def test_the_present_month_gets_no_checkpoint(simulated: SimulatedAccount) -> None:
    load(simulated, "2026-10", "2026-11")
    assert simulated.rows("SELECT entidade FROM sync_metadata") == [("tiny_carga:2026-10",)]


def test_months_loaded_before_are_read_again_when_asked_for(simulated: SimulatedAccount) -> None:
    load(simulated, "2026-09", "2026-10")
    simulated.tiny.control("reset")
    assert load(simulated, "2026-09", "2026-10").counts.documentos == 0
    order_id, other = (each["id"] for each in simulated.orders() if each["data"].startswith("2026-10"))
    simulated.tiny.control("change", id=order_id, equipamento="Torno")  # which no list shows
    bad, loaded = "SELECT status FROM import_failures", simulated.value("SELECT count(*) FROM tiny.ordens_servico")
    report = load(simulated, "2026-09", "2026-10", again=True)
    assert (report.counts.documentos, report.counts.atualizados) == (loaded, 1)
    assert balanced(report.counts)
    assert report.notes["meses_ja_carregados"] == 0
    simulated.tiny.control("change", id=other, totalPecas="muito")
    assert load(simulated, "2026-10", "2026-10", again=True).counts.rejeitados == 1
    simulated.tiny.control("change", id=other, totalPecas="1.00")
    assert load(simulated, "2026-10", "2026-10").counts.documentos == 0
    assert (
        load(simulated, "2026-10", "2026-10", again=True).counts.atualizados == 1
    )  # out of quarantine before its time
    assert simulated.rows(bad) == [("resolvido",)]


def test_a_load_that_tiny_stops_goes_on_next_time(simulated: SimulatedAccount) -> None:
    load(simulated)
    undisturbed = contents(simulated)
    clear(simulated)
    simulated.tiny.control("reset")
    simulated.tiny.control("faults", kind="503", times=1000, path="/ordem-servico/*")
    report = load(simulated)
    assert report.stopped
    assert (
        simulated.value("SELECT count(*) FROM sync_metadata") <= 2
    )  # small months, all whose orders are in quarantine
    simulated.tiny.control("reset")
    simulated.client._sender._breaker.succeeded()
    assert load(simulated).stopped is None
    simulated.do("UPDATE import_failures SET proxima_tentativa = now()")
    simulated.run(retry, FALHAS)
    assert simulated.value("SELECT count(*) FROM import_failures WHERE status <> 'resolvido'") == 0
    assert contents(simulated)[0] == undisturbed[0]


@pytest.mark.parametrize("span", [("2024-13", "2024-12"), ("2024-5", "2024-12"), ("2024-06", "2024-05"), ("", "x")])
def test_wrong_months_are_refused(span: tuple[str, str]) -> None:
    with pytest.raises(BadParameters, match="de="):
        months(*span)


def test_both_ends_are_included() -> None:
    assert months("2023-11", "2024-02") == [(2023, 11), (2023, 12), (2024, 1), (2024, 2)]
