"""What the operators' commands say of themselves is in one language."""

import re
from collections.abc import Callable

import pytest

from blocks.tiny import __main__ as tiny
from flows import deploy
from flows.operacao import controle, destravar, metricas, saude, status, worker
from flows.operacao.vigia import __main__ as vigia

ENGLISH = re.compile(r"\b(the|usage|options|arguments|help message|exit|run now|and)\b", re.IGNORECASE)


@pytest.mark.parametrize(
    "arguments",
    [
        (deploy.main, "--help"),
        (controle.main, "--help"),
        (controle.main, "executar", "--help"),
        (destravar.main, "--help"),
        (metricas.main, "--help"),
        (saude.main, "--help"),
        (status.main, "--help"),
        (vigia.main, "--help"),
        (worker.main, "--help"),
        (tiny.main, "--help"),
        (tiny.main, "authorize", "--help"),
    ],
    ids=lambda given: f"{given[0].__module__} {' '.join(given[1:])}",
)
def test_the_help_is_wholly_in_portuguese(
    arguments: tuple[Callable[[list[str]], int], str], capsys: pytest.CaptureFixture[str]
) -> None:
    main, *given = arguments
    with pytest.raises(SystemExit, match="0"):
        main(given)
    said = capsys.readouterr().out
    assert said.startswith("uso: ")
    assert "mostra esta ajuda e termina" in said
    assert not ENGLISH.search(said)
