"""What becomes of documents that are remembered as hidden: without a database."""

import pytest
from sync_samples import Source, document, line

from flows.sync.hidden import Recalled, Remembered, absent, recall


@pytest.fixture
def source() -> Source:
    """Document 1 can be seen, 2 and 3 are hidden, 4 has a hidden line and one that can be seen; there is no other."""
    source = Source(document(1), document(2), document(3), document(4, line(), line("P2")))
    source.unseen = {2, 3, 42}
    return source


@pytest.mark.parametrize(
    ("remembered", "becomes"),
    [
        pytest.param([], Recalled(), id="nothing"),
        pytest.param([(2, [], False)], Recalled(unseen={2}), id="still hidden"),
        pytest.param([(2, [], True)], Recalled(unseen={2}, hidden={2}), id="still hidden after a day"),
        pytest.param([(9, [], True)], Recalled(unseen={9}, gone={9}), id="deleted, after a day"),
        pytest.param([(9, [], False)], Recalled(unseen={9}), id="deleted, asked once a day"),
        pytest.param([(1, [], False)], Recalled(again={1}), id="seen again"),
        pytest.param(
            [(1, [], False), (2, [], False), (9, [], False)],
            Recalled(again={1}, unseen={2, 9}, hidden={2}, gone={9}),
            id="one seen again has the others asked for",
        ),
        pytest.param([(4, [42], False)], Recalled(), id="a line still hidden"),
        pytest.param([(4, [42], True)], Recalled(again={4}), id="a line still hidden after a day"),
        pytest.param([(4, [41, 42], False)], Recalled(again={4}), id="a line seen again"),
    ],
)
def test_what_was_hidden_is_read_once_it_is_seen_and_gone_only_if_it_does_not_exist(
    source: Source, remembered: Remembered, becomes: Recalled
) -> None:
    assert recall(source, remembered) == becomes


def test_what_is_seen_at_a_second_look_is_neither_gone_nor_hidden(source: Source) -> None:
    """An answer had left document 1 out, though it is there."""
    assert absent(source, {1, 2, 9}) == ({9}, {2})


def test_nothing_is_asked_where_nothing_is_hidden(source: Source) -> None:
    source.failure = AssertionError("asked")
    assert recall(source, []) == Recalled()
