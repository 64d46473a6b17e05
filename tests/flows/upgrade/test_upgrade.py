"""An installation of the version before, upgraded: it comes to store what a fresh one does, and people's work stays."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, text

from blocks.banco import open_engine
from demo.odoo import odoo_process
from demo.postgres import Postgres
from flows.sync.entity import Entity
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from schema import metadata, migrate
from tests.flows.compras.compras_company import Compras
from tests.flows.simulated import company_of
from tests.flows.upgrade import upgrade_story as story
from tests.flows.upgrade.upgrade_fixture import REVISION, load, sync

pytestmark = pytest.mark.slow

Row = dict[str, Any]
Before = dict[str, dict[int, Row]]

SALES = (FATURAMENTO, CARTEIRA)

KEYS = {
    "carteira_principal": ("num_pedido", "cod_produto"),
    "faturamento_produtos": ("company_id", "serie", "numero_nf", "cod_produto", "origem"),
    "relatorio_faturamento_importado": ("company_id", "serie", "numero_nf"),
    "historico_pedidos": ("num_pedido", "cod_produto"),
    "carteira_linha": ("odoo_line_id",),
    "faturamento_linha": ("odoo_line_id",),
    "requisicao_compras": ("odoo_id",),
    "pedido_compras": ("odoo_id",),
    "requisicao_compra_alocacao": ("odoo_allocation_id",),
    "movimentacao_estoque": ("faturamento_produto_id", "odoo_move_id"),
    "lead_time_fornecedor": ("cnpj_fornecedor", "cod_produto"),
    "cadastro_palletizacao": ("cod_produto",),
    "sync_documento": ("entidade", "documento_id"),
    "sync_metadata": ("entidade",),
    "import_failures": ("entidade", "documento_id", "registro_id"),
}
"""How the rows of two databases are matched."""

ROWS = [name for name in KEYS if not name.startswith(("sync_", "import_"))]

LINKS = {
    "carteira_id": "carteira_principal",
    "faturamento_produto_id": "faturamento_produtos",
    "requisicao_compra_id": "requisicao_compras",
    "pedido_compra_id": "pedido_compras",
    "pedido_compras_id": "pedido_compras",
}
"""The columns with another row's id, and the table of that row."""

LINE_OF = {"carteira_linha": "carteira_principal", "faturamento_linha": "faturamento_produtos"}
"""The tables of lines, and the table that `linha_de` points to."""

WRITTEN = {"odoo_write_date", "write_date_odoo"}
"""Of the change that last wrote a row: a document that was only saved again writes none."""

LOCAL = {
    "faturamento_produtos": {"status_processamento"},
    "relatorio_faturamento_importado": {"inativado_em"},
    "movimentacao_estoque": {"separacao_lote_id"},
    "pedido_compras": {"confirmacao_pedido", "confirmado_por", "confirmado_em"},
    "sync_documento": {"lido_em", "leitura", "conferido_em", "resumo"},
    "sync_metadata": {"checkpoint", "atualizado_em", "relogio", "assentado_em", "acesso"},
    "import_failures": {"tentativas", "proxima_tentativa", "criado_em", "atualizado_em", "resolvido_em"},
}
"""What depends on when a database read something, or on what people entered in it."""

KEPT = {
    "faturamento_produtos": ("status_processamento",),
    "movimentacao_estoque": ("separacao_lote_id", "data_movimentacao", "criado_em"),
    "pedido_compras": ("confirmacao_pedido", "confirmado_por", "confirmado_em"),
    "historico_pedidos": ("odoo_order_id",),
}
"""What stays as it is of every row, beside people's own columns."""

GONE: dict[str, Callable[[Row], bool]] = {
    "carteira_principal": lambda row: not row["ativo"] and row["qtd_saldo_produto_pedido"] == 0,
    "faturamento_produtos": lambda row: row["status_nf"] == "Cancelado",
    "relatorio_faturamento_importado": lambda row: not row["ativo"] or row["odoo_move_id"] is None,
    "historico_pedidos": lambda row: row["carteira_id"] is None,
    "carteira_linha": lambda row: row["odoo_line_id"] < 0 and not row["ativo"],
    "faturamento_linha": lambda row: row["odoo_line_id"] < 0 and not row["ativo"],
    "requisicao_compras": lambda row: not row["ativo"] or row["odoo_id"] is None,
    "pedido_compras": lambda row: not row["ativo"],
    "requisicao_compra_alocacao": lambda row: not row["ativo"],
    "movimentacao_estoque": lambda row: not row["ativo"],
    "sync_documento": lambda row: row["excluido_em"] is not None,
    "import_failures": lambda row: row["status"] == "resolvido",
}
"""Which rows an installation has of what is not in Odoo any more, or of what people imported."""


@dataclass
class Upgraded(Compras):
    """A company, and the database of the version before, upgraded.

    Attributes:
        before: its rows before, by table and id.
        fresh: the same company, synced into a database of its own.
        changed: whether something happened in the company since the version before read it.
    """

    before: Before
    fresh: Compras
    changed: bool


@pytest.fixture(scope="module", params=[False, True], ids=["quiet", "with changes meanwhile"])
def fresh(request: pytest.FixtureRequest, postgres: Postgres) -> Iterator[Compras]:
    """The company of the version before as it is now, synced into an empty database."""
    with ExitStack() as stack:
        engine = stack.enter_context(_database(postgres))
        migrate.upgrade(engine)
        opened = stack.enter_context(company_of(stack.enter_context(odoo_process()), engine))
        company = Compras(opened.odoo, opened.rpc, engine)
        story.before(company)
        if request.param:
            story.between(company)
        company.mark_purchased()
        company.skip(hours=2)
        sync(company)
        yield company


@pytest.fixture
def upgraded(fresh: Compras, postgres: Postgres) -> Iterator[Upgraded]:
    """The upgraded database, nothing of it read yet."""
    with _upgraded(fresh, postgres) as company:
        yield company


@pytest.fixture(scope="module")
def synced(fresh: Compras, postgres: Postgres) -> Iterator[Upgraded]:
    """The upgraded database after a run of each entity; to be read only."""
    with _upgraded(fresh, postgres) as company:
        sync(company)
        yield company


@contextmanager
def _upgraded(fresh: Compras, postgres: Postgres) -> Iterator[Upgraded]:
    with _database(postgres) as engine:
        migrate.upgrade(engine, REVISION)
        load(engine)
        old = Compras(fresh.odoo, fresh.rpc, engine)
        before = {name: rows(old, name) for name in ("separacao", *KEYS) if not name.endswith("_linha")}
        migrate.upgrade(engine)
        changed = bool(fresh.rpc.call("account.move", "search", [("id", "=", story.INVOICE_DELETED_LATER)]))
        yield Upgraded(fresh.odoo, fresh.rpc, engine, before, fresh, not changed)


@contextmanager
def _database(postgres: Postgres) -> Iterator[Engine]:
    """An empty database."""
    name = f"atualizado_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name)
    engine = open_engine(postgres.url(name))
    yield engine
    engine.dispose()


def rows(company: Compras, table: str) -> dict[int, Row]:
    """The rows of a table by `id`, or numbered where it has none."""
    with company.engine.connect() as connection:
        found = [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]
    return {row.get("id", number): row for number, row in enumerate(found)}


def content(company: Compras, table: str) -> dict[tuple[Any, ...], Row]:
    """What the sync makes of a table, by its key: no ids of ours, nothing of people, links by the key behind them."""
    columns = metadata.tables[table].columns
    ours = [each.name for each in columns if each.info.get("owner") not in ("registro", "pessoas")]
    linked = {
        name: {number: tuple(row[each] for each in KEYS[target]) for number, row in rows(company, target).items()}
        for name in ours
        if (target := LINE_OF[table] if name == "linha_de" else LINKS.get(name))
    }
    found = {}
    for row in rows(company, table).values():
        shown = {name: linked[name].get(row[name]) if name in linked else row[name] for name in ours}
        if row.get("tipo_movimentacao") == "FATURAMENTO":
            del shown["data_movimentacao"]  # of the day when the invoice was read first
        if row.get("inativado_por") == "maria":
            shown |= {"ativo": True, "inativado_por": None}  # what a person did to a living invoice
        key = tuple(shown[name] for name in KEYS[table])
        assert key not in found, (table, key)
        found[key] = {name: value for name, value in shown.items() if name not in WRITTEN | LOCAL.get(table, set())}
    return found


def balances(company: Compras) -> dict[tuple[str, str], float]:
    """The balances of the rows that count."""
    found = company.fetch(
        "SELECT num_pedido, cod_produto, qtd_saldo_produto_pedido::float FROM carteira_principal WHERE ativo"
    )
    return {(number, code): balance for number, code, balance in found}


@pytest.mark.parametrize("table", KEYS)
def test_upgraded_and_synced_it_holds_what_a_fresh_one_does(synced: Upgraded, table: str) -> None:
    ours, theirs = content(synced, table), content(synced.fresh, table)
    assert {key: ours.get(key) for key in theirs} == theirs
    gone = GONE.get(table, lambda row: False)
    assert [row for key, row in ours.items() if key not in theirs and not gone(row)] == []


def test_no_row_vanishes_and_what_people_entered_stays(synced: Upgraded) -> None:
    for name, stored in synced.before.items():
        if not name.startswith(("sync_", "import_", "separacao")):
            people = [each.name for each in metadata.tables[name].columns if each.info.get("owner") == "pessoas"]
            kept, after = [*people, *KEPT.get(name, ())], rows(synced, name)
            left = name == "historico_pedidos"  # cancelled orders leave it, today as before
            before = {n: row for n, row in stored.items() if n in after or not left or demanded(synced, row)}
            assert {n: [after[n][each] for each in kept] if n in after else None for n in before} == {
                n: [row[each] for each in kept] for n, row in before.items()
            }, name


def test_what_was_stored_keeps_its_row(synced: Upgraded) -> None:
    new = ("S00065",) if synced.changed else ()
    for name in ("carteira_principal", "faturamento_produtos", "movimentacao_estoque"):
        number = "origem" if name == "faturamento_produtos" else "num_pedido"
        living = [row for row in rows(synced, name).values() if not GONE[name](row)]
        assert [row for row in living if row["id"] not in synced.before[name] and row[number] not in new] == []


def demanded(company: Upgraded, row: Row) -> bool:
    """Whether a row is in the history of the fresh database, or was imported by people."""
    return row["num_pedido"] == "ANTIGO-1" or (row["num_pedido"], row["cod_produto"]) in content(
        company.fresh, "historico_pedidos"
    )


def test_lots_keep_what_they_hold(synced: Upgraded) -> None:
    before, after = synced.before["separacao"], rows(synced, "separacao")
    changed = {
        lot["separacao_lote_id"]: found
        for number, lot in before.items()
        if (found := {name: after[number][name] for name in lot if after[number][name] != lot[name]})
    }
    if not synced.changed:
        assert changed == {}
    else:
        assert changed.keys() == {"L-49", "L-55"}
        assert (changed["L-49"]["status"], changed["L-49"]["numero_nf"]) == ("ABERTO", None)
        assert (changed["L-55"]["status"], changed["L-55"]["qtd_saldo"]) == ("CANCELADO", 0)


def test_what_a_person_switched_off_stays_off(synced: Upgraded) -> None:
    report = "SELECT numero_nf, inativado_em::date::text FROM relatorio_faturamento_importado"
    assert synced.fetch(f"{report} WHERE inativado_por = 'maria'") == [("NFe 00000004", "2026-11-25")]


def test_what_people_imported_stays(synced: Upgraded) -> None:
    report = "SELECT valor_total, ativo FROM relatorio_faturamento_importado WHERE numero_nf = '99999'"
    assert synced.fetch(report) == [(12.5, True)]
    assert synced.fetch("SELECT ativo FROM requisicao_compras WHERE num_requisicao = 'MANUAL-1'") == [(True,)]
    assert synced.fetch("SELECT qtd_demanda_prevista::float FROM previsao_demanda") == [(10,)]


def test_what_was_in_quarantine_is_there_still(synced: Upgraded) -> None:
    aside = "SELECT documento, registro_id, status FROM import_failures WHERE status <> 'resolvido'"
    assert synced.fetch(aside) == synced.fresh.fetch(aside)
    assert [(number, status) for number, _, status in synced.fetch(aside)] == [("S00064", "pendente")]


def test_what_was_in_quarantine_is_stored_once_its_product_has_a_code(upgraded: Upgraded) -> None:
    product = {"model": "product.product", "id": story.UNCODED}
    upgraded.odoo.control("raw", **product, values={"default_code": "AMOSTRA"})
    try:
        upgraded.run(CARTEIRA)
    finally:
        upgraded.odoo.control("raw", **product, values={"default_code": False})
    assert balances(upgraded)["S00064", "AMOSTRA"] == 3
    assert upgraded.fetch("SELECT status FROM import_failures") == [("resolvido",)]


def test_another_run_writes_nothing(synced: Upgraded) -> None:
    before = {name: synced.fetch(f"SELECT xmin::text, t.* FROM {name} t ORDER BY 2") for name in ROWS}
    sync(synced)
    assert {name: synced.fetch(f"SELECT xmin::text, t.* FROM {name} t ORDER BY 2") for name in ROWS} == before


@pytest.mark.parametrize("first", SALES, ids=lambda entity: entity.name)
def test_balances_are_right_before_everything_is_read(upgraded: Upgraded, first: Entity) -> None:
    stored = [row for row in upgraded.before["carteira_principal"].values() if row["ativo"]]
    before = {(row["num_pedido"], row["cod_produto"]): float(row["qtd_saldo_produto_pedido"]) for row in stored}
    assert balances(upgraded) == before
    upgraded.run(first)
    now, then = balances(upgraded), balances(upgraded.fresh)
    assert {key: now[key] for key in before.keys() & then.keys() if now[key] not in (before[key], then[key])} == {}
    [second] = [each for each in SALES if each is not first]
    upgraded.run(second)
    assert balances(upgraded) == then
