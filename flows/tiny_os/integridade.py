"""TINY INTEGRIDADE: every day all orders of all statuses, Tiny's against ours; what differs is mended, and reported."""

import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

from prefect import State, flow

from blocks.banco import execute, fetch, transaction
from blocks.tiny import STATUSES, TinyClient
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.deletions import most_believed
from flows.run.errors import DeletionRefused
from flows.run.perform import Calculation, Desk, perform, run_name
from flows.run.record import Report, show
from flows.tiny_os.conexao import tiny_client
from flows.tiny_os.desfecho import ended, note_stop, unlisted
from flows.tiny_os.detalhes import Feito, Submit, as_tasks, read_all
from flows.tiny_os.gravacao import GONE, STATUS_CHANGES, correct_statuses
from flows.tiny_os.itens import Pedido
from flows.tiny_os.listagem import Fatia, Listagem, sweep
from flows.tiny_os.statements import DOMAIN, QUARANTINE, TINY
from flows.tiny_os.triagem import Triagem, keep_unreadable, triage

SHOWN = 200
"""Failures shown in the UI: more than that is read in SQL."""

INTEGRIDADE = Calculation("tiny-integridade", "Integridade das ordens de serviço do Tiny")

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

Table = list[dict[str, Any]]


def examine(desk: Desk, client: TinyClient, submit: Submit, tell: Callable[[Table], None]) -> None:
    """Compare all orders with Tiny's list and mend what differs; then, or where that fails, tell the report's lines.

    Raises:
        DeletionRefused: suspiciously many orders are not listed; all else is done, none of them was asked for.
    """
    report, engine = desk.report, desk.writer.engine
    report.details |= {"janela": "as oito situações", "chamadas": 0}
    listing = sweep(client, map(Fatia, STATUSES))
    report.details |= {"paginas": client.calls, "inseguras": list(listing.inseguras)}
    try:
        found = triage(engine, listing, whole=True)
        report.counts += keep_unreadable(desk.writer, listing, found)
        corrected = correct_statuses(desk.writer, found.mudaram, listing.comecada_em, INTEGRIDADE.name)
        report.counts += Counts(efeitos={STATUS_CHANGES: corrected, OUTDATED: len(found.mudaram)})
        done = read_all(found.ler, submit, report)
        if not done.parado and listing.completa:
            done = _look_for_missing(desk, listing, _missing(desk, listing, found), submit)
        note_stop(report, done)
    finally:
        report.details["chamadas"] = client.calls
        report.counts += Counts(avisos={DIFFERENT: report.counts.efeitos.get(STATUS_CHANGES, 0)})
        tell(_table(desk, listing))


def _missing(desk: Desk, listing: Listagem, found: Triagem) -> list[Pedido]:
    """Stored orders that a complete sweep did not show, and that nobody has read since it began.

    Raises:
        DeletionRefused: there are too many of them.
    """
    shown = listing.vistas
    alive = [number for number, each in found.conhecidas.items() if not each.excluida]
    missing = [
        number
        for number in alive
        if number not in shown
        and ((read := found.conhecidas[number].verificada_em) is None or read <= listing.comecada_em)
    ]
    allowed = most_believed(len(alive), desk.settings.limite_exclusao)
    if len(missing) > allowed:
        raise DeletionRefused(
            f"O Tiny deixou de listar {len(missing)} das {len(alive)} ordens guardadas (até {allowed} por vez): "
            "nenhuma foi marcada como excluída. Confira a conta e as permissões no Tiny; se for verdade, aumente "
            "LIMITE_EXCLUSAO"
        )
    return [Pedido(number) for number in sorted(missing)]


def _look_for_missing(desk: Desk, listing: Listagem, missing: list[Pedido], submit: Submit) -> Feito:
    """Ask for the orders that were not listed; only those that are not found are marked."""
    apart = Report()
    try:
        done = read_all(missing, submit, apart)
    finally:
        named = unlisted(apart.counts, UNLISTED)
        gone = named.motivos.get(GONE, 0)
        desk.report.counts += named + Counts(lidos=-gone, ignorados=-gone, motivos={GONE: -gone})
    with desk.writer.transaction(DOMAIN) as connection:
        marked = execute(connection, TINY["excluir"], ids=list(done.sumidas), vista_em=listing.comecada_em)
    desk.report.counts += Counts(removidos=marked)
    return done


def _table(desk: Desk, listing: Listagem) -> Table:
    """What operators see of the run."""
    with transaction(desk.writer.engine) as connection:
        ours = dict(fetch(connection, TINY["por_situacao"]))
        failures = fetch(connection, TINY["falhas_persistentes"], entidade=QUARANTINE)
    theirs = Counter(each.situacao for each in listing.itens.values())
    counts, details = desk.report.counts, desk.report.details
    lines: list[tuple[str, Any, Any]] = [
        ("total de ordens", len(listing.vistas), sum(ours.values())),
        *((f"situação {n} {NAMES[n]}", theirs[n], ours.get(n, 0)) for n in STATUSES),
        ("recuperadas (faltavam aqui)", "", counts.novos),
        ("situações corrigidas", "", counts.efeitos.get(STATUS_CHANGES, 0)),
        ("desatualizadas", "", counts.efeitos.get(OUTDATED, 0)),
        ("excluídas no Tiny", "", counts.removidos),
        ("falhas persistentes", "", len(failures)),
        ("chamadas à API", details["chamadas"], ""),
        ("páginas da lista", details["paginas"], ""),
        ("tempo (s)", desk.report.seconds, ""),
        ("varredura completa", "sim" if listing.completa else "não: exclusões não verificadas", ""),
    ]
    table = [{"item": item, "tiny": str(tiny), "banco": str(banco)} for item, tiny, banco in lines]
    return table + [
        {"item": f"falha: ordem {number or document}", "tiny": error, "banco": f"{status}, {attempts} tentativas"}
        for document, number, error, attempts, status, _ in failures[:SHOWN]
    ]


def _examine_and_show(desk: Desk, client: TinyClient) -> None:
    def tell(table: Table) -> None:
        if not desk.writer.dry_run:
            show("tiny-integridade", table, f"Ordens de serviço do Tiny e do banco em {desk.report.seconds:.0f} s")

    examine(desk, client, as_tasks(desk, client, INTEGRIDADE), tell)


@flow(name="tiny-integridade", flow_run_name=run_name, persist_result=True)
def tiny_integridade(dry_run: bool = False) -> State[dict[str, Any]]:
    """Compara todas as ordens do Tiny com as do banco: importa as que faltam, corrige situações, acha as excluídas.

    Args:
        dry_run: lê e conta, sem gravar nada.
    """
    return ended(perform(INTEGRIDADE, "todas as ordens", _examine_and_show, connect=tiny_client, dry_run=dry_run))


if __name__ == "__main__":
    sys.exit(run_from_command_line(tiny_integridade, INTEGRIDADE))
