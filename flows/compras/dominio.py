"""The purchasing domain, in the order in which each entity needs the ones before it."""

from datetime import datetime
from typing import Any

from prefect import flow

from flows.compras.alocacoes import alocacoes
from flows.compras.entradas import entradas
from flows.compras.pedidos import pedidos
from flows.compras.requisicoes import requisicoes
from flows.engine.domain import run_entities
from flows.engine.job import run_name
from flows.engine.request import Request


@flow(name="compras", flow_run_name=run_name, persist_result=True)
def compras(
    janela_minutos: int | None = None,
    desde: datetime | None = None,
    ate: datetime | None = None,
    documentos: list[str] | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Sincroniza as compras: requisições, pedidos, alocações e entradas; a falha de uma não impede as outras.

    Sem parâmetros, cada uma lê desde o seu último checkpoint. Informe só um dos períodos.

    Args:
        janela_minutos: lê o que mudou neste número de minutos até agora.
        desde: lê o que mudou a partir deste instante (sem fuso: horário de São Paulo).
        ate: e antes deste; exige desde.
        documentos: lê só estas requisições e pedidos de compra, com as suas alocações e entradas.
        dry_run: lê e conta, sem gravar nada.
    """
    Request.of(janela_minutos, desde, ate, documentos, dry_run)
    parameters = {
        "janela_minutos": janela_minutos,
        "desde": desde,
        "ate": ate,
        "documentos": documentos,
        "dry_run": dry_run,
    }
    return run_entities((requisicoes, pedidos, alocacoes, entradas), parameters)
