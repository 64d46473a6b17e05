"""CNPJ and CPF, from the rules of the Receita Federal: digits, and since July 2026 letters in a CNPJ's first places."""

from collections.abc import Iterable, Sequence

_CNPJ = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_CPF = (11, 10, 9, 8, 7, 6, 5, 4, 3, 2)


def bare(tax_id: str | None) -> str | None:
    """Letters and digits, however it is punctuated."""
    return "".join(filter(str.isalnum, tax_id)).upper() if tax_id else None


def is_valid(tax_id: str) -> bool:
    """Whether the last two places are the check digits of those before them."""
    places = bare(tax_id) or ""
    weights = {14: _CNPJ, 11: _CPF}.get(len(places))
    if weights is None or len(set(places)) == 1 or not places[-2:].isdigit():
        return False
    return places[-2:] == check_digits(places[:-2])


def check_digits(places: str) -> str:
    """The two check digits that end a CNPJ of 12 places, or a CPF of 9."""
    weights = _CNPJ if len(places) == 12 else _CPF
    first = _digit(places, weights[1:])
    return f"{first}{_digit(f'{places}{first}', weights)}"


def _digit(places: Iterable[str], weights: Sequence[int]) -> int:
    rest = sum((ord(place) - ord("0")) * weight for place, weight in zip(places, weights, strict=True)) % 11
    return 0 if rest < 2 else 11 - rest
