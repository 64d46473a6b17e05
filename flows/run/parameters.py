"""What operators may enter: the kinds of parameters, as Prefect's form for them is made, and checks. Pure.

A kind says in its JSON schema what is accepted. Prefect holds a new run's parameters to it, before the run is made; so
do our own commands, which answer with the schema's `aceito`, in the operators' language.
"""

import json
import shlex
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any

from prefect.utilities.schema_tools.validation import ValidationError, validate
from pydantic import Field, WithJsonSchema

from flows.run.errors import BadParameters

ACCEPTED = "aceito"
"""The key of a schema that says in words what is accepted."""
LONGEST_WINDOW = timedelta(days=3660)
MOST_MINUTES = int(LONGEST_WINDOW.total_seconds() // 60)
MOST_DOCUMENTS = 1000

NOTHING: Mapping[str, str | int] = MappingProxyType({})

_NULL: Mapping[str, str] = {"type": "null"}
_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?"
_MONTH = r"(199\d|20\d\d)-(0[1-9]|1[0-2])"

Minutes = Annotated[
    int,
    Field(json_schema_extra={"minimum": 1, "maximum": MOST_MINUTES, ACCEPTED: f"de 1 a {MOST_MINUTES} minutos"}),
]
FromOne = Annotated[int, Field(json_schema_extra={"minimum": 1, ACCEPTED: "um número inteiro, de 1 em diante"})]
Moment = Annotated[
    datetime,
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": f"^{_DAY}([T ]{_TIME})?$",
            ACCEPTED: "um dia como 2026-11-01, ou com a hora, 2026-11-01T08:00 (sem fuso: horário de São Paulo)",
        }
    ),
]
Documents = Annotated[
    list[str],
    Field(
        json_schema_extra={
            "minItems": 1,
            "maxItems": MOST_DOCUMENTS,
            ACCEPTED: f'de 1 a {MOST_DOCUMENTS} números, como ["VSC0123", "VSC0124"]',
        }
    ),
]
Names = Annotated[list[str], Field(json_schema_extra={"minItems": 1, ACCEPTED: 'nomes, como ["A", "B"]'})]
MonthText = Annotated[str, Field(json_schema_extra={"pattern": rf"^\s*{_MONTH}\s*$", ACCEPTED: "um mês como 2024-05"})]
Period = Annotated[
    str,
    Field(
        json_schema_extra={
            "pattern": rf"^\s*{_MONTH}\s*(/\s*{_MONTH}\s*)?$",
            ACCEPTED: "um mês como 2026-10, ou do primeiro ao último, 2026-08/2026-10",
        }
    ),
]
MonthNumber = Annotated[int, Field(json_schema_extra={"minimum": 1, "maximum": 12, ACCEPTED: "de 1 a 12"})]
Year = Annotated[int, Field(json_schema_extra={"minimum": 2000, "maximum": 2100, ACCEPTED: "de 2000 a 2100"})]
Share = Annotated[
    float, Field(json_schema_extra={"minimum": 0, "maximum": 1, ACCEPTED: "um número de 0 a 1, como 0.5"})
]
"""A part of a whole."""

_NO_TEXT = frozenset({"Cc", "Cs", "Cn"})
"""Control characters, halves of surrogate pairs and code points without a character: nothing is named by them."""


def share(parameter: str, given: float | None) -> float | None:
    """The part of a whole that an operator gave; None if none was.

    Raises:
        BadParameters: it is none.
    """
    if given is not None and not 0 <= given <= 1:
        raise BadParameters(f"{parameter}={given:g}: informe um número de 0 a 1, como 0.5")
    return given


def names(parameter: str, given: Sequence[str]) -> list[str]:
    """The names without the white space around them, each once.

    Raises:
        BadParameters: one is no text, or holds a character that no source or database takes.
    """
    for name in [given] if isinstance(given, str) else given:
        if not isinstance(name, str) or any(unicodedata.category(character) in _NO_TEXT for character in name.strip()):
            raise BadParameters(f"{parameter} contém {name!r}: informe só textos sem caracteres de controle")
    return list(dict.fromkeys(name.strip() for name in given))


def require(schema: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Make sure that a run may be asked for with these parameters, each by itself.

    Args:
        schema: that of the parameters of its flow.
        given: as JSON gives them.

    Raises:
        BadParameters: one has a value that is not accepted, or one is missing; the message has one line.
    """
    properties = schema.get("properties", {})
    alone = {**schema, "required": [], "dependentSchemas": {}}
    for name, value in given.items():
        if not _fits({name: value}, alone) or not _is_real(value, properties[name]):
            raise BadParameters(f"{name}={value}: aceito: {accepted(properties[name])}")
    for name in schema.get("required", []):
        if given.get(name) is None:
            raise BadParameters(f"falta {name}: {accepted(properties[name])}")


def needs(name: str, other: str, kind: str) -> dict[str, Any]:
    """The rule, of a schema's `dependentSchemas`, that a run given `name` is given the other too; null is not given.

    The other's type of JSON is named, because Prefect tells people which rule was broken, such as `"type": "string"`.
    """
    return _where_given(name, {"required": [other], "properties": {other: {"type": kind}}})


def excludes(name: str, *others: str) -> dict[str, Any]:
    """Likewise the rule that a run given `name` is given none of the others."""
    return _where_given(name, {"properties": dict.fromkeys(others, _NULL)})


def repeatable(parameters: Mapping[str, Any]) -> dict[str, str | int]:
    """Those of a run's parameters that were given and are short, as a command says them."""
    said = {name: str(value) if isinstance(value, datetime) else value for name, value in parameters.items()}
    return {name: value for name, value in said.items() if isinstance(value, str | int) and value is not False}


def command(deployment: str, parameters: Mapping[str, str | int] = NOTHING) -> str:
    """The command of Prefect's that asks a deployment for a run with these parameters."""
    given = [f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in parameters.items()]
    return shlex.join(["prefect", "deployment", "run", deployment, *(part for each in given for part in ("-p", each))])


def accepted(kind: Mapping[str, Any]) -> str:
    """What is accepted of a parameter of this schema, in words."""
    known = {"boolean": "true ou false", "integer": "um número inteiro", "array": "uma lista", "string": "um texto"}
    one = given_kind(kind)
    return str(one.get(ACCEPTED) or known.get(str(one.get("type")), one.get("type")))


def given_kind(kind: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a parameter's value where one is given: that of a parameter that may be left out has two."""
    return next((each for each in kind.get("anyOf", []) if each.get("type") != "null"), kind)


def _fits(given: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether Prefect's server would make a run with these parameters; it does not look at formats."""
    try:
        validate(given, schema, raise_on_error=True)
    except ValidationError:
        return False
    return True


def _where_given(name: str, rule: dict[str, Any]) -> dict[str, Any]:
    return {name: {"if": {"properties": {name: _NULL}}, "else": rule}}


def _is_real(value: Any, kind: Mapping[str, Any]) -> bool:
    """Whether a date is in the calendar: a pattern lets 30 February through."""
    if value is None or given_kind(kind).get("format") != "date-time":
        return True
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
