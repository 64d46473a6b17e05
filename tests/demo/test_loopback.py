"""Ports and probes on loopback."""

import socket

from demo.loopback import LOOPBACK, answers, free_port


def test_a_preferred_port_is_taken_when_it_is_free() -> None:
    preferred, said = free_port(), []
    assert free_port(preferred, said.append) == preferred
    assert said == []


def test_a_port_in_use_is_survived_and_told() -> None:
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        preferred = taken.getsockname()[1]
        port = free_port(preferred, said.append)
    assert port != preferred
    assert said == [f"port {preferred} is in use: {port} instead"]


def test_a_server_that_is_not_there_does_not_answer() -> None:
    assert not answers(f"http://127.0.0.1:{free_port()}/")()


def test_no_two_who_start_a_server_at_the_same_time_are_given_one_port() -> None:
    given = [free_port() for _ in range(500)]  # some nine of so many would repeat by chance
    assert len(set(given)) == len(given)
    with socket.create_server((LOOPBACK, given[0])) as server:
        assert server.getsockname()[1] == given[0]
