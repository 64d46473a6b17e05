"""The integrity run against the simulator: it finds what the sync, which lists recent and open orders, does not see."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from blocks.tiny import Page
from flows.run.counts import Counts
from flows.run.errors import DeletionRefused
from flows.tiny_os.integridade import DIFFERENT, INTEGRIDADE, UNLISTED, Table, examine
from flows.tiny_os.listing import sweep
from flows.tiny_os.sincronizacao import TINY_OS, synchronise
from flows.tiny_os.slices import Slice
from flows.tiny_os.store import STATUS_CHANGES
from tests.flows.tiny_os.conftest import SimulatedAccount, balanced


@pytest.fixture(scope="module")
def company() -> dict[str, object]:
    return {"orders": 130, "months": 48, "quota": 100_000, "clock": "2026-11-22T15:00:00"}


def run(simulated: SimulatedAccount) -> tuple[Counts, Table]:
    tables: list[Table] = []
    counts = simulated.run(partial(examine, tell=tables.append), INTEGRIDADE).counts
    assert balanced(counts), counts
    return counts, tables[0]


def told(table: Table, item: str) -> tuple[str, str]:
    [line] = [each for each in table if each["item"] == item]
    return line["tiny"], line["banco"]


def oldest(simulated: SimulatedAccount, position: int = 0) -> int:
    return sorted((each["data"], each["id"]) for each in simulated.orders())[position][1]  # type: ignore[no-any-return]


def test_all_statuses_are_imported_and_a_second_run_writes_nothing(simulated: SimulatedAccount) -> None:
    counts, table = run(simulated)
    total = len(simulated.orders())
    assert (counts.novos, counts.rejeitados) == (total, 0)
    assert told(table, "total de ordens") == (str(total), str(total))
    assert told(table, "recuperadas (faltavam aqui)")[1] == str(total)
    assert told(table, "varredura completa")[0] == "sim"
    statuses = simulated.rows("SELECT situacao FROM tiny.ordens_servico GROUP BY 1 ORDER BY 1")
    assert [each for (each,) in statuses] == list(range(8))
    assert simulated.value("SELECT max(id) > 2147483648 FROM tiny.ordens_servico")
    assert simulated.value("SELECT count(*) FROM tiny.ordem_status_history WHERE status_antigo IS NULL") == total
    stored = simulated.rows("SELECT id, xmin::text FROM tiny.ordens_servico ORDER BY id")
    simulated.tiny.control("reset")
    again, _ = run(simulated)
    assert (again.inalterados, again.documentos) == (total, 0)
    assert simulated.rows("SELECT id, xmin::text FROM tiny.ordens_servico ORDER BY id") == stored
    sizes = Counter(each["situacao"] for each in simulated.orders())
    assert simulated.calls() == {"listas": sum(-(-size // 100) for size in sizes.values()), "detalhes": 0}


def test_a_status_changed_years_after_emission_is_found(simulated: SimulatedAccount) -> None:
    run(simulated)
    order_id = oldest(simulated)
    before = simulated.history(order_id)[-1][1]
    after = 7 if before != 7 else 3
    simulated.tiny.control("change", id=order_id, situacao=str(after))
    assert simulated.run(synchronise, TINY_OS).counts.atualizados == 0  # no window shows it
    counts, table = run(simulated)
    assert (counts.efeitos[STATUS_CHANGES], counts.avisos) == (1, {DIFFERENT: 1})
    assert told(table, "situações corrigidas")[1] == "1"
    assert simulated.history(order_id)[1:] == [(before, after, "tiny-integridade")]
    assert simulated.value("SELECT situacao FROM tiny.ordens_servico WHERE id = %(n)s", n=order_id) == after


def test_a_missing_and_a_tampered_order_are_mended(simulated: SimulatedAccount) -> None:
    run(simulated)
    missing, tampered = oldest(simulated), oldest(simulated, 1)
    simulated.do(f"DELETE FROM tiny.ordens_servico WHERE id = {missing}")
    simulated.do(f"UPDATE tiny.ordens_servico SET situacao = (situacao + 1) %% 8 WHERE id = {tampered}")
    counts, table = run(simulated)
    assert (counts.novos, counts.atualizados, counts.documentos) == (1, 1, 2)
    assert told(table, "recuperadas (faltavam aqui)")[1] == "1"
    true = simulated.tiny.control("orders", ids=[tampered])["orders"][0]["situacao"]
    assert simulated.history(tampered)[-1][1:] == (int(true[0]), "tiny-integridade")


def test_only_what_answers_404_is_marked_and_what_comes_back_is_unmarked(
    simulated: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(simulated)
    deleted, hidden = oldest(simulated), oldest(simulated, 1)
    simulated.tiny.control("delete", id=deleted)
    [order] = simulated.tiny.control("orders", ids=[hidden])["orders"]
    real = simulated.client.orders

    def without_hidden(**asked: Any) -> Any:
        for page in real(**asked):
            items = tuple(each for each in page.items if each["id"] != hidden)
            yield type(page)(items, page.offset, page.total - (str(asked["status"]) == order["situacao"]))

    monkeypatch.setattr(simulated.client, "orders", without_hidden)
    counts, table = run(simulated)
    assert (counts.removidos, counts.efeitos[UNLISTED]) == (1, 2)
    assert told(table, "excluídas no Tiny")[1] == "1"
    marked = "SELECT id FROM tiny.ordens_servico WHERE excluido_em IS NOT NULL"
    assert simulated.rows(marked) == [(deleted,)]
    assert run(simulated)[0].efeitos[UNLISTED] == 1  # what is marked is not looked for again
    monkeypatch.undo()
    simulated.do(f"UPDATE tiny.ordens_servico SET excluido_em = now() WHERE id = {hidden}")
    assert run(simulated)[0].atualizados == 1
    assert simulated.rows(marked) == [(deleted,)]


def test_a_list_that_comes_empty_by_mistake_marks_nothing_and_is_told(simulated: SimulatedAccount) -> None:
    run(simulated)
    simulated.tiny.control("reset")
    simulated.tiny.control("faults", kind="204", times=8, path="/ordem-servico")
    counts, table = run(simulated)  # three attempts, for two statuses; what is left of the third is answered
    assert told(table, "varredura completa")[0].startswith("não")
    assert counts.removidos == 0
    assert simulated.calls()["detalhes"] == 0
    assert simulated.value("SELECT count(*) FROM tiny.ordens_servico WHERE excluido_em IS NOT NULL") == 0


def test_a_list_that_comes_empty_with_a_total_of_none_is_not_believed_in_bulk(
    simulated: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(simulated)
    monkeypatch.setattr(simulated.client, "orders", lambda **_: iter([Page((), 0, 0)]))
    with pytest.raises(DeletionRefused, match="executar tiny-integridade -p limite_exclusao=1"):
        run(simulated)
    assert simulated.value("SELECT count(*) FROM tiny.ordens_servico WHERE excluido_em IS NOT NULL") == 0


def test_a_slice_that_moves_is_read_again_and_one_that_never_stops_is_told(
    simulated: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {each["id"] for each in simulated.orders()}
    simulated.tiny.control("after", path="/ordem-servico", verb="create", body={"data": "2000-01-01"})
    listing = sweep(simulated.client, [Slice(), Slice()])
    assert listing.complete
    assert len(listing.items) == len(whole) + 1
    assert simulated.calls()["listas"] == 4  # two pages, twice; the slice itself once
    simulated.tiny.control("after", path="/ordem-servico", verb="create", body={"data": "2000-01-01"}, times=6)
    listing = sweep(simulated.client, [Slice()])
    assert listing.unsafe == ("tudo",)
    assert whole <= listing.items.keys()
    monkeypatch.setattr("flows.tiny_os.listing.LARGEST", 20)
    listing = sweep(simulated.client, [Slice()])
    assert listing.complete
    assert listing.items.keys() == {each["id"] for each in simulated.orders()}


def test_a_large_slice_whose_parts_do_not_add_up_is_told(
    simulated: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.tiny_os.listing.LARGEST", 20)
    real = simulated.client.orders

    def with_undated(**asked: Any) -> Any:
        for page in real(**asked):
            yield page if asked["since"] else type(page)(page.items, page.offset, page.total + 1)

    monkeypatch.setattr(simulated.client, "orders", with_undated)
    assert sweep(simulated.client, [Slice()]).unsafe == ("tudo",)


def test_nothing_is_looked_for_after_an_incomplete_sweep(simulated: SimulatedAccount) -> None:
    run(simulated)
    simulated.tiny.control("delete", id=oldest(simulated))
    arriving = {"data": "2000-01-01", "situacao": "3"}
    simulated.tiny.control("after", path="/ordem-servico", verb="create", body=arriving, times=100)
    counts, table = run(simulated)
    assert counts.removidos == 0
    assert told(table, "varredura completa")[0].startswith("não")
    simulated.tiny.control("reset")
    counts, table = run(simulated)
    assert counts.removidos == 1
    assert told(table, "varredura completa")[0] == "sim"
