"""Which failed steps are tried again: only where the next attempt may succeed without anybody changing anything."""

from typing import Any, cast

import pytest
from prefect.states import Failed

from blocks.banco import BancoConflict, BancoFault, BancoRejected, BancoUnavailable, LockLost
from blocks.errors import ConfigurationError, NotOffered
from blocks.odoo import AccessDenied, CircuitOpen, MissingField, Overloaded, UnexpectedAnswer, Unreachable
from blocks.tiny import ConsentExpired, RateLimited, Unavailable
from flows.run.errors import BatchesFailed, DeletionRefused
from flows.run.orchestration import worth_retrying

PASSING = (BancoUnavailable, BancoConflict, Unreachable, Overloaded, CircuitOpen, Unavailable, RateLimited)
LASTING = (
    *(BancoFault, BancoRejected, LockLost, AccessDenied, MissingField, UnexpectedAnswer, ConsentExpired),
    *(ConfigurationError, NotOffered, DeletionRefused, BatchesFailed),
    *(ValueError, KeyError, AssertionError, TimeoutError),
)


def tried_again(error: BaseException) -> bool:
    return worth_retrying(cast(Any, None), cast(Any, None), Failed(data=error))


@pytest.mark.parametrize("error", PASSING)
def test_what_may_pass_is_tried_again(error: type[Exception]) -> None:
    assert tried_again(error("por ora"))


@pytest.mark.parametrize("error", LASTING)
def test_what_will_not_pass_is_not_tried_again(error: type[Exception]) -> None:
    assert not tried_again(error("e continua"))
