"""Deployments that once had another name: what `make deploy` takes over from them, and their removal."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from blocks.instalacao import DEFAULT, installation
from flows.connections import work_pool
from flows.operacao.alerts import silence_name

OLD_NAMES = MappingProxyType(
    {
        "vendas/vendas-agendada": "vendas/agendada",
        "vendas/vendas-varredura": "vendas/varredura",
        "faturamento/faturamento-recuperacao": "faturamento/recuperacao",
        "carteira/carteira-recuperacao": "carteira/recuperacao",
        "compras/compras-agendada": "compras/agendada",
        "compras/compras-varredura": "compras/varredura",
        "requisicoes/requisicoes-recuperacao": "requisicoes/recuperacao",
        "pedidos/pedidos-recuperacao": "pedidos/recuperacao",
        "alocacoes/alocacoes-recuperacao": "alocacoes/recuperacao",
        "entradas/entradas-recuperacao": "entradas/recuperacao",
        "apontamentos/apontamentos-agendada": "apontamentos/agendada",
        "demanda/demanda-agendada": "demanda/agendada",
        "ordens-mto/ordens-mto-agendada": "ordens-mto/agendada",
        "tiny-os/tiny-os-agendada": "tiny-os/agendada",
        "tiny-integridade/tiny-integridade-agendada": "tiny-integridade/agendada",
        "tiny-falhas/tiny-falhas-agendada": "tiny-falhas/agendada",
        "tiny-token/tiny-token-agendada": "tiny-token/agendada",
        "tiny-carga/tiny-carga-recuperacao": "tiny-carga/recuperacao",
    }
)
"""By the name of a deployment the one that it had before; a server may still have it from an older `make deploy`."""


@dataclass(frozen=True)
class Pauses:
    """What an operator has paused and `prefect deploy` would resume.

    Attributes:
        deployments: names of deployments that are paused as a whole.
        schedules: slugs of paused schedules of deployments that are about to be made under their new name.
    """

    deployments: frozenset[str] = frozenset()
    schedules: frozenset[str] = frozenset()


def read_pauses(client: SyncPrefectClient, declared: Iterable[str]) -> Pauses:
    """The pauses of the declared deployments, each under its name or, where that is missing, under its old one."""
    deployments, schedules = set(), set()
    for name in declared:
        found = _read(client, name)
        if found is None and name in OLD_NAMES:
            found = _read(client, OLD_NAMES[name])
            # Prefect itself keeps a paused schedule paused, but only within one deployment.
            schedules |= {each.slug for each in found.schedules if each.slug and not each.active} if found else set()
        if found is not None and found.paused:
            deployments.add(name)
    return Pauses(frozenset(deployments), frozenset(schedules))


def remove_old(client: SyncPrefectClient) -> Iterator[str]:
    """Delete the deployments under their old names and the alerts about them; what was done, line by line.

    Only the default installation had other names once: the others' have been as they are.
    """
    if installation() != DEFAULT:
        return
    for new, old in OLD_NAMES.items():
        found = _read(client, old)
        if found is not None and found.work_pool_name == work_pool():
            client.delete_deployment(found.id)
            yield f"deployment {old}: removido, agora é {new}"
        for alert in client.read_automations_by_name(silence_name(old)):
            client.delete_automation(alert.id)
            yield f"automação {alert.name}: removida"


def _read(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    with suppress(ObjectNotFound):
        return client.read_deployment_by_name(name)
    return None
