"""Brazilian formats that the domains share: tax ids, cities, codes, texts. Pure."""

import html
import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from inscriptis.model.tag import CustomHtmlTagHandlerMapping
from lxml import etree
from lxml.html import HTMLParser, defs, fragment_fromstring
from stdnum.br import cnpj, cpf

_ALPHANUMERIC = re.compile(r"[^0-9A-Z]")
_CNPJ = re.compile(r"[0-9A-Z]{12}\d{2}")
_WITH_COUNTRY = re.compile(r"BR([0-9A-Z]{12}\d{2}|\d{11})")
_CITY = re.compile(r"^(?P<city>.*?)\s*\((?P<state>[A-Z]{2})\)\s*$")
_BRACKET = re.compile(r"^\[(?P<code>[^\]]+)\]")
_CONTROLS = dict.fromkeys(set(range(32)) - {9, 10, 13})
_SPACES = re.compile(" {2,}")
_WORD = frozenset({"xml", "o", "w", "v", "m", "st1"})
_BLOCKS = tuple("caption center dd details dl dt fieldset form hr legend section summary td th tr".split())
"""Elements that begin a line of their own and that the library's profile does not know."""


def text(value: Any, size: int) -> str | None:
    """Descriptive text trimmed and cut to `size` characters; None if nothing is left. Never for keys."""
    if value is None:
        return None
    return str(value).strip()[:size].rstrip() or None


def key(value: Any, what: str) -> str:
    """A text by which a row is known: trimmed, and never cut.

    Raises:
        ValueError: there is none; `what` names it in the message.
    """
    found = str(value).strip() if value is not None else ""
    if not found:
        raise ValueError(
            f"{what} está sem valor na origem; preencha, e a linha entra na próxima tentativa, em até um dia"
        )
    return found


def name_of(record: Mapping[str, Any] | None, size: int = 255) -> str | None:
    """The `nome` of a record as descriptive text; None if there is no record."""
    return text(record["nome"], size) if record else None


def tax_id(value: str | None) -> str | None:
    """A CNPJ or CPF in its usual punctuation, however it was typed; any other text stays as it is.

    CNPJs may hold letters in their first twelve places since July 2026. A text without letters and digits is none.
    """
    if not is_given(value):
        return None
    bare = _bare(value)
    if _CNPJ.fullmatch(bare):
        return f"{bare[:2]}.{bare[2:5]}.{bare[5:8]}/{bare[8:12]}-{bare[12:]}"
    if len(bare) == 11 and bare.isdigit():
        return f"{bare[:3]}.{bare[3:6]}.{bare[6:9]}-{bare[9:]}"
    return text(value, 20)


def valid_tax_id(value: str | None) -> bool | None:
    """Whether a CNPJ or CPF has the right check digits; None if there is none."""
    if not is_given(value):
        return None
    return bool(cnpj.is_valid(_bare(value)) or cpf.is_valid(_bare(value)))


def tax_id_root(value: str | None) -> str | None:
    """The first eight places of a CNPJ, which all establishments of a company share; None if it is not one."""
    bare = _bare(value or "")
    return bare[:8] if _CNPJ.fullmatch(bare) else None


def is_given(value: str | None) -> TypeGuard[str]:
    """Whether a tax id was typed at all: Odoo takes `/` for a partner that has none."""
    return value is not None and _ALPHANUMERIC.sub("", value.upper()) != ""


def _bare(value: str) -> str:
    """The letters and digits of a tax id, without the country that the European form begins with (`BR…`)."""
    bare = _ALPHANUMERIC.sub("", value.upper())
    return bare[2:] if _WITH_COUNTRY.fullmatch(bare) else bare


def city_and_state(municipality: str | None, city: str | None, state: str | None) -> tuple[str | None, str | None]:
    """City and two-letter state, from the localisation's `Cidade (UF)` label or from plain fields."""
    found = _CITY.match(municipality or "")
    if found:
        return text(found["city"], 100), found["state"]
    code = (state or "").strip().upper()
    return text(municipality or city, 100), code if len(code) == 2 and code.isalpha() else None


def bracket_code(label: str | None) -> str | None:
    """The code of `[CIF] COST, INSURANCE AND FREIGHT`; without brackets the first 20 characters."""
    found = _BRACKET.match((label or "").strip())
    return text(found["code"] if found else label, 20)


def plain_text(rich: str | None) -> str | None:
    """The text of a field that may hold HTML, as a browser shows it: blocks and rows of a table are lines.

    Comments, styles, empty lines, bullets and numbers of lists are left out. A text without any tag of HTML keeps its
    own lines and whatever stands in angle brackets. Entities are resolved.

    Raises:
        ValueError: the text holds half of a surrogate pair.
    """
    if rich is None:
        return None
    readable = rich.translate(_CONTROLS)
    if any("\ud800" <= character <= "\udfff" for character in readable):
        raise ValueError(f"Texto com meio caractere (surrogate), que não pode ser gravado: {rich[:60]!r}")
    tree = _parsed(readable) if "<" in readable else None  # most texts are short and plain, and parsing takes long
    written = html.unescape(readable) if tree is None or not _is_html(tree) else _laid_out(tree)
    lines = (_SPACES.sub(" ", line).strip() for line in written.splitlines())
    return "\n".join(line for line in lines if line) or None


def _parsed(readable: str) -> Any:
    return fragment_fromstring(readable, create_parent="div", parser=HTMLParser(huge_tree=True))


def _is_html(tree: Any) -> bool:
    """Whether the text that became `tree` holds a comment or an element of HTML or of Word."""
    tags = [each.tag for each in tree.iterdescendants()]
    return any(not isinstance(tag, str) or tag in defs.tags or tag.partition(":")[0] in _WORD for tag in tags)


def _laid_out(tree: Any) -> str:
    etree.strip_tags(tree, etree.Comment, etree.PI)  # the library would lose the text behind a processing instruction
    try:
        return str(Inscriptis(tree, _LOOK).get_text())
    except RecursionError:  # hundreds of elements within each other
        return "\n".join(tree.itertext())


def _no_bullet(*_: Any) -> None:
    """A list's item begins like any other block."""


_LOOK = ParserConfig(
    css=CSS_PROFILES["strict"]
    | {name: HtmlElement(display=Display.block) for name in _BLOCKS}
    | {"xml": HtmlElement(display=Display.none)},
    table_cell_separator=" ",
    custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping(
        start_tag_mapping={"li": _no_bullet}, end_tag_mapping={}
    ),
)
