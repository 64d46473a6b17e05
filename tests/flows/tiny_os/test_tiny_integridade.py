"""The integrity run against the simulator: whatever the windows of the sync cannot show."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from flows.run.counts import Counts
from flows.run.errors import DeletionRefused
from flows.tiny_os import listagem
from flows.tiny_os.gravacao import STATUS_CHANGES
from flows.tiny_os.integridade import DIFFERENT, INTEGRIDADE, UNLISTED, Table, examine
from flows.tiny_os.listagem import Fatia, sweep
from flows.tiny_os.sincronizacao import TINY_OS, synchronise
from tests.flows.tiny_os.conftest import Conta, balanced


@pytest.fixture(scope="module")
def company() -> dict[str, object]:
    return {"orders": 130, "months": 48, "quota": 100_000, "clock": "2026-11-22T15:00:00"}


def run(conta: Conta) -> tuple[Counts, Table]:
    tables: list[Table] = []
    counts = conta.run(partial(examine, tell=tables.append), INTEGRIDADE).counts
    assert balanced(counts), counts
    return counts, tables[0]


def told(table: Table, item: str) -> tuple[str, str]:
    [line] = [each for each in table if each["item"] == item]
    return line["tiny"], line["banco"]


def oldest(conta: Conta, position: int = 0) -> int:
    return sorted((each["data"], each["id"]) for each in conta.orders())[position][1]  # type: ignore[no-any-return]


def test_all_statuses_are_imported_and_a_second_run_writes_nothing(conta: Conta) -> None:
    counts, table = run(conta)
    total = len(conta.orders())
    assert (counts.novos, counts.rejeitados) == (total, 0)
    assert told(table, "total de ordens") == (str(total), str(total))
    assert told(table, "recuperadas (faltavam aqui)")[1] == str(total)
    assert told(table, "varredura completa")[0] == "sim"
    statuses = conta.rows("SELECT situacao FROM tiny.ordens_servico GROUP BY 1 ORDER BY 1")
    assert [each for (each,) in statuses] == list(range(8))
    assert conta.value("SELECT max(id) > 2147483648 FROM tiny.ordens_servico")
    assert conta.value("SELECT count(*) FROM tiny.ordem_status_history WHERE status_antigo IS NULL") == total
    stored = conta.rows("SELECT id, xmin::text FROM tiny.ordens_servico ORDER BY id")
    conta.tiny.control("reset")
    again, _ = run(conta)
    assert (again.inalterados, again.documentos) == (total, 0)
    assert conta.rows("SELECT id, xmin::text FROM tiny.ordens_servico ORDER BY id") == stored
    sizes = Counter(each["situacao"] for each in conta.orders())
    assert conta.calls() == {"listas": sum(-(-size // 100) for size in sizes.values()), "detalhes": 0}


def test_a_status_changed_years_after_emission_is_found(conta: Conta) -> None:
    run(conta)
    number = oldest(conta)
    before = conta.history(number)[-1][1]
    after = 7 if before != 7 else 3
    conta.tiny.control("change", id=number, situacao=str(after))
    assert conta.run(synchronise, TINY_OS).counts.atualizados == 0  # no window shows it
    counts, table = run(conta)
    assert (counts.efeitos[STATUS_CHANGES], counts.avisos) == (1, {DIFFERENT: 1})
    assert told(table, "situações corrigidas")[1] == "1"
    assert conta.history(number)[1:] == [(before, after, "tiny-integridade")]
    assert conta.value("SELECT situacao FROM tiny.ordens_servico WHERE id = %(n)s", n=number) == after


def test_a_missing_and_a_tampered_order_are_mended(conta: Conta) -> None:
    run(conta)
    missing, tampered = oldest(conta), oldest(conta, 1)
    conta.do(f"DELETE FROM tiny.ordens_servico WHERE id = {missing}")
    conta.do(f"UPDATE tiny.ordens_servico SET situacao = (situacao + 1) %% 8 WHERE id = {tampered}")
    counts, table = run(conta)
    assert (counts.novos, counts.atualizados, counts.documentos) == (1, 1, 2)
    assert told(table, "recuperadas (faltavam aqui)")[1] == "1"
    true = conta.tiny.control("orders", ids=[tampered])["orders"][0]["situacao"]
    assert conta.history(tampered)[-1][1:] == (int(true[0]), "tiny-integridade")


def test_only_what_answers_404_is_marked_and_what_comes_back_is_unmarked(
    conta: Conta, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(conta)
    deleted, hidden = oldest(conta), oldest(conta, 1)
    conta.tiny.control("delete", id=deleted)
    [order] = conta.tiny.control("orders", ids=[hidden])["orders"]
    real = conta.client.orders

    def without_hidden(**asked: Any) -> Any:
        for page in real(**asked):
            items = tuple(each for each in page.items if each["id"] != hidden)
            yield type(page)(items, page.offset, page.total - (str(asked["status"]) == order["situacao"]))

    monkeypatch.setattr(conta.client, "orders", without_hidden)
    counts, table = run(conta)
    assert (counts.removidos, counts.efeitos[UNLISTED]) == (1, 2)
    assert told(table, "excluídas no Tiny")[1] == "1"
    marked = "SELECT id FROM tiny.ordens_servico WHERE excluido_em IS NOT NULL"
    assert conta.rows(marked) == [(deleted,)]
    assert run(conta)[0].efeitos[UNLISTED] == 1  # what is marked is not looked for again
    monkeypatch.undo()
    conta.do(f"UPDATE tiny.ordens_servico SET excluido_em = now() WHERE id = {hidden}")
    assert run(conta)[0].atualizados == 1
    assert conta.rows(marked) == [(deleted,)]


def test_a_list_that_comes_empty_by_mistake_marks_nothing_and_is_told(conta: Conta) -> None:
    run(conta)
    conta.tiny.control("reset")
    conta.tiny.control("faults", kind="204", times=8, path="/ordem-servico")
    with pytest.raises(DeletionRefused, match="LIMITE_EXCLUSAO"):
        run(conta)
    assert conta.calls()["detalhes"] == 0
    assert conta.value("SELECT count(*) FROM tiny.ordens_servico WHERE excluido_em IS NOT NULL") == 0


def test_a_slice_that_moves_is_read_again_and_one_that_never_stops_is_told(
    conta: Conta, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {each["id"] for each in conta.orders()}
    conta.tiny.control("after", path="/ordem-servico", verb="create", body={"data": "2000-01-01"})
    listing = sweep(conta.client, [Fatia(), Fatia()])
    assert listing.completa
    assert len(listing.itens) == len(whole) + 1
    assert conta.calls()["listas"] == 4  # two pages, twice; the slice itself once
    conta.tiny.control("after", path="/ordem-servico", verb="create", body={"data": "2000-01-01"}, times=6)
    listing = sweep(conta.client, [Fatia()])
    assert listing.inseguras == ("tudo",)
    assert whole <= listing.itens.keys()
    monkeypatch.setattr(listagem, "LARGEST", 20)
    listing = sweep(conta.client, [Fatia()])
    assert listing.completa
    assert listing.itens.keys() == {each["id"] for each in conta.orders()}


def test_a_large_slice_whose_parts_do_not_add_up_is_told(conta: Conta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listagem, "LARGEST", 20)
    real = conta.client.orders

    def with_undated(**asked: Any) -> Any:
        for page in real(**asked):
            yield page if asked["since"] else type(page)(page.items, page.offset, page.total + 1)

    monkeypatch.setattr(conta.client, "orders", with_undated)
    assert sweep(conta.client, [Fatia()]).inseguras == ("tudo",)


def test_nothing_is_looked_for_after_an_incomplete_sweep(conta: Conta) -> None:
    run(conta)
    conta.tiny.control("delete", id=oldest(conta))
    arriving = {"data": "2000-01-01", "situacao": "3"}
    conta.tiny.control("after", path="/ordem-servico", verb="create", body=arriving, times=100)
    counts, table = run(conta)
    assert counts.removidos == 0
    assert told(table, "varredura completa")[0].startswith("não")
    conta.tiny.control("reset")
    counts, table = run(conta)
    assert counts.removidos == 1
    assert told(table, "varredura completa")[0] == "sim"
