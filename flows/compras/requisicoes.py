"""REQUISIÇÕES: purchase requests and their lines into `requisicao_compras`, one row per line."""

import sys
from datetime import date, timedelta

from blocks.banco import Target
from blocks.odoo import (
    Documents,
    Model,
    OdooSource,
    Record,
    constant,
    day,
    label,
    latest,
    local_day,
    many,
    number,
    one,
    optional,
    renamed,
)
from flows.brasil import key, name_of, plain_text, text
from flows.cadastros import UNIT, code_of
from flows.compras.modelos import ITEM, OUT_OF_SCOPE, only_stocked, stocked
from flows.connections import odoo_source
from flows.run.command import run_from_command_line
from flows.settings import Settings
from flows.sync.context import Context
from flows.sync.entity import Entity
from flows.sync.flows import entity_flow
from flows.sync.history import History
from flows.sync.mapping import Ignored
from flows.sync.totals import Cut, Measure, Totals, only
from schema import requisicao_compras

# --- what is asked of Odoo ---------------------------------------------------------------------------------------

REQUEST_LINE = Model(
    "purchase.request.line",
    {
        "produto": one("product_id", ITEM),
        "quantidade": "product_qty",
        "unidade": one("product_uom_id", UNIT),
        "necessidade": "date_required",
        "compra": "purchase_state",
        "cancelada": "cancelled",
        "escrita": "write_date",
    },
)
REQUEST = Model(
    "purchase.request",
    {
        "modelo": constant("purchase.request"),
        "numero": "name",
        "situacao": "state",
        "empresa": label("company_id"),
        "criacao": "create_date",
        "solicitante": label("requested_by"),
        "solicitada": "date_start",
        "necessidade": constant(None),
        "tipo": constant(None),
        "observacao": "description",
        "escrita": "write_date",
        "linhas": many("line_ids", REQUEST_LINE),
    },
)

AGREEMENT_LINE = Model(
    "purchase.requisition.line",
    {
        "produto": one("product_id", ITEM),
        "quantidade": "product_qty",
        "unidade": one("product_uom_id", UNIT),
        "necessidade": optional("schedule_date"),
        "compra": constant(None),
        "cancelada": constant(False),
        "escrita": "write_date",
    },
)
AGREEMENT = Model(
    "purchase.requisition",
    {
        "modelo": constant("purchase.requisition"),
        "numero": "name",
        "situacao": "state",
        "empresa": label("company_id"),
        "criacao": "create_date",
        "solicitante": label("user_id"),
        # Odoo 18 renamed the first date, and left of the others only the day on which the agreement ends.
        "solicitada": renamed("ordering_date", "date_start"),
        "necessidade": optional("schedule_date", "date_end"),
        "tipo": optional("requisition_type"),  # since Odoo 18
        "observacao": "description",
        "escrita": "write_date",
        "linhas": many("line_ids", AGREEMENT_LINE),
    },
)

CANDIDATES = (
    Documents(model=REQUEST, domain=[], line_parent="request_id", references=("linhas.produto",)),
    Documents(model=AGREEMENT, domain=[], line_parent="requisition_id", references=("linhas.produto",)),
)
"""The OCA module's internal requests where the server has them, else Odoo's own purchase agreements."""


def open_source(settings: Settings) -> OdooSource:
    """The server's requests, of the model it has or the one that REQUISICAO_MODELO names."""
    wanted = settings.requisicao_modelo
    return odoo_source(settings, [each for each in CANDIDATES if wanted in ("auto", each.model.name)])


# --- how a record becomes a row: pure ------------------------------------------------------------------------------

STATUS = {
    "draft": "Rascunho",
    "to_approve": "Aguardando Aprovação",
    "approved": "Aprovada",
    "rejected": "Rejeitada",
    "done": "Concluída",
    "cancel": "Cancelada",
}
"""Every other state of either model is work in progress: Pendente."""

DEAD = ("Rejeitada", "Cancelada")


def header(request: Record, _: Context) -> Record:
    """The columns that all lines of a request share.

    Raises:
        Ignored: it is a template for orders, which asks for nothing.
        ValueError: a value cannot be converted.
    """
    if request["tipo"] == "purchase_template":
        raise Ignored("modelo de compra, que não é requisição")
    return {
        "num_requisicao": key(request["numero"], "Número da requisição"),
        "company_id": text(request["empresa"], 100),
        "requisicao_odoo_id": request["id"],
        "odoo_modelo": request["modelo"],
        "data_requisicao_criacao": local_day(request["criacao"]),
        "usuario_requisicao_criacao": text(request["solicitante"], 100),
        "data_requisicao_solicitada": day(request["solicitada"]),
        "observacoes_odoo": plain_text(request["observacao"]),
    }


def line(request: Record, item: Record, _: Context) -> Record:
    """The columns of one request line.

    Raises:
        Ignored: its product is not kept in stock.
        ValueError: the product has no code, or a value cannot be converted.
    """
    product = stocked(item)
    status = status_of(request["situacao"], item["cancelada"])
    needed = day(item["necessidade"] or request["necessidade"])
    return {
        "odoo_id": item["id"],
        "cod_produto": code_of(product),
        "nome_produto": text(product["nome"], 255),
        "qtd_produto_requisicao": number(item["quantidade"]),
        "unid_medida_requisicao": name_of(item["unidade"], 20),
        "data_necessidade": needed,
        "lead_time_requisicao": days_between(day(request["solicitada"]), needed),
        "status": status,
        "purchase_state": item["compra"],
        "ativo": status not in DEAD,
        "motivo_exclusao": f"{status} no Odoo" if status in DEAD else None,
        "odoo_write_date": latest(request["escrita"], item["escrita"]),
    }


def status_of(state: str | None, cancelled: bool | None) -> str:
    """The status of a line, given its request's state; refusing a request cancels its lines."""
    status = STATUS.get(state or "", "Pendente")
    return "Cancelada" if cancelled and status != "Rejeitada" else status


def days_between(start: date | None, end: date | None) -> int | None:
    """Calendar days, if both are known."""
    return (end - start).days if start and end else None


# --- the entity ----------------------------------------------------------------------------------------------------

TOTALS = Totals(
    day="criacao",
    column="t.data_requisicao_criacao",
    measures=(Measure("quantidade", "linhas.quantidade", "qtd_produto_requisicao"),),
    cuts=(
        Cut(
            "situação",
            (("situacao", "request_state"), ("linhas.cancelada", "")),
            lambda values: status_of(*values),
            "t.status",
        ),
    ),
    rules=(
        only("modelo de compra, que não é requisição", "tipo", "!=", "purchase_template"),
        *only_stocked("linhas.produto"),
    ),
)

REQUISICOES = Entity(
    name="requisicoes",
    title="Requisições de compra",
    domain="compras",
    purpose="Traz do Odoo as requisições de compra que mudaram, com o histórico de cada mudança.",
    numbers="lê só estas requisições, pelo número.",
    open_source=open_source,
    target=Target.of(requisicao_compras, version="odoo_write_date", stamps={"atualizado_em": "now()"}),
    document="requisicao_odoo_id",
    header=header,
    line=line,
    line_id="odoo_id",
    retired={"ativo": False, "status": "Cancelada", "motivo_exclusao": "Linha ou requisição excluída no Odoo"},
    excluded={"ativo": False, "motivo_exclusao": OUT_OF_SCOPE},
    width=lambda settings: timedelta(minutes=settings.janela_requisicoes),
    totals=TOTALS,
    history=History("historico_requisicao_compras", "requisicao_compra_id"),
)


requisicoes = entity_flow(REQUISICOES)

if __name__ == "__main__":
    sys.exit(run_from_command_line(requisicoes, REQUISICOES))
