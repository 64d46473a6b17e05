"""TINY INTEGRIDADE: compares all orders of Tiny with the stored ones, corrects what differs, and reports it.

It also finds the orders that were deleted in Tiny (docs/tiny.md, "Deleted orders").
"""

import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

from prefect import State

from blocks.banco import execute, fetch, transaction
from blocks.tiny import STATUSES, TinyClient
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.deletions import most_believed
from flows.run.errors import DeletionRefused
from flows.run.job import Job, Run
from flows.run.orchestration import job_flow
from flows.run.parameters import Share, share
from flows.run.perform import perform
from flows.run.record import show
from flows.run.report import Report
from flows.sync.store import begin_read
from flows.tiny_os.connection import tiny_client
from flows.tiny_os.details import Done, read_all
from flows.tiny_os.listed import WantedOrder
from flows.tiny_os.listing import Listing, sweep
from flows.tiny_os.slices import Slice
from flows.tiny_os.statements import DOMAIN, QUARANTINE, TINY
from flows.tiny_os.store import GONE, STATUS_CHANGES, correct_statuses
from flows.tiny_os.triage import Triage, keep_unreadable, triage
from flows.tiny_os.unlisted import unlisted

SHOWN = 200
"""Failures shown in the UI; the others can be read in `import_failures`."""

INTEGRIDADE = Job(
    name="tiny-integridade", title="Integridade das ordens de serviço do Tiny", domain=DOMAIN, quarantine=QUARANTINE
)
OUTDATED = "ordens desatualizadas"
UNLISTED = "ordens não listadas"
DIFFERENT = "ordens com outra situação no Tiny que aqui: corrigidas, veja tiny-integridade"
"""What operators are told of a run, beside its rows."""

NAMES = (
    "Em Aberto",
    "Orçada",
    "Serviço Concluído",
    "Finalizada",
    "Não Aprovada",
    "Aprovada",
    "Em Andamento",
    "Cancelada",
)
"""Of the statuses 0 to 7."""

Table = list[dict[str, Any]]
"""Lines of a table in the UI: a value by column."""


def examine(run: Run, client: TinyClient, tell: Callable[[Table], None]) -> None:
    """Compare all orders with Tiny's list and correct what differs.

    Args:
        run: the run.
        client: the account's.
        tell: called at the end with the lines of the report, also after an error.

    Raises:
        DeletionRefused: suspiciously many orders are not listed. None of them was marked as deleted; all else is done.
        TinyError: the list could not be read, or Tiny refuses us.
        BatchesFailed: some orders could not be stored.
    """
    report, engine = run.report, run.writer.engine
    report.window = "as oito situações"
    asked = begin_read(engine)
    listing = sweep(client, map(Slice, STATUSES))
    report.pages, report.unsafe = client.calls, listing.unsafe
    try:
        found = triage(engine, listing, whole=True)
        report.counts += keep_unreadable(run.writer, listing, found)
        corrected = correct_statuses(run.writer, found.changed, listing.began, INTEGRIDADE.name, asked)
        report.counts += Counts(
            efeitos={STATUS_CHANGES: corrected, OUTDATED: len(found.changed)},
        )
        done = read_all(run, client, found.to_read, report)
        if not done.stopped and listing.complete:
            done = _look_for_missing(run, client, listing, _missing(run, listing, found, asked))
        report.stopped = done.stopped
    finally:
        report.calls = client.calls
        report.counts += Counts(avisos={DIFFERENT: report.counts.efeitos.get(STATUS_CHANGES, 0)})
        tell(_table(run, listing))


def _missing(run: Run, listing: Listing, found: Triage, asked: int) -> list[WantedOrder]:
    """Stored orders that a complete sweep did not show, without those that a read told of which began after it.

    `asked` is the number that `begin_read` gave before the sweep.

    Raises:
        DeletionRefused: there are too many of them.
    """
    shown = listing.shown
    alive = [order_id for order_id, each in found.stored.items() if not each.deleted]
    missing = [order_id for order_id in alive if order_id not in shown and found.stored[order_id].read <= asked]
    allowed = most_believed(len(alive), run.settings.limite_exclusao)
    if len(missing) > allowed:
        raise DeletionRefused(
            f"O Tiny deixou de listar {len(missing)} das {len(alive)} ordens guardadas (até {allowed} por vez): "
            "nenhuma foi marcada como excluída. Confira a conta e as permissões no Tiny; se for verdade: "
            f"sincronia executar {INTEGRIDADE.name} -p limite_exclusao=1"
        )
    return [WantedOrder(order_id) for order_id in sorted(missing)]


def _look_for_missing(run: Run, client: TinyClient, listing: Listing, missing: list[WantedOrder]) -> Done:
    """Read the orders that were not listed; those for which Tiny answers 404 are marked as deleted."""
    apart = Report()
    try:
        done = read_all(run, client, missing, apart)
    finally:
        named = unlisted(apart.counts, UNLISTED)
        gone = named.motivos.get(GONE, 0)
        run.report.counts += named + Counts(lidos=-gone, ignorados=-gone, motivos={GONE: -gone})
    with run.writer.transaction(DOMAIN) as connection:
        marked = execute(
            connection,
            TINY["excluir"],
            ids=[*done.gone],
            leituras=[*done.gone.values()],
            vista_em=listing.began,
        )
    run.report.counts += Counts(removidos=marked)
    return done


def _table(run: Run, listing: Listing) -> Table:
    """The lines of the report, as operators see them."""
    with transaction(run.writer.engine) as connection:
        ours = dict(fetch(connection, TINY["por_situacao"]))
        failures = fetch(connection, TINY["falhas_persistentes"], entidade=QUARANTINE)
    theirs = Counter(each.status for each in listing.items.values())
    counts, report = run.report.counts, run.report
    lines: list[tuple[str, Any, Any]] = [
        ("total de ordens", len(listing.shown), sum(ours.values())),
        *((f"situação {n} {NAMES[n]}", theirs[n], ours.get(n, 0)) for n in STATUSES),
        ("recuperadas (faltavam aqui)", "", counts.novos),
        ("situações corrigidas", "", counts.efeitos.get(STATUS_CHANGES, 0)),
        ("desatualizadas", "", counts.efeitos.get(OUTDATED, 0)),
        ("excluídas no Tiny", "", counts.removidos),
        ("falhas persistentes", "", len(failures)),
        ("chamadas à API", report.calls, ""),
        ("páginas da lista", report.pages, ""),
        ("tempo (s)", run.report.seconds, ""),
        ("varredura completa", "sim" if listing.complete else "não: exclusões não verificadas", ""),
    ]
    table = [{"item": item, "tiny": str(tiny), "banco": str(banco)} for item, tiny, banco in lines]
    return table + [
        {"item": f"falha: ordem {number or order_id}", "tiny": error, "banco": f"{status}, {attempts} tentativas"}
        for order_id, number, error, attempts, status, _ in failures[:SHOWN]
    ]


def _examine_and_show(run: Run, client: TinyClient) -> None:
    def tell(table: Table) -> None:
        if not run.writer.dry_run:
            show("tiny-integridade", table, f"Ordens de serviço do Tiny e do banco em {run.report.seconds:.0f} s")

    examine(run, client, tell)


@job_flow(INTEGRIDADE.name, check=lambda limite_exclusao, **_: share("limite_exclusao", limite_exclusao))
def tiny_integridade(dry_run: bool = False, limite_exclusao: Share | None = None) -> State[dict[str, Any]]:
    """Compara todas as ordens do Tiny com as do banco: importa as que faltam, corrige situações, acha as excluídas.

    Args:
        dry_run: lê e conta, sem gravar nada.
        limite_exclusao: só nesta execução, que parte das ordens pode sumir de uma vez (0.5 é a metade, 1 são todas).
    """
    limit = share("limite_exclusao", limite_exclusao)
    return perform(
        INTEGRIDADE,
        "todas as ordens",
        _examine_and_show,
        connect=tiny_client,
        dry_run=dry_run,
        limite_exclusao=limit,
    )


if __name__ == "__main__":
    sys.exit(run_from_command_line(tiny_integridade, INTEGRIDADE))
