"""Everything that runs, in its order: the one place that says so.

The domain flows, the timetable, the panel, the limits and the metrics all take it from here.
"""

from collections.abc import Mapping

from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from flows.manufatura.apontamentos import APONTAMENTOS, PRODUCTIONS
from flows.manufatura.demanda import DEMANDA
from flows.manufatura.ordens_mto import ORDENS_MTO
from flows.run.job import Domain, Job
from flows.sync.entity import Entity
from flows.sync.releitura import RELEITURA
from flows.tiny_os.carga_historica import CARGA
from flows.tiny_os.falhas import FALHAS
from flows.tiny_os.integridade import INTEGRIDADE
from flows.tiny_os.renovacao import TOKEN
from flows.tiny_os.sincronizacao import TINY_OS
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO

VENDAS = Domain(
    "vendas",
    "Vendas",
    (FATURAMENTO, CARTEIRA),  # balances are computed from stored invoices
    purpose="Sincroniza as vendas: faturamento e depois carteira; a falha de um não impede o outro.",
    numbers="lê só estes pedidos e as suas notas, ou estas notas.",
)
COMPRAS = Domain(
    "compras",
    "Compras",
    (REQUISICOES, PEDIDOS, ALOCACOES, ENTRADAS),  # each needs those before it
    purpose="Sincroniza as compras: requisições, pedidos, alocações e entradas; a falha de uma não impede as outras.",
    numbers="lê só estas requisições e pedidos de compra, com as suas alocações e entradas.",
)
MANUFATURA = Domain("manufatura", "Manufatura", (APONTAMENTOS, DEMANDA, ORDENS_MTO))
TINY = Domain("tiny", "Ordens de serviço do Tiny", (TINY_OS, INTEGRIDADE, FALHAS, CARGA, TOKEN))
CONCILIACAO = Job(name="conciliacao", title="Conciliação", domain="conferencia")
CONFERENCIA = Domain("conferencia", "Conferência com a origem", (CONCILIACAO, RELEITURA))
FAXINA = Job(name="faxina", title="Faxina", domain="manutencao")
MANUTENCAO = Domain("manutencao", "Manutenção", (FAXINA,))

DOMAINS: tuple[Domain, ...] = (VENDAS, COMPRAS, MANUFATURA, TINY, CONFERENCIA, MANUTENCAO)
JOBS: tuple[Job, ...] = tuple(job for domain in DOMAINS for job in domain.jobs)
ENTITIES: tuple[Entity, ...] = tuple(job for job in JOBS if isinstance(job, Entity))

SYNCS: tuple[Job, ...] = (*ENTITIES, APONTAMENTOS, TINY_OS)
"""The jobs that bring the database up to date with its sources; the others calculate, check or repair."""

REPORTED = PRODUCTIONS
"""What is read for the reports of production, which are no documents of ours: Odoo's production orders."""

RENEWAL: Job = TOKEN
"""The job that keeps the access to Tiny alive."""
NEEDED: Mapping[str, tuple[str, ...]] = {CARGA.name: ("de", "ate")}
"""By its name the parameters without which a job cannot be run: a command that recovers it must repeat them."""

STARTS: dict[str, str] = {
    domain.name: domain.name if domain.purpose else next(job.name for job in domain.jobs if job in SYNCS)
    for domain in (VENDAS, COMPRAS, MANUFATURA, TINY)
}
"""By domain, the flow that brings it up to date with its source; its deployment is `<flow>-agendada`."""

WITH_FLOWS: tuple[Domain, ...] = tuple(domain for domain in DOMAINS if domain.purpose)
"""The domains whose jobs one flow runs together (flows/dominios.py); such a flow takes windows and documents."""
