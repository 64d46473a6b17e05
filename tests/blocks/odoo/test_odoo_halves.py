"""Which items of many cannot be read: found by halving, unless it is not the items that are to blame."""

import pytest

from blocks.odoo import AccessError, Fault, OdooError, UnexpectedAnswer, Unreachable
from blocks.odoo.paging import MOST_IN_VAIN, by_halves


def refusing(bad: set[int], error: OdooError, done: list[int]) -> object:
    def read(items: list[int]) -> None:
        if bad & set(items):
            raise error
        done.extend(items)

    return read


@pytest.mark.parametrize("error", [AccessError("não"), Fault("não"), UnexpectedAnswer("não", spoilt=True)])
def test_the_few_that_cannot_be_read_are_found_and_all_others_read_once(error: OdooError) -> None:
    done: list[int] = []
    bad = {3, 4, 70}
    assert by_halves(range(100), refusing(bad, error, done)) == dict.fromkeys(sorted(bad), error)
    assert sorted(done) == sorted(set(range(100)) - bad)


def test_more_than_twenty_may_be_bad_where_one_could_be_read() -> None:
    bad = set(range(1, 3 * MOST_IN_VAIN))
    assert by_halves(range(3 * MOST_IN_VAIN), refusing(bad, Fault("não"), [])).keys() == bad


def test_where_none_can_be_read_it_is_not_the_records_that_are_to_blame() -> None:
    with pytest.raises(Fault):
        by_halves(range(1000), refusing(set(range(1000)), Fault("não"), []))


@pytest.mark.parametrize("error", [Unreachable("caiu"), UnexpectedAnswer("outra página")])
def test_an_error_that_is_about_no_record_is_raised_at_once(error: OdooError) -> None:
    asked: list[int] = []

    def read(items: list[int]) -> None:
        asked.append(len(items))
        raise error

    with pytest.raises(type(error)):
        by_halves(range(8), read)
    assert asked == [8]
