"""What keeps Tiny's tokens, its quota and its answers."""

from tests.mutantes.guard import Guard

GUARDS: tuple[Guard, ...] = ()
