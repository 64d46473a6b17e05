"""Removes the files in which Prefect keeps the results of steps and runs, for Retry."""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

_OURS = re.compile(r"[0-9a-f]{32,128}")
"""A result's file is named by a key or a random number; whatever else lies in the folder is somebody else's."""


def remove_results(folder: Path, before: datetime) -> int:
    """Remove the results that were written `before`; how many they were.

    Raises:
        OSError: one of them may not be removed, or the folder not be read.
    """
    removed = 0
    for each in _results(folder):
        if each.stat(follow_symlinks=False).st_mtime < before.timestamp():
            Path(each.path).unlink(missing_ok=True)  # another faxina may have been here
            removed += 1
    return removed


def measured(folder: Path) -> tuple[int, int]:
    """How many results a folder holds, and how many bytes they are."""
    sizes = [each.stat(follow_symlinks=False).st_size for each in _results(folder)]
    return len(sizes), sum(sizes)


def _results(folder: Path) -> Iterator[os.DirEntry[str]]:
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        yield from (each for each in entries if _OURS.fullmatch(each.name) and each.is_file(follow_symlinks=False))
