"""Which orders are made for which lots: quantities, dates, materials. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from flows.manufatura.business_calendar import Calendario
from flows.manufatura.explosion import Explosao, Material, valid

Row = dict[str, Any]


class Candidato(NamedTuple):
    """A lot's product that is made to order, and the order that was made for it (all None if there is none yet)."""

    lote: str
    cod_produto: str
    quantidade: Decimal | None
    expedicao: date | None
    num_pedido: str | None
    raz_social_red: str | None
    nome_produto: str
    lead_time: int | None
    numero_ordem: str | None
    status: str | None
    qtd_planejada: Decimal | None
    inicio: date | None
    fim: date | None
    materiais: list[Row] | None
    problemas: list[str] | None


@dataclass
class Plano:
    """What is to be written, and what a person has to look at.

    Attributes:
        novas: rows of orders that are not there yet.
        mudadas: rows of planned orders whose lot, dates or bills of materials changed.
        divergentes: what cannot be followed any more: the lot changed, the order is already past planning.
        ignorados: candidates without an order, by reason.
    """

    novas: list[Row] = field(default_factory=list)
    mudadas: list[Row] = field(default_factory=list)
    divergentes: list[str] = field(default_factory=list)
    ignorados: dict[str, int] = field(default_factory=dict)
    inalterados: int = 0


def planned(
    candidates: Iterable[Candidato], calendar: Calendario, explode: Callable[[str, Decimal], Explosao]
) -> Plano:
    """What the candidates ask for; each stands for itself, and bad data of one never stops the others."""
    plan = Plano()
    for each in candidates:
        try:
            row = order(each, calendar, explode)
        except ValueError as error:
            reason = str(error)
            plan.ignorados[reason] = plan.ignorados.get(reason, 0) + 1
            if each.numero_ordem:
                plan.divergentes.append(f"{each.numero_ordem} (lote {each.lote}): {reason}")
            continue
        if each.numero_ordem is None:
            plan.novas.append(row)
        elif each.status == "Planejada":
            if _as_stored(each) == tuple(row[name] for name in _COMPARED):
                plan.inalterados += 1
            else:
                plan.mudadas.append(row)
        else:
            plan.inalterados += 1
            if each.qtd_planejada != each.quantidade:
                plan.divergentes.append(
                    f"{each.numero_ordem} ({each.status}, lote {each.lote}): planejada {each.qtd_planejada}, "
                    f"o lote pede {each.quantidade}"
                )
    return plan


def order(candidate: Candidato, calendar: Calendario, explode: Callable[[str, Decimal], Explosao]) -> Row:
    """The columns of the order that a candidate asks for.

    It starts `lead_time` business days before the shipment and ends the day before it (seed 002 §3), or starts then
    too where the lead time would have it end before it starts.

    Raises:
        ValueError: there is nothing to plan with: no shipment date, quantity or lead time, or one that cannot be.
    """
    if candidate.expedicao is None:
        raise ValueError("lote sem data de expedição")
    if candidate.lead_time is None:
        raise ValueError("produto MTO sem lead_time_mto no cadastro")
    if candidate.quantidade is None or not valid(candidate.quantidade):
        raise ValueError("lote sem quantidade válida")
    start = calendar.before(candidate.expedicao, candidate.lead_time)
    end = candidate.expedicao - timedelta(days=1)
    needed = explode(candidate.cod_produto, candidate.quantidade)
    return {
        "separacao_lote_id": candidate.lote,
        "cod_produto": candidate.cod_produto,
        "nome_produto": candidate.nome_produto,
        "qtd_planejada": candidate.quantidade,
        "qtd_pedido_atual": candidate.quantidade,
        "materiais_necessarios": [_json(material) for material in needed.materiais],
        "problemas": list(needed.problemas) or None,
        "data_inicio_prevista": min(start, end),
        "data_fim_prevista": end,
        "data_necessidade": candidate.expedicao,
        "num_pedido_origem": candidate.num_pedido,
        "raz_social_red": candidate.raz_social_red,
    }


_COMPARED = ("qtd_planejada", "data_inicio_prevista", "data_fim_prevista", "materiais_necessarios", "problemas")


def _as_stored(candidate: Candidato) -> tuple[Any, ...]:
    return candidate.qtd_planejada, candidate.inicio, candidate.fim, candidate.materiais, candidate.problemas


def _json(material: Material) -> Row:
    """A material as the order keeps it; three places of a quantity below 10^12 fit a float exactly enough."""
    return {
        "cod_produto": material.cod_produto,
        "nome_produto": material.nome_produto,
        "quantidade": float(material.quantidade),
        "nivel": material.nivel,
        "tipo": material.tipo,
        "unidade": material.unidade,
    }
