"""What is installed: pinned, with hashes where it runs, and nothing that is used comes in by chance."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
RUN = (ROOT / "requirements.txt").read_text(encoding="utf-8")
DEV = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(requirements: str) -> dict[str, str]:
    return {normal(name): version for name, version in PIN.findall(requirements)}


def asked_for(group: str) -> set[str]:
    return {normal(re.split(r"[<>=!~ \[]", each)[0]) for each in GROUPS[group] if isinstance(each, str)}


def imported(*folders: str) -> set[str]:
    """The packages outside of the standard library and the project that these folders' modules import."""
    found = set()
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"blocks", "flows", "schema"}


def test_every_package_that_runs_has_its_hashes() -> None:
    packages = re.split(r"\n(?=[A-Za-z0-9])", RUN.partition("make lock\n")[2].strip())
    assert len(packages) == len(pinned(RUN)) > 100
    assert [each for each in packages if not re.search(r" \\\n    --hash=sha256:[0-9a-f]{64}", each)] == []


def test_what_is_developed_with_has_the_versions_of_what_runs() -> None:
    assert pinned(RUN).items() <= pinned(DEV).items()


def test_all_that_the_project_asks_for_is_pinned() -> None:
    assert asked_for("run") <= pinned(RUN).keys()
    assert asked_for("dev") <= pinned(DEV).keys()


def test_all_that_the_flows_import_is_asked_for() -> None:
    distributions = packages_distributions()
    provided = {
        module: {normal(name) for name in distributions[module]} for module in imported("blocks", "flows", "schema")
    }
    assert {module: names for module, names in provided.items() if not names & asked_for("run")} == {}


NOT_IMPORTED = {
    "fastapi",  # a version that Prefect works with
    "tzdata",  # what zoneinfo reads where the system has no time zones
}


def test_nothing_is_asked_for_that_the_flows_do_not_import() -> None:
    distributions = packages_distributions()
    used = {normal(name) for module in imported("blocks", "flows", "schema") for name in distributions.get(module, ())}
    assert asked_for("run") - used == NOT_IMPORTED
