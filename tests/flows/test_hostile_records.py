"""Hostile values in any field that is read of any document or line: all other documents are stored as they were.

The hostile one itself is stored or kept aside, and the run ends. Run it with other seeds: `-k hostile` and `SEEDS`.
"""

import random
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Engine

from blocks.odoo import resolve
from demo.odoo import odoo_process
from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from flows.settings import Settings
from flows.sync.entity import Entity
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from tests.flows import simulated

pytestmark = pytest.mark.slow

ENTITIES = (FATURAMENTO, CARTEIRA, REQUISICOES, PEDIDOS, ALOCACOES, ENTRADAS)
VALUES: tuple[Any, ...] = (
    float("nan"),
    float("inf"),
    1e308,
    -1,
    2**40,
    7,
    True,
    None,
    "",
    "x" * 300,
    "\uffff",
    "ação \U0001f600",
    "nul\0",
    "0000-00-00",
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59",
    ["a"],
    {"a": 1},
)
SPARED = {"id", "create_date"}
POISONED = 8
SEEDS = [4]
DERIVED = {"carteira": "carteira_principal", "faturamento": "faturamento_produtos"}
"""What is made of an entity's lines."""


class Company(simulated.Company):
    protocol = "jsonrpc"

    @property
    def settings(self) -> Settings:
        return super().settings.model_copy(update={"odoo_protocol": self.protocol})

    def rows(self, entity: Entity) -> dict[int, list[tuple[Any, ...]]]:
        """The rows of an entity by document."""
        columns = ", ".join(entity.target.columns)
        made: dict[int, list[tuple[Any, ...]]] = {}
        for number, *row in self.fetch(
            f"SELECT {entity.document}, {columns} FROM {entity.target.table} WHERE {entity.document} IS NOT NULL"
        ):
            made.setdefault(number, []).append(tuple(row))
        return {number: sorted(rows, key=repr) for number, rows in made.items()}

    def derived(self, entity: Entity) -> dict[int, list[tuple[Any, ...]]]:
        """The rows that are made of an entity's lines, by document, as far as they do not tell when they were made."""
        if entity.name not in DERIVED:
            return {}
        made: dict[int, list[tuple[Any, ...]]] = {}
        for document, row in self.fetch(
            f"SELECT {entity.document}, to_jsonb(t) - '{{updated_at,ultima_sync}}'::text[] "
            f"FROM {DERIVED[entity.name]} t"
        ):
            made.setdefault(document, []).append(tuple(sorted(row.items())))
        return {number: sorted(rows, key=repr) for number, rows in made.items()}

    def aside(self, entity: Entity) -> set[int]:
        """The documents of which something is kept aside, or that are hidden."""
        kept = self.fetch(
            "SELECT documento_id FROM import_failures WHERE entidade = :name AND status <> 'resolvido' "
            "UNION SELECT documento_id FROM sync_documento WHERE entidade = :name AND oculto_em IS NOT NULL",
            name=entity.name,
        )
        return {number for (number,) in kept}

    def forget(self, entity: Entity) -> None:
        """Let the next run read everything again."""
        for table in ("sync_documento", "sync_metadata"):
            self.do(f"DELETE FROM {table} WHERE entidade = :name", name=entity.name)


@pytest.fixture
def company(engine: Engine) -> Iterator[Company]:
    with odoo_process() as process, simulated.company_of(process, engine) as each:
        made = Company(each.odoo, each.rpc, each.engine)
        made.do(
            "INSERT INTO cadastro_palletizacao (cod_produto, nome_produto, palletizacao, peso_bruto, produto_comprado) "
            "SELECT unnest(CAST(:codes AS text[])), 'x', 1, 1, true",
            codes=sorted(
                {
                    product["default_code"]
                    for product in made.records("product.product", "default_code").values()
                    if product["default_code"]
                }
            ),
        )
        yield made


@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc"])
@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
@pytest.mark.parametrize("seed", SEEDS)
def test_hostile_values_keep_no_other_document_out(company: Company, entity: Entity, protocol: str, seed: int) -> None:
    dice = random.Random(f"{entity.name} {protocol} {seed}")
    company.protocol = protocol
    for each in ENTITIES:
        company.run(each)
    before, derived = company.rows(entity), company.derived(entity)
    assert len(before) > POISONED

    done, poisoned, hidden = [], set[int](), list[int]()
    numbers = dice.sample(sorted(before), POISONED)
    for number in numbers:
        model, record, field, value = _hostile(company, entity, number, dice)
        if field:
            company.odoo.control("raw", model=model, id=record, values={field: value})
        else:
            hidden.append(record)
            company.odoo.control("hide_records", model=model, ids=hidden)
        done.append((number, model, record, field, value))
        poisoned.add(number)

    company.forget(entity)
    counts = company.run(entity)
    after, derived_after, aside = company.rows(entity), company.derived(entity), company.aside(entity)
    told = f"{done}"
    others = before.keys() - poisoned
    assert {number: after.get(number) for number in others} == {number: before[number] for number in others}, told
    others = derived.keys() - poisoned
    assert {number: derived_after.get(number) for number in others} == {number: derived[number] for number in others}, (
        told
    )
    assert [each for each in done if each[0] not in aside and not after.get(each[0])] == [], told
    assert counts.documentos + counts.rejeitados + counts.ocultos >= len(before) - len(hidden), told


def _hostile(company: Company, entity: Entity, number: int, dice: random.Random) -> tuple[str, int, str | None, Any]:
    """What is done to a document: model, record, field and value; without a field the record is hidden."""
    with closing(entity.open_source(company.settings)) as source:
        documents = source._documents
        name = (
            resolve(documents.model, source._client.fields(documents.model.name), "auto").names["numero"]
            if ("numero" in documents.model.fields)
            else None
        )
    kind = dice.random()
    if kind < 0.1:
        return documents.model.name, number, None, None
    if kind < 0.2:
        return documents.model.name, number, "write_date", dice.choice((False, "ontem"))
    if kind < 0.3 and name:
        # A cancelled document gives its number to a living one: its rows need not stay.
        alive = [["state", "!=", "cancel"]] if entity.name in DERIVED else []
        found = company.records(documents.model.name, name, alive)
        other = dice.choice(sorted((found.keys() & company.rows(entity).keys()) - {number}))
        return documents.model.name, number, name, found[other][name]
    model, record, field = _some_field(company, entity, number, dice)
    return model, record, field, dice.choice(VALUES)


def _some_field(company: Company, entity: Entity, number: int, dice: random.Random) -> tuple[str, int, str]:
    """A field that is read of the document itself or of one of its lines."""
    with closing(entity.open_source(company.settings)) as source:
        documents = source._documents
        models = {documents.model.name: resolve(documents.model, source._client.fields(documents.model.name), "auto")}
        record, model = number, documents.model
        if documents.lines and dice.random() < 0.6:
            link = documents.model.fields[documents.lines]
            name = models[documents.model.name].names[documents.lines]
            read = company.records(documents.model.name, name, [["id", "=", number]])[number]
            if read[name]:
                record, model = dice.choice(read[name]), link.model
        resolved = resolve(model, source._client.fields(model.name), "auto")
    plain = sorted(resolved.wanted - SPARED)
    return model.name, record, dice.choice(plain)
