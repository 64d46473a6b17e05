"""What follows from deliveries, whether an order or a receipt was read: dates, quantities and lead times."""

from blocks.banco import Target
from flows.compras.statements import COMPRAS
from flows.sync.followups import Computed, Derived, Effect, FollowUp
from schema import lead_time_fornecedor

LEAD_TIMES = Target.of(
    lead_time_fornecedor,
    suggestions={"lead_time_previsto": "lead_time_calculado"},
    stamps={"atualizado_em": "now()"},
)
"""By supplier and product; the expected time is the first delivery's until a person sets another."""

DELIVERY = Target(
    "pedido_compras",
    ("id",),
    (
        "id",
        "data_pedido_entrega",
        "confirmacao_pedido",
        "confirmado_por",
        "confirmado_em",
    ),
    along=("confirmado_por", "confirmado_em"),
    stamps={"atualizado_em": "now()"},
)

DELIVERIES: tuple[FollowUp, ...] = (
    Computed("entregas de pedidos", DELIVERY, COMPRAS["entregas"]),
    Derived("lead times de fornecedores", LEAD_TIMES, COMPRAS["lead_times"]),
    Effect("lead times que ficaram sem entrega", COMPRAS["lead_times_sem_entrega"]),
)
"""Of the order lines in `compras_afetadas`."""
