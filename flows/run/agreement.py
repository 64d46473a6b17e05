"""A quantity with what it is of, in agreement: 1 linha da carteira, 2 linhas da carteira. Pure."""

import re

_ENDINGS = (("ões", "ão"), ("ens", "em"), ("res", "r"), ("s", ""))
"""The endings of plurals and of their singulars; the first that fits is taken."""

_WORDS = {
    "meses": "mês",
    "quais": "qual",
    "acompanham": "acompanha",
    "deram": "deu",
    "conferem": "confere",
    "diferem": "difere",
    "diferiam": "diferia",
    "ficaram": "ficou",
    "ficam": "fica",
    "mudaram": "mudou",
    "podem": "pode",
}
"""What follows none of them, and the verbs of what operators are told."""

_PREPOSITIONS = frozenset(
    [
        "de",
        "do",
        "da",
        "dos",
        "das",
        "com",
        "sem",
        "em",
        "no",
        "na",
        "nos",
        "nas",
        "ao",
        "à",
        "aos",
        "às",
        "por",
        "para",
    ]
)
_PARTICIPLE = re.compile(r"\w+(?:[ai]d|eit|ert|ost)[oa]s")


def agreed(quantity: int, plural: str, said: str | None = None) -> str:
    """The quantity (`said`, if it is written in another way) and what it is of; `plural` is what many are called."""
    return f"{quantity if said is None else said} {singular(plural) if quantity == 1 else plural}"


def singular(plural: str) -> str:
    """What one of these is called: nouns and adjectives up to a preposition, participles after it, known verbs.

    After a colon or semicolon stands what to do, and stays as it is.
    """
    told, mark, advice = re.fullmatch(r"([^:;]*)([:;]?)(.*)", plural, re.DOTALL).groups()  # type: ignore[union-attr]
    words, ours, before = [], True, ""
    for word in told.split(" "):
        plain = word.rstrip(",")
        ours = ours and plain not in _PREPOSITIONS and (plain.endswith("s") or plain in ("lead", "ou"))
        agrees = ours or (before not in _PREPOSITIONS and _PARTICIPLE.fullmatch(plain) is not None)
        words.append(_one(plain, agrees=agrees) + word[len(plain) :])
        before = plain
    return " ".join(words) + mark + advice


def _one(word: str, *, agrees: bool) -> str:
    if word in _WORDS:
        return _WORDS[word]
    if not agrees or not word.endswith("s"):
        return word
    end, one = next(each for each in _ENDINGS if word.endswith(each[0]))
    return word.removesuffix(end) + one
