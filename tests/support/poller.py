"""Looks at the disk every 5 ms while something else happens, and keeps what it saw."""

import os
import threading
from pathlib import Path
from typing import Callable, Generic, TypeVar

from . import limits

Seen = TypeVar("Seen")


class Poller(Generic[Seen]):
    """`with Poller(look) as poller: ...`; poller.seen has the answers of look() in their order, without repetitions."""

    def __init__(self, look: Callable[[], Seen]):
        self.look = look
        self.seen: list[Seen] = []
        self.looks = 0
        self.error: BaseException | None = None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self) -> "Poller[Seen]":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.over.set()
        self.thread.join()
        if self.error:
            raise self.error
        assert self.looks > 0

    def _poll(self) -> None:
        try:
            last = False
            while not last:
                last = self.over.is_set()  # one more look after everything
                answer = self.look()
                self.looks += 1
                if not self.seen or self.seen[-1] != answer:
                    self.seen.append(answer)
                self.over.wait(limits.POLL_INTERVAL)
        except BaseException as error:  # told by __exit__: a watcher that died saw nothing
            self.error = error


def bytes_below(folder: Path, skip: tuple[str, ...] = ()) -> int:
    """The sizes of all files below a folder that others are changing."""
    total = 0
    for parent, folders, files in os.walk(folder, onerror=lambda error: None):
        if Path(parent) == folder:
            folders[:] = [name for name in folders if name not in skip]
            files = [name for name in files if not name.startswith(skip)] if skip else files
        for name in files:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                pass
    return total
