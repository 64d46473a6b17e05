"""Chance and dates for a generated company, the same for the same seed and clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

DAYS: Final = 120  # how far back the write dates go


@dataclass(frozen=True)
class Dice:
    """A random generator and the moment that everything happened before."""

    random: Random
    now: datetime

    def past(self) -> datetime:
        """A moment in the last months."""
        return self.now - timedelta(days=self.random.uniform(0.02, DAYS))

    def later(self, moment: datetime, days: float) -> datetime:
        """A moment about this many days later, but before now."""
        return min(moment + timedelta(days=self.random.expovariate(1 / days)), moment + (self.now - moment) * 0.9)

    def vat(self, *, person: bool) -> str:
        """A formatted CPF or CNPJ with right check digits."""
        digits = "".join(str(self.random.randint(0, 9)) for _ in range(9 if person else 8)) + ("" if person else "0001")
        for _ in range(2):
            digits += _check_digit(digits, 11 if person else 9)
        if person:
            return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"
        return f"{digits[:2]}.{digits[2:5]}.{digits[5:8]}/{digits[8:12]}-{digits[12:]}"


def _check_digit(digits: str, heaviest: int) -> str:
    """The next check digit of a CPF (weights up to 11) or CNPJ (up to 9)."""
    weights = [position % (heaviest - 1) + 2 for position in range(len(digits))]
    rest = sum(int(digit) * weight for digit, weight in zip(reversed(digits), weights, strict=True)) % 11
    return str(0 if rest < 2 else 11 - rest)
