"""Everything that runs, by name."""

from collections.abc import Mapping

from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from flows.manufatura.apontamentos import APONTAMENTOS
from flows.manufatura.demanda import DEMANDA
from flows.manufatura.ordens_mto import ORDENS_MTO
from flows.run.perform import Job
from flows.sync.entity import Entity
from flows.tiny_os.carga_historica import CARGA
from flows.tiny_os.falhas import FALHAS
from flows.tiny_os.integridade import INTEGRIDADE
from flows.tiny_os.renovacao import TOKEN
from flows.tiny_os.sincronizacao import TINY_OS
from flows.tiny_os.statements import QUARANTINE
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO

DOMAINS: Mapping[str, tuple[Entity, ...]] = {
    "vendas": (FATURAMENTO, CARTEIRA),
    "compras": (REQUISICOES, PEDIDOS, ALOCACOES, ENTRADAS),
}
"""The entities that a domain flow runs, by its name and in its order."""

ENTITIES = tuple(entity for entities in DOMAINS.values() for entity in entities)
MANUFATURA = (APONTAMENTOS, DEMANDA, ORDENS_MTO)
TINY = (TINY_OS, INTEGRIDADE, FALHAS, CARGA, TOKEN)
JOBS: tuple[Job, ...] = (*ENTITIES, *MANUFATURA, *TINY)

QUARANTINES: Mapping[str, str] = {job.name: QUARANTINE for job in (TINY_OS, INTEGRIDADE, FALHAS, CARGA)}
"""Under which name a job's failed records are kept, if not its own: Tiny's jobs read the same orders."""
