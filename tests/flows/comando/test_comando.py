"""`sincronia`: one command for all that operators ask, in one language, and quick to say what is wrong."""

import os
import pty
import re
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

import pytest

from demo.postgres import Postgres
from flows.comando.__main__ import main
from flows.comando.commands import COMMANDS
from flows.conciliacao.fluxo import conciliacao
from flows.operacao import parsers
from flows.operacao.faxina.fluxo import faxina
from flows.operacao.saude import CHECKS
from flows.run.command import parser_of
from tests.conftest import worker_of

ROOT = Path(__file__).parents[3]
NOBODY = "http://127.0.0.1:9/api"
ENGLISH = re.compile(r"\b(the|usage|options|arguments?|help message|exit|run now|and|required|invalid|choose)\b", re.I)
ASKED = {
    "executar": ["vendas"],
    "controle": ["pausar", "vendas"],
    "destravar": ["carteira"],
    "quarentena": ["listar"],
    "tiny": ["status"],
}
"""The least that the commands take that take something."""


def sincronia(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process and an empty home of its own; its last line says whether it imported Prefect."""
    code = (
        "import sys\nfrom flows.comando.__main__ import main\n"
        "try:\n    code = main(sys.argv[1:])\nexcept SystemExit as ended:\n    code = ended.code\n"
        "print('prefect' in sys.modules)\nsys.exit(code)"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={"HOME": str(home), "PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == main([]) == 0
    said = capsys.readouterr().out
    assert all(re.search(rf"^  {name} +{command.told}$", said, re.M) for name, command in COMMANDS.items())
    assert not ENGLISH.search(said)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_is_wholly_in_portuguese(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])
    said = capsys.readouterr().out
    assert said.startswith(f"uso: sincronia {name} ")
    assert "mostra esta ajuda e termina" in said
    assert not ENGLISH.search(said)


def test_an_unknown_command_is_refused_with_those_like_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sade"]) == 2
    told = "sincronia: não conheço 'sade'; parecidos: saude (veja sincronia --help)\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("name", COMMANDS)
def test_nonsense_is_refused_in_one_line_before_anything_is_imported(name: str, tmp_path: Path) -> None:
    done = sincronia(tmp_path, name, *ASKED.get(name, []), "--bobagem")
    assert (done.returncode, done.stdout) == (2, "False\n")
    assert re.fullmatch(rf"sincronia {name}( \w+)?: não conheço --bobagem \(veja .* --help\)\n", done.stderr)


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if "prefect" in command.needs])
def test_without_prefects_server_it_says_so_at_once(name: str, tmp_path: Path) -> None:
    done = sincronia(tmp_path, name, *ASKED.get(name, []), PREFECT_API_URL=NOBODY)
    assert (done.returncode, done.stdout) == (2, "False\n")
    assert done.stderr == (
        "O Prefect em 127.0.0.1:9 não responde (ConnectionRefusedError): confira se o servidor está no ar\n"
    )


UNSET = "PREFECT_API_URL não está definida"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("destravar", UNSET),
        ("conciliacao", UNSET),
        ("worker", UNSET),
        ("metricas", UNSET),
        ("vigia", UNSET),
        ("quarentena", "Não há DATABASE_URL no ambiente, nem PREFECT_API_URL"),
        ("tiny", "Não há DATABASE_URL no ambiente, nem PREFECT_API_URL"),
        ("papeis", "falta DATABASE_ADMIN_URL"),
    ],
)
def test_without_any_setting_it_says_which_and_leaves_nothing_in_the_home(name: str, told: str, tmp_path: Path) -> None:
    done = sincronia(tmp_path, name, *ASKED.get(name, []))
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith(told)
    assert not list(tmp_path.rglob("*.db*"))


def test_a_wrong_password_of_the_database_is_told_at_once_and_not_shown(tmp_path: Path, postgres: Postgres) -> None:
    url = worker_of(postgres).url("modelo").replace(postgres.password, "5enha-errada")
    done = sincronia(tmp_path, "quarentena", "listar", DATABASE_URL=url)
    assert (done.returncode, done.stdout) == (2, "False\n")
    [line] = done.stderr.splitlines()
    assert "usuário ou senha errada" in line
    assert "5enha-errada" not in line


def test_a_wrong_setting_is_refused_before_anything_else(tmp_path: Path) -> None:
    done = sincronia(tmp_path, "executar", "vendas", PREFECT_API_URL=NOBODY, JANELA_CARTEIRA="quarenta")
    assert (done.returncode, done.stdout) == (2, "False\n")
    assert done.stderr.startswith("Configuração inválida: JANELA_CARTEIRA='quarenta'")


def test_verbose_shows_where_the_error_arose(tmp_path: Path) -> None:
    done = sincronia(tmp_path, "destravar", "carteira", "-v", PREFECT_API_URL=NOBODY)
    assert done.returncode == 2
    assert done.stderr.startswith("Traceback")
    assert done.stderr.splitlines()[-1].startswith("O Prefect em 127.0.0.1:9 não responde")


def test_a_person_is_told_at_once_that_saude_has_begun_and_a_timer_is_not(tmp_path: Path) -> None:
    watched, terminal = pty.openpty()
    shown = os.fdopen(watched, "rb")
    for stderr in (terminal, subprocess.PIPE):
        done = subprocess.run(
            [sys.executable, "-m", "flows.comando", "saude", "--so", "prefect"],
            cwd=ROOT,
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE,
            stderr=stderr,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        assert done.stdout.decode().startswith("❌ prefect: PREFECT_API_URL não está definida")
    assert done.stderr == b""
    assert shown.readline().decode().strip() == "saude: conferindo …"
    os.close(terminal)
    shown.close()


def options(parser: ArgumentParser) -> dict[tuple[str, ...], tuple[object, ...]]:
    return {
        tuple(each.option_strings): (each.help, each.nargs, each.required)
        for each in parser._actions
        if each.dest != "help"
    }


def test_the_commands_of_flows_take_what_the_flows_take() -> None:
    for flow, parser in ((conciliacao, parsers.conciliacao), (faxina, parsers.faxina)):
        assert options(parser("x")) == options(parser_of(flow, "x"))


def test_the_checks_of_saude_are_those_that_its_help_names() -> None:
    assert tuple(CHECKS) == parsers.CHECKS


def test_pip_puts_the_command_into_an_environment_without_downloading_anything(tmp_path: Path) -> None:
    environment = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    pip = [sys.executable, "-m", "pip", "--python", environment / "bin/python", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", "--editable", ROOT], check=True)
    done = subprocess.run(
        [environment / "bin/sincronia", "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("uso: sincronia COMANDO")
