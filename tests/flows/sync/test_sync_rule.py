"""The fingerprint of a rule: it changes with all that makes rows, and with nothing else."""

import importlib.util
import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from lxml import etree
from sync_samples import ENTITY

from blocks.banco import Target
from blocks.odoo import Documents, Model, many, optional
from flows.catalogo import ENTITIES
from flows.compras.pedidos import PEDIDOS
from flows.settings import SECRETS, Settings
from flows.sync import fingerprint
from flows.sync.entity import Entity, Lookup
from flows.sync.followups import Check, Effect
from flows.sync.history import History
from flows.sync.rule import rule_of, settings_of

SETTINGS = Settings()
NUMBER = itertools.count()

MAPPING = '''
"""A mapping."""

from functools import cache, partial

from flows.sync.mapping import Ignored

TYPES = {"venda", "troca"}  # which are sales
SIZES = {"a": 1, "b": 2}


class Measure:
    """How much."""

    factor = 2

    def of(self, quantity: int) -> int:
        """So much."""
        return quantity * self.factor


@cache
def rounded(value: float, places: int = 2) -> float:
    """A number."""
    return round(value, places)


def text(value: object) -> str:
    """A text."""
    return helper(value) if value else ""


def helper(value: object) -> str:
    return str(value).strip()


def header(document: dict, context: object) -> dict:
    """The columns of a document.

    Raises:
        Ignored: no sale.
    """
    if document["tipo"] not in TYPES:
        raise Ignored("outro tipo")
    return {"numero": text(document["numero"]), "size": SIZES["a"]}


def line(document: dict, item: dict, context: object) -> dict:
    many = (item["quantidade"], rounded(1.5))
    return {"quantidade": Measure().of(many[0]), "grupo": context.settings.group_roots}


keys = lambda document: [partial(helper)(document["numero"])]
'''


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., str]:
    """The rule of an entity whose mapping is the source above, with some of its text replaced."""

    def rule(*changes: tuple[str, str], settings: Settings = SETTINGS) -> str:
        source = MAPPING
        for before, after in changes:
            assert before in source
            source = source.replace(before, after)
        module = loaded(tmp_path, source)
        lookups = {"conhecidos": Lookup("SELECT 1", module.keys)}
        return rule_of(replace(ENTITY, header=module.header, line=module.line, lookups=lookups), settings)

    return rule


def loaded(folder: Path, source: str) -> ModuleType:
    """A module of this source, under the name that all of them have."""
    path = folder / f"mapping_{next(NUMBER)}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("mapping", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["mapping"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "change",
    [
        ('text(document["numero"])', 'helper(document["numero"])'),
        ("str(value).strip()", "str(value).lower()"),
        ('{"venda", "troca"}', '{"venda"}'),
        ('"a": 1', '"a": 3'),
        ("factor = 2", "factor = 3"),
        ("quantity * self.factor", "quantity / self.factor"),
        ("places: int = 2", "places: int = 3"),
        ("round(value, places)", "round(value, places + 0)"),
        ('raise Ignored("outro tipo")', 'raise Ignored("tipo estranho")'),
        ("[partial(helper)", "[partial(str)"),
        ("settings.group_roots", "settings.holiday_state"),
    ],
    ids=lambda change: change[1],
)
def test_it_changes_with_a_function_of_the_mapping_and_all_that_it_calls(
    made: Callable[..., str], change: tuple[str, str]
) -> None:
    assert made(change) != made()


@pytest.mark.parametrize(
    "change",
    [
        ("# which are sales", "# those that count"),
        ('    """A text."""\n', ""),
        ("        Ignored: no sale.\n", "        Ignored: it is none.\n"),
        ('{"a": 1, "b": 2}', '{\n    "b": 2,\n    "a": 1,\n}'),
        ("value: object", "value: str"),
        ("return quantity * self.factor", "return (\n            quantity * self.factor\n        )"),
        ('"""A mapping."""', '"""A mapping."""\n\nUNUSED = 1\n\n\ndef other():\n    return UNUSED\n'),
        ('{"venda", "troca"}', '{"troca", "venda"}'),
    ],
    ids=["comment", "docstring", "its words", "order", "annotation", "formatting", "unused", "set"],
)
def test_it_does_not_change_with_what_makes_no_difference(made: Callable[..., str], change: tuple[str, str]) -> None:
    assert made(change) == made()


def documents(**changes: Any) -> Entity:
    """An entity that reads documents declared with `changes`."""
    line = Model("x.line", {"quantidade": "qty", **changes.pop("line", {})})
    fields = {"numero": "name", "escrita": "write_date", "linhas": many("line_ids", line), **changes.pop("fields", {})}
    declared = Documents(**{"model": Model("x", fields), "domain": [], **changes})
    return replace(ENTITY, open_source=lambda _: declared)


@pytest.mark.parametrize(
    "changed",
    [
        documents(fields={"situacao": "state"}),
        documents(fields={"numero": "number"}),
        documents(line={"preco": "price"}),
        documents(line={"quantidade": optional("qty", "quantity")}),
        documents(domain=[("state", "=", "sale")]),
        documents(references=("linhas",)),
    ],
    ids=["field", "Odoo's field", "field of the line", "optional", "domain", "reference"],
)
def test_it_changes_with_what_is_declared(changed: Entity) -> None:
    assert rule_of(changed, SETTINGS) != rule_of(documents(), SETTINGS)
    assert rule_of(documents(), SETTINGS) == rule_of(documents(), SETTINGS)


STEP = Effect("linhas", "UPDATE x SET y = 1")


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"target": replace(ENTITY.target, columns=(*ENTITY.target.columns, "vendedor"))}, False),
        ({"target": replace(ENTITY.target, stamps={})}, False),
        ({"retired": {"ativo": False}}, False),
        ({"excluded": {"ativo": False}}, False),
        ({"history": History("historico", "pai")}, False),
        ({"after": (STEP,)}, False),
        ({"after": (STEP, Effect("linhas", "UPDATE x SET y = 2"))}, False),
        ({"after": (Check("confira", "SELECT 1"),)}, True),
        ({"title": "Outro", "purpose": "Outro", "numbers": "outros", "batch": 7, "name": "outra"}, True),
        ({"width": lambda _: None}, True),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else "",
)
def test_it_changes_with_what_the_entity_says_becomes_of_a_document(changes: dict[str, Any], same: bool) -> None:
    assert (rule_of(replace(ENTITY, **changes), SETTINGS) == rule_of(ENTITY, SETTINGS)) == same


def test_what_operators_are_told_is_no_part_of_it() -> None:
    one, other = (replace(ENTITY, after=(replace(STEP, told=told),)) for told in ("linhas", "itens"))
    assert rule_of(one, SETTINGS) == rule_of(other, SETTINGS)


ALWAYS = {"odoo_empresas"}
USED = {
    "faturamento": {"cancelada_ja_deduzida"},
    "carteira": {"cancelada_ja_deduzida"},
    "requisicoes": {"requisicao_modelo"},
    "pedidos": {"fornecedores_do_grupo"},
    "alocacoes": set[str](),
    "entradas": {"fornecedores_do_grupo"},
}
CHANGED: dict[str, Any] = {
    "cancelada_ja_deduzida": False,
    "requisicao_modelo": "purchase.request",
    "fornecedores_do_grupo": "nenhum",
    "odoo_empresas": "1",
    "odoo_profile": "vanilla",
}


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_it_changes_with_the_settings_that_the_entity_uses_and_with_no_others(entity: Entity) -> None:
    used = USED[entity.name] | ALWAYS
    assert set(settings_of(entity)) == used
    for name, value in CHANGED.items():
        changed = SETTINGS.model_copy(update={name: value})
        assert (rule_of(entity, changed) != rule_of(entity, SETTINGS)) == (name in used), name
    others = {"max_retries": 7, "janela_carteira": 99, "odoo_url": "https://outro", "limite_exclusao": 1}
    assert rule_of(entity, SETTINGS.model_copy(update=others)) == rule_of(entity, SETTINGS)
    assert not set(settings_of(entity)) & SECRETS


def test_a_setting_that_a_statement_uses_belongs_to_it() -> None:
    entity = replace(ENTITY, after=(Effect("x", "UPDATE x SET y = %(janela_carteira)s"),))
    assert "janela_carteira" in settings_of(entity)


PROGRAM = """
import sys
sys.path[:0] = sys.argv[1:]
from flows.catalogo import ENTITIES
from flows.settings import Settings
from flows.sync.rule import rule_of
for entity in reversed(ENTITIES):
    print(entity.name, rule_of(entity, Settings()))
"""


@pytest.mark.parametrize("seed", ["1", "4711"])
def test_it_is_the_same_in_every_process_and_folder(seed: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    for room in ("flows", "blocks", "schema"):
        (tmp_path / room).symlink_to(root / room)
    environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": seed, "HOME": os.environ.get("HOME", "/")}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told = dict(each.split() for each in ran.stdout.splitlines())
    assert told == {entity.name: rule_of(entity, SETTINGS) for entity in ENTITIES}
    assert len(set(told.values())) == len(ENTITIES)


def test_it_is_the_same_where_the_entity_s_module_is_what_was_started() -> None:
    """As by `python -m flows.compras.pedidos`."""
    program = (
        "import runpy, sys; sys.argv = ['x', '--help']\n"
        "from flows.run import command\n"
        "from flows.settings import Settings\n"
        "from flows.sync.rule import rule_of\n"
        "command.run_from_command_line = lambda flow, job, **_: print(rule_of(job, Settings())) or 0\n"
        "runpy.run_module('flows.compras.pedidos', run_name='__main__', alter_sys=True)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.split() == [rule_of(PEDIDOS, SETTINGS)], ran.stderr


def test_two_targets_that_differ_in_a_key_differ() -> None:
    one = Target("t", ("a",), ("a", "b"))
    assert rule_of(replace(ENTITY, target=one), SETTINGS) != rule_of(
        replace(ENTITY, target=replace(one, key=("b",))), SETTINGS
    )


def test_a_function_without_a_source_stands_for_what_it_does() -> None:
    def compiled(body: str) -> Any:
        names: dict[str, Any] = {}
        exec(f"def header(document, context):\n    return {body}", names)
        return names["header"]

    rules = {rule_of(replace(ENTITY, header=compiled(body)), SETTINGS) for body in ("{'a': 1}", "{'a': 2}", "{'a': 1}")}
    assert len(rules) == 2


def test_of_a_compiled_library_only_the_name_counts_wherever_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "_OTHERS", ("/nowhere",))
    assert fingerprint.Fingerprint().of(etree.XPath) == "lxml.etree.XPath"
