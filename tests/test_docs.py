"""The pages name all that a reader can set, run or deploy; rooms import one way only; references resolve."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import AliasChoices

from flows.comando.commands import COMMANDS
from flows.settings import Settings

ROOT = Path(__file__).parents[1]
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


def subcommands() -> Iterator[str]:
    for name, command in COMMANDS.items():
        yield f"sincronia {name}"
        for each in command.parser(name)._actions:
            if name == "quarentena" and isinstance(each.choices, dict):
                yield from (f"sincronia {name} {one}" for one in each.choices)


WHERE: dict[str, tuple[Callable[[], Iterator[str]], str]] = {
    "settings": (settings, "docs/configuracao.md"),
    "targets": (targets, "CONTRIBUTING.md"),
    "deployments": (deployments, "docs/implantacao.md"),
    "commands": (modules_to_run, "README.md CONTRIBUTING.md docs/implantacao.md docs/recuperacao.md docs/comandos.md"),
    "subcommands": (subcommands, "docs/comandos.md"),
}
"""What a reader can set, run or deploy, by kind: its names, and the pages one of which has to mention each."""
KNOWN = {
    *("DATABASE_URL", "ODOO_API_KEY", "make demo", "vendas/vendas-agendada", "python -m flows.deploy"),
    "sincronia quarentena desistir",
}


def mentioned(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w-]|\.\w)", text) is not None


@pytest.mark.parametrize("kind", WHERE)
def test_the_pages_mention_every_setting_target_deployment_and_entry_point(kind: str) -> None:
    names, pages = WHERE[kind]
    text = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in pages.split())
    missing = [name for name in names() if not mentioned(name, text)]
    assert not missing, f"{pages} does not mention: {', '.join(missing)}"


def test_the_names_that_pages_have_to_mention_are_found() -> None:
    assert {name for names, _ in WHERE.values() for name in names()} >= KNOWN


def test_the_readme_leads_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}
    assert pages
    assert not pages - {link["target"] for link in LINK.finditer(readme)}


def test_the_hooks_run_what_make_lint_runs() -> None:
    [repository] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    [recipe] = re.findall(r"^lint:.*\n\t@(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    linters = [command.replace("$(BIN)", ".venv/bin").removesuffix(" .") for command in recipe.split(" && ")]
    assert [hook["entry"] for hook in repository["hooks"]] == linters


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


BASE = {"flows", "blocks"}
"""What every room of flows stands on: settings, connections and logs, and what flows talk to."""
DOMAINS = {"flows.vendas", "flows.compras", "flows.manufatura", "flows.tiny_os"}
ALLOWED = {
    "schema": {"schema"},
    "blocks": {"blocks"},
    "flows": BASE,
    "flows.run": {*BASE, "flows.run"},
    "flows.sync": {*BASE, "flows.run", "flows.sync"},
    "flows.cadastros": {*BASE, "flows.sync"},
    **{domain: {*BASE, "flows.cadastros", "flows.run", "flows.sync", "schema", domain} for domain in DOMAINS},
    "flows.catalogo": {*DOMAINS, "flows.run", "flows.sync"},
    "flows.operacao": {*BASE, "flows.run", "flows.catalogo", "schema", "flows.operacao"},
    "flows.conciliacao": {
        *BASE,
        "flows.run",
        "flows.sync",
        "flows.catalogo",
        "flows.operacao",
        "flows.conciliacao",
    },
    "flows.dominios": {"flows", "flows.catalogo", "flows.sync", "flows.operacao"},
    "flows.comando": {*BASE, "flows.operacao", "flows.comando"},
    "flows.deploy": {*BASE, "flows.run", "flows.catalogo", "flows.operacao", "schema"},
}
"""The rooms that a room may import; docs/arquitetura.md draws them."""
ROOM_ROW = re.compile(r"^\| `(schema|blocks|flows(?:\.\w+)?)` \|[^|\n]*\|([^|\n]*)\|$", re.MULTILINE)


def room(name: str) -> str:
    """The room that a module belongs to; what flows holds besides folders and these few modules is its base."""
    top, _, rest = name.partition(".")
    own = f"flows.{rest.split('.')[0]}"
    return own if top == "flows" and own in ALLOWED else top


def test_the_architecture_page_says_which_room_imports_which() -> None:
    rows = ROOM_ROW.findall((ROOT / "docs/arquitetura.md").read_text(encoding="utf-8"))
    told = {name: {*re.findall(r"`([\w.]+)`", others)} for name, others in rows}
    assert told == {name: others - {name} for name, others in ALLOWED.items()}


def test_every_folder_of_flows_is_a_room_that_the_rule_knows() -> None:
    assert {f"flows.{each.parent.name}" for each in (ROOT / "flows").glob("*/__init__.py")} <= ALLOWED.keys()


@pytest.mark.parametrize("top", ["schema", "blocks", "flows"])
def test_imports_run_one_way(top: str) -> None:
    wrong = []
    seen = 0
    for path in sorted((ROOT / top).rglob("*.py")):
        origin = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name in imports(path):
            if name.partition(".")[0] in ROOMS:
                seen += 1
                if room(name) not in ALLOWED[origin]:
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


# --- references: whatever the repository's texts refer to is in the repository ----------------------------------------

TEXTS = {".py", ".sql", ".md", ".yml", ".yaml", ".toml", ".txt", ".json", ".service", ".mako", ".example", ""}
"""Suffixes of the files that people read; what has none is the Makefile, the Dockerfile and the like."""
HIDDEN = {".ci", ".dockerignore", ".env.example", ".gitignore"}
"""What is tracked of the names that begin with a dot."""

CITED = re.compile(r"docs/[\w/.-]+?\.md")
HEADING_AFTER = re.compile(r'(?:[,:]| and)?\s[\s#-]*"(?P<heading>[^"]+)"')
HEADING = re.compile(r"^#+ +(.+?)\s*$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
NAMED_PATH = re.compile(r"`(?P<path>[\w@.-]+(?:/[\w@.-]+)+\.(?:py|sql|md|ya?ml|json|toml|txt|service|mako|example))`")
"""A path between backticks: it stands for a file, as seen from the repository or from the page's folder."""
LEADS_OUT = re.compile(
    r"design(?: ?§|\.md)|behaviour\.md|domain notes|domain/(?:odoo|tiny)|(?<![a-z])seed[ _]0\d\d|\.\./shared",
    re.IGNORECASE,
)
SHARED = re.compile(r"\.\./shared", re.IGNORECASE)
"""Tests that need material which cannot be published name its folder, and skip where it is absent."""


def texts() -> Iterator[tuple[str, str]]:
    """Path and text of every file of the repository that people read, this one excepted."""
    for top in sorted(ROOT.iterdir()):
        if top.name.startswith(".") and top.name not in HIDDEN:
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in TEXTS and path.is_file() and path != Path(__file__) and "/resultados/" not in name:
                yield name, path.read_text(encoding="utf-8")


def headings(page: Path) -> set[str]:
    """The headings of a Markdown page, without those that only look like one inside a code block."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return set(HEADING.findall(prose))


def anchor(heading: str) -> str:
    """The anchor that a Markdown heading gets on GitHub."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def unresolved_citations(text: str) -> Iterator[str]:
    """Mentions of pages under docs/ that are not there, and quoted headings after one that it does not have."""
    for cited in CITED.finditer(text):
        page = ROOT / cited[0]
        if not page.is_file():
            yield f"{cited[0]}: no such page"
            continue
        position = cited.end()
        while quoted := HEADING_AFTER.match(text, position):
            heading = re.sub(r"\s*\n[\s#]*(?:--)?\s*", " ", quoted["heading"])
            if heading not in headings(page):
                yield f"{cited[0]}: no heading {heading!r}"
            position = quoted.end()


def unresolved_links(name: str, text: str) -> Iterator[str]:
    """Relative links of a Markdown page to files or headings that are not there."""
    for link in LINK.finditer(text):
        target, _, fragment = link["target"].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        page = (ROOT / name).parent / target if target else ROOT / name
        if not page.exists():
            yield f"link to {link['target']}: no such file"
        elif fragment and fragment not in map(anchor, headings(page)):
            yield f"link to {link['target']}: no such heading"


def unresolved_paths(name: str, text: str) -> Iterator[str]:
    """Paths that a Markdown page names and that are not there."""
    for named in NAMED_PATH.finditer(text):
        if not any((folder / named["path"]).is_file() for folder in (ROOT, (ROOT / name).parent)):
            yield f"{named['path']}: no such file"


def leading_out(name: str, text: str) -> Iterator[str]:
    """Words that refer to documents outside of the repository."""
    for found in LEADS_OUT.finditer(text):
        if not (name.startswith("tests/") and SHARED.fullmatch(found[0])):
            yield f"line {text.count(chr(10), 0, found.start()) + 1}: {found[0]!r} leads out of the repository"


def test_every_reference_in_the_repository_resolves() -> None:
    wrong = []
    seen = 0
    for name, text in texts():
        seen += len(CITED.findall(text))
        found = list(unresolved_citations(text))
        if name.endswith(".md"):
            seen += len(NAMED_PATH.findall(text))
            found += [*unresolved_links(name, text), *unresolved_paths(name, text)]
        wrong += [f"{name}: {each}" for each in found]
    assert seen > 100, "the test has lost sight of the references"
    assert not wrong, "\n".join(wrong)


def test_nothing_refers_to_documents_outside_of_the_repository() -> None:
    wrong = [f"{name}: {each}" for name, text in texts() for each in leading_out(name, text)]
    assert not wrong, "\n".join(wrong)


def test_a_reference_that_does_not_resolve_is_found() -> None:
    good = 'See docs/odoo.md, "Write dates" and "Paging",\n    # or docs/odoo.md, "What moves a\n    # write date".'
    assert not list(unresolved_citations(good))
    assert list(unresolved_citations('docs/odoo.md, "Write datez"')) == ["docs/odoo.md: no heading 'Write datez'"]
    assert list(unresolved_citations('docs/odoo.md, "Paging" and "Pages"')) == ["docs/odoo.md: no heading 'Pages'"]
    assert list(unresolved_citations("(docs/none.md)")) == ["docs/none.md: no such page"]
    assert not list(unresolved_links("docs/tiny.md", "[a](odoo.md#write-dates) [b](https://x.org) [c](#the-list)"))
    assert len(list(unresolved_links("docs/tiny.md", "[a](odoo.md#no) [b](none.md) [c](#no)"))) == 3
    paths = "`flows/catalogo.py`, `pools/docker.json`, `flows/<domain>/<entity>.py`, `vendas/vendas-agendada`"
    assert not list(unresolved_paths("docs/work-pools.md", paths))
    assert list(unresolved_paths("README.md", "`docs/systemd/none@.service`")) == [
        "docs/systemd/none@.service: no such file"
    ]
    assert not list(leading_out("tests/x.py", "Path('../shared')"))
    for words in ("(design §6)", "behaviour.md §5", "Seed 002's", "domain notes 1.1", "domain/tiny.md", "../shared"):
        assert list(leading_out("flows/x.py", words)), words
