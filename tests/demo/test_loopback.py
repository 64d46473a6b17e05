"""Ports and probes on loopback."""

import socket

from demo.loopback import answers, free_port


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
