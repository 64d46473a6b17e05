"""Many schedules, in several processes, and what came of them."""

import json
import logging
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.chaos.play import Played, play
from tests.chaos.schedule import VERSIONS, drawn
from tests.chaos.worlds import worlds

Line = dict[str, Any]
"""What came of one schedule, as it is kept."""


def play_all(seeds: Iterable[int], processes: int, path: Path) -> None:
    """Play these seeds, and add a line for each to a file.

    Each process plays the schedules of some versions, and has a database server of its own.
    """
    context = multiprocessing.get_context("spawn")
    parts: list[list[int]] = [[] for _ in range(processes)]
    for seed in seeds:
        parts[seed % len(VERSIONS) % processes].append(seed)
    started = [context.Process(target=_play_part, args=(part, path)) for part in parts if part]
    for process in started:
        process.start()
    for process in started:
        process.join()


def _play_part(seeds: list[int], path: Path) -> None:
    logging.disable(logging.ERROR)
    with worlds() as made, path.open("a") as results:
        for seed in seeds:
            began = time.monotonic()
            played = play(made, drawn(seed))
            results.write(json.dumps(_line(played, time.monotonic() - began)) + "\n")
            results.flush()
            if played.wrong:
                print(f"{played}\n", flush=True)


def _line(played: Played, seconds: float) -> Line:
    about = {"seed": played.schedule.seed, "domain": played.schedule.domain, "version": played.schedule.version}
    return {**about, "struck": played.struck, "wrong": played.wrong, "seconds": round(seconds, 2)}


def read_lines(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def summary(lines: list[Line], played: int, seconds: float) -> str:
    """The faults by kind, the schedules by domain, what failed, and how fast it went."""
    struck: Counter[str] = Counter()
    domains: Counter[str] = Counter()
    for line in lines:
        struck.update(line["struck"])
        domains[f"{line['domain']} {line['version']}"] += 1
    bad = sorted(line["seed"] for line in lines if line["wrong"])
    told = [f"  {kind:<22} {number:>6}" for kind, number in sorted(struck.items())]
    shown = ", ".join(f"{name}: {number}" for name, number in sorted(domains.items()))
    rate = f", {60 * played / seconds:.0f} roteiros por minuto" if played else ""
    return "\n".join(
        [
            "Falhas sofridas, por tipo:",
            *told,
            f"{len(lines)} roteiros ({shown})",
            f"{struck.total()} falhas, {len(bad)} roteiros com algo errado{': ' if bad else ''}{bad or ''}{rate}",
        ]
    )
