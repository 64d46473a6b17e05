"""What argparse says of wrong arguments is said in Portuguese, in one line."""

from datetime import datetime

import pytest

from blocks.help import Parser


def parser() -> Parser:
    made = Parser(prog="comando")
    made.add_argument("nome", metavar="NOME")
    made.add_argument("--limite", type=int)
    made.add_argument("--espera", type=float)
    made.add_argument("--desde", type=datetime.fromisoformat)
    made.add_argument("--so", choices=("banco", "odoo"))
    made.add_argument("--json", action="store_true")
    either = made.add_mutually_exclusive_group()
    either.add_argument("--um")
    either.add_argument("--outro")
    return made


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("", "falta NOME"),
        ("x y", "não conheço y"),
        ("x --nada", "não conheço --nada"),
        ("x --limite dez", "--limite: 'dez' não é um número inteiro"),
        ("x --espera dez", "--espera: 'dez' não é um número"),
        ("x --desde ontem", "--desde: 'ontem' não é uma data como 2026-11-01"),
        ("x --so bancu", "--so: não conheço 'bancu'; parecidos: banco"),
        ("x --so zzz", "--so: não conheço 'zzz'; conheço: banco, odoo"),
        ("x --so", "--so: falta o valor"),
        ("x --json=1", "--json não leva valor (veio '1')"),
        ("x --um 1 --outro 2", "--outro não vai junto com --um"),
    ],
)
def test_a_wrong_argument_is_told_in_one_line(given: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parser().parse_args(given.split())
    assert capsys.readouterr().err == f"comando: {told} (veja comando --help)\n"
