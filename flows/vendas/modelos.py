"""What both sales entities ask Odoo about the same things, and how they read it."""

from blocks.banco import Target
from blocks.odoo import Model, Record, either, label, one, optional
from flows.brasil import city_and_state
from flows.cadastros import PARTNER_FIELDS
from flows.sync.followups import Check, Computed, FollowUp
from flows.vendas.statements import VENDAS

ORDER_TYPES = frozenset({"venda", "bonificacao", "industrializacao", "exportacao", "venda-industrializacao"})
"""Values of l10n_br_tipo_pedido that are sales; in plain Odoo, without the field, all are."""

BALANCE = Target("carteira_principal", ("id",), ("id", "qtd_saldo_produto_pedido"), stamps={"updated_at": "now()"})

BALANCES: tuple[FollowUp, ...] = (
    Computed("saldos recalculados", BALANCE, VENDAS["saldos"]),
    Check("saldos negativos (faturado além do pedido): confira devoluções", VENDAS["saldos_negativos"]),
)
"""The balances of the orders in `pedidos_afetados`. Negative ones are kept and reported, never clipped."""

STATE = Model("res.country.state", {"sigla": "code"})

PARTNER = Model(
    "res.partner",
    {
        **PARTNER_FIELDS,
        "municipio": label(either(ciel_it="l10n_br_municipio_id", vanilla=None)),
        "cidade": optional("city"),
        "uf": one("state_id", STATE),
        "cep": "zip",
        "bairro": either(ciel_it="l10n_br_endereco_bairro", vanilla="street2"),
        "rua": "street",
        "endereco_numero": either(ciel_it="l10n_br_endereco_numero", vanilla=None),
        "telefone": "phone",
        "agendamento": either(ciel_it="agendamento", vanilla=None),
    },
)


def place(partner: Record | None) -> tuple[str | None, str | None]:
    """A partner's city and state."""
    if partner is None:
        return None, None
    state = partner["uf"]["sigla"] if partner["uf"] else None
    return city_and_state(partner["municipio"], partner["cidade"], state)
