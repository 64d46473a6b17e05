"""What follows from deliveries, whether an order or a receipt was read: dates, quantities and lead times."""

from blocks.banco import Target
from flows.compras.statements import COMPRAS
from flows.sync.followups import Derived, Effect, FollowUp
from schema import lead_time_fornecedor

LEAD_TIMES = Target.of(
    lead_time_fornecedor,
    suggestions={"lead_time_previsto": "lead_time_calculado"},
    stamps={"atualizado_em": "now()"},
)
"""By supplier and product; the expected time is the first delivery's until a person sets another."""

DELIVERIES: tuple[FollowUp, ...] = (
    Effect("entregas de pedidos", COMPRAS["entregas"]),
    Derived("lead times de fornecedores", LEAD_TIMES, COMPRAS["lead_times"]),
    Effect("lead times que ficaram sem entrega", COMPRAS["lead_times_sem_entrega"]),
)
"""Of the order lines in `compras_afetadas`."""
