"""Brazil's states with the ids Odoo gives them, a city or two of each, and how their postal codes begin."""

from typing import Final, NamedTuple

from demo.odoo.fields import written


class State(NamedTuple):
    """A state: Odoo's id, its two letters, cities, and the first three digits of its postal codes."""

    id: int
    code: str
    cities: tuple[str, ...]
    zip: str


STATES: Final = tuple(
    State(row["state"], row["code"], tuple(row["cities"]), row["zip"]) for row in written("places.json")
)
