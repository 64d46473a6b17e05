"""The sales domain: invoices before orders, since balances are computed from stored invoices."""

from datetime import datetime
from typing import Any

from prefect import flow

from flows.engine.domain import run_entities
from flows.engine.job import run_name
from flows.engine.request import Request
from flows.vendas.carteira import carteira
from flows.vendas.faturamento import faturamento


@flow(name="vendas", flow_run_name=run_name, persist_result=True)
def vendas(
    janela_minutos: int | None = None,
    desde: datetime | None = None,
    ate: datetime | None = None,
    documentos: list[str] | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Sincroniza as vendas: faturamento e depois carteira; a falha de um não impede o outro.

    Sem parâmetros, cada um lê desde o seu último checkpoint. Informe só um dos períodos.

    Args:
        janela_minutos: lê o que mudou neste número de minutos até agora.
        desde: lê o que mudou a partir deste instante (sem fuso: horário de São Paulo).
        ate: e antes deste; exige desde.
        documentos: lê só estes pedidos e as suas notas, ou estas notas.
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
    return run_entities((faturamento, carteira), parameters)
