"""`python -m tests.chaos`: play many schedules in several processes, or one again by its seed."""

import argparse
import logging
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.many import play_all, read_lines, summary
from tests.chaos.play import play
from tests.chaos.schedule import drawn
from tests.chaos.worlds import worlds


def main() -> int:
    """Play what the arguments say; 1 if something was wrong in the end of any schedule."""
    options = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    options.add_argument("--seed", type=int, help="play this one, and tell what happened")
    options.add_argument("--n", type=int, default=200, help="how many schedules (default 200)")
    options.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    options.add_argument("--processes", type=int, default=2, choices=(1, 2, 4))
    options.add_argument("--resume", type=Path, help="keep what came of each in this file, and go on from there")
    given = options.parse_args()
    logging.disable(logging.ERROR)
    if given.seed is not None:
        with worlds() as made:
            played = play(made, drawn(given.seed))
        print(played)
        return 1 if played.wrong else 0
    with TemporaryDirectory() as folder:
        path = given.resume or Path(folder, "results")
        known = {line["seed"] for line in read_lines(path)}
        seeds = [seed for seed in range(given.first, given.first + given.n) if seed not in known]
        began = time.monotonic()
        play_all(seeds, given.processes, path)
        lines = [line for line in read_lines(path) if line["seed"] in range(given.first, given.first + given.n)]
    print(summary(lines, len(seeds), time.monotonic() - began))
    return 1 if len(lines) < given.n or any(line["wrong"] for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
