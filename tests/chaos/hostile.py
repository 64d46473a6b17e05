"""Values that no rule of Odoo allows, set by SQL in any field that is read of a document or of one of its lines."""

from collections.abc import Iterator
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING, Any, Final

from blocks.odoo import resolve
from demo.odoo import moments
from flows.sync.entity import Entity
from tests.chaos.runs import BY_NAME
from tests.chaos.schedule import JOBS

if TYPE_CHECKING:
    from tests.chaos.odoo_world import OdooWorld

VALUES: Final[tuple[Any, ...]] = (
    *(float("nan"), float("inf"), 1e308, -1, 2**40, 7, True, None, "", "x" * 300, "\uffff", "nul\0"),
    *("0000-00-00", "0001-01-01 00:00:00", "9999-12-31 23:59:59", ["a"], {"a": 1}),
)
LINKS: Final = (None, 7, 2**40)
"""Of a field that leads to another record."""
SPARED: Final = {"id", "create_date", "write_date"}


def poison(world: "OdooWorld", domain: str, dice: Random) -> str:
    """Set a hostile value in a document that is stored, whose write date moves with it."""
    entity = dice.choice([BY_NAME[name] for name in JOBS[domain] if isinstance(BY_NAME[name], Entity)])
    assert isinstance(entity, Entity)
    with closing(entity.open_source(world.settings)) as source:
        declared, client = source._documents, source._client  # type: ignore[attr-defined]
        model, fields = declared.model, client.fields(declared.model.name)
        resolved = resolve(model, fields, "auto")
        table = world.server.simulator.store.tables[model.name]
        documents = [
            number
            for (number,) in world.fetch(
                "SELECT documento_id FROM sync_documento WHERE entidade = :name ORDER BY 1", name=entity.name
            )
            if number in table.rows
        ]
        if not documents:
            return "nada a estragar"
        record, document = dice.choice(documents), None
        document = record
        if declared.lines and dice.random() < 0.6:
            link = model.fields[declared.lines]
            lines = table.value(record, table.fields[resolved.names[declared.lines]].name)
            if lines:
                record, model = dice.choice(sorted(lines)), link.model
                resolved = resolve(model, client.fields(model.name), "auto")
                table = world.server.simulator.store.tables[model.name]
    name = dice.choice(sorted(resolved.wanted - SPARED))
    field = table.fields[name]
    own, value = field.name, dice.choice(LINKS if field.relation else VALUES)
    if field.many:
        return "nada a estragar numa lista"
    world.hostile.setdefault((model.name, record, own), table.value(record, own))
    world.poisoned.setdefault(entity.name, set()).add(document)
    put(world, model.name, record, own, value)
    return f"{entity.name} {document}: {model.name} {record}.{name} = {value!r:.30} por SQL"


def put(world: "OdooWorld", model: str, record: int, name: str, value: Any) -> None:
    """Set a stored value, and a write date with it."""
    store = world.server.simulator.store
    with store.lock:
        table = store.tables[model]
        if record in table.rows:
            table.put(record, name, tuple(value) if isinstance(value, list) else value)
            table.put(record, "write_date", moments.timestamp(store.clock.now()))


def lost(world: "OdooWorld", domain: str) -> Iterator[str]:
    """Documents with hostile values of which nothing is stored and nothing kept aside with its cause."""
    for name in JOBS[domain]:
        for number in world.poisoned.get(name, ()):
            found = world.fetch(
                "SELECT FROM sync_documento WHERE entidade = :name AND documento_id = :number "
                "UNION ALL SELECT FROM import_failures WHERE entidade = :name AND documento_id = :number "
                "AND status <> 'resolvido' AND erro <> ''",
                name=name,
                number=number,
            )
            if not found:
                yield f"{name} {number}: nem gravado nem em quarentena"


def mend(world: "OdooWorld") -> Iterator[str]:
    """Put all values back."""
    for (model, record, name), value in world.hostile.items():
        put(world, model, record, name, value)
        yield f"{model} {record}.{name} volta ao que era"
    world.hostile.clear()
    world.poisoned.clear()
