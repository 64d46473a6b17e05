"""The README names everything that a reader can set, run or deploy; the rooms import one way only."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import AliasChoices

from flows.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROOMS = ("flows", "blocks", "schema", "demo", "bench", "tests")
ENTRY_ROOMS = ("flows", "blocks", "demo", "bench")


def settings() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        yield from alias.choices if isinstance(alias, AliasChoices) else [name.upper()]  # type: ignore[misc]


def targets() -> Iterator[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    yield from (f"make {name}" for name in re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def deployments() -> Iterator[str]:
    for deployment in yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]:
        yield f"{deployment['entrypoint'].partition(':')[2].replace('_', '-')}/{deployment['name']}"


def modules_to_run() -> Iterator[str]:
    for room in ENTRY_ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if path.name == "__main__.py" or 'if __name__ == "__main__":' in path.read_text(encoding="utf-8"):
                parts = path.relative_to(ROOT).with_suffix("").parts
                if parts[-1] == "__main__":
                    yield f"python -m {'.'.join(parts[:-1])}"
                elif room == "flows":  # elsewhere only packages are commands for people
                    yield f"python -m {'.'.join(parts)}"


def mentioned(name: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w-]|\.\w)", README) is not None


def test_the_readme_mentions_every_setting_target_deployment_and_entry_point() -> None:
    wanted = [*settings(), *targets(), *deployments(), *modules_to_run()]
    assert {"DATABASE_URL", "ODOO_API_KEY", "make demo", "vendas/vendas-agendada", "python -m flows.deploy"} <= set(
        wanted
    )
    missing = [name for name in wanted if not mentioned(name)]
    assert not missing, f"README.md does not mention: {', '.join(missing)}"


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


KNOW_ALL = ("catalogue", "timetable", "deploy")
"""Modules of flows that know every domain, as no other shared one does."""


def room(name: str) -> str:
    """The room that a module belongs to: the shared parts of flows are one, each domain is another."""
    top, _, rest = name.partition(".")
    if top != "flows":
        return top
    part = rest.split(".")[0]
    if (ROOT / "flows" / part).is_dir() and part:
        return f"flows.{part}"
    return f"flows.{part}" if part in KNOW_ALL else "flows"


DOMAINS = {f"flows.{path.name}" for path in (ROOT / "flows").iterdir() if (path / "__init__.py").exists()} - {
    "flows.engine"
}


def allowed(origin: str) -> set[str]:
    """The rooms that a room may import, itself included."""
    shared = {"flows", "flows.engine", "blocks", "schema"}
    return {
        "schema": {"schema"},
        "blocks": {"blocks", "schema"},
        "flows": {"flows", "blocks", "schema"},
        "flows.engine": shared,
        **{f"flows.{one}": {*shared, *DOMAINS, *(f"flows.{each}" for each in KNOW_ALL)} for one in KNOW_ALL},
    }.get(origin, {*shared, origin})


@pytest.mark.parametrize("top", ["schema", "blocks", "flows"])
def test_imports_run_one_way(top: str) -> None:
    wrong = []
    seen = 0
    for path in sorted((ROOT / top).rglob("*.py")):
        origin = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name in imports(path):
            if name.partition(".")[0] in ROOMS:
                seen += 1
                if room(name) not in allowed(origin):
                    wrong.append(f"{path.relative_to(ROOT)} ({origin}) imports {name}")
    assert seen
    assert not wrong, "\n".join(wrong)


def test_demo_and_bench_do_not_import_tests() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for top in ("demo", "bench")
        for path in (ROOT / top).rglob("*.py")
        for name in imports(path)
        if name.partition(".")[0] == "tests"
    ]
    assert not wrong
