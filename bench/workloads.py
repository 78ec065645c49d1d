"""What is measured: one row of docs/performance.md each."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from peers import Peer
from support.files import random_file, real_tree

MIB = 1024 * 1024


@dataclass(frozen=True)
class Size:
    """How large everything is: whole, or for a run of a minute."""

    file: int
    small_files: int
    tree_files: int
    tree_bytes: int


WHOLE = Size(1024 * MIB, 2000, 5000, 200 * MIB)
QUICK = Size(128 * MIB, 300, 600, 24 * MIB)


class Sources:
    """The local files that are sent: made once, read into the page cache."""

    def __init__(self, folder: Path, size: Size):
        folder.mkdir(parents=True)
        self.file = random_file(folder / "big", size.file)
        self.small = folder / "small"
        self.small.mkdir()
        for number in range(size.small_files):
            random_file(self.small / f"{number:04}", 4096)
        self.tree = real_tree(folder / "tree", size.tree_files, size.tree_bytes)

    def read(self) -> None:
        """All of it into the page cache."""
        for file in (self.file, *self.small.iterdir(), *(path for path in self.tree.rglob("*") if path.is_file())):
            with file.open("rb", buffering=0) as source:
                while source.read(MIB):
                    pass


@dataclass(frozen=True)
class Workload:
    """`command(peer, sources, below, into)` is what is timed; `below` is a fresh directory on the server (but see
    `before`), `into` one here."""

    name: str
    title: str
    bytes_of: Callable[[Sources], int]
    command: Callable[[Peer, Sources, str, Path], tuple[list[str], str | None]]
    # What must be there first: sent once, to the directory `name` of the server, which is then `below` in every round.
    before: Callable[[Peer, Sources, str], tuple[list[str], str | None]] | None = None
    trees: bool = False
    heavy: bool = False  # what it leaves on the server goes after each round, or memory fills
    # The rows that this one is held against, and by how much it should be ahead: (peer, ratio, which of ours).
    goals: tuple[tuple[str, float, str], ...] = ()


def bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


OURS, NOT_DURABLE = "sampan", "sampan, not durable"
LARGE_FILE_GOALS = tuple(goal for module in ("", " + ipsec_mb") for goal in (
    ("curl + nginx https", 1.3, f"sampan{module}, not durable"), ("curl + nginx https", 1.0, f"sampan{module}"),
    ("sftp", 3.0, f"sampan{module}")))

WORKLOADS = (
    Workload("up-file", "one large file up", lambda sources: sources.file.stat().st_size,
             lambda peer, sources, below, into: peer.put(sources.file, below), heavy=True,
             goals=LARGE_FILE_GOALS),
    Workload("down-file", "one large file down", lambda sources: sources.file.stat().st_size,
             lambda peer, sources, below, into: peer.get(f"{below}/big", into),
             before=lambda peer, sources, below: peer.put(sources.file, below),
             goals=LARGE_FILE_GOALS),
    Workload("up-small", "small files up (4 KiB each)", lambda sources: bytes_below(sources.small),
             lambda peer, sources, below, into: peer.put_tree(sources.small, below), trees=True,
             goals=(("rsync daemon", 1.0, NOT_DURABLE), ("sftp", 10.0, NOT_DURABLE), (NOT_DURABLE, 0.5, OURS))),
    Workload("down-small", "small files down (4 KiB each)", lambda sources: bytes_below(sources.small),
             lambda peer, sources, below, into: peer.get_tree(f"{below}/small", into),
             before=lambda peer, sources, below: peer.put_tree(sources.small, below), trees=True,
             goals=(("rsync daemon", 1.0, NOT_DURABLE), ("sftp", 10.0, NOT_DURABLE), (NOT_DURABLE, 0.5, OURS))),
    Workload("up-tree", "a real tree up", lambda sources: bytes_below(sources.tree),
             lambda peer, sources, below, into: peer.put_tree(sources.tree, below), trees=True,
             goals=(("rsync over ssh", 1.0, OURS), ("sftp", 5.0, OURS))),
    Workload("down-tree", "a real tree down", lambda sources: bytes_below(sources.tree),
             lambda peer, sources, below, into: peer.get_tree(f"{below}/tree", into),
             before=lambda peer, sources, below: peer.put_tree(sources.tree, below), trees=True,
             goals=(("rsync over ssh", 1.0, OURS), ("sftp", 5.0, OURS))),
    Workload("up-again", "the same tree again: nothing to do", lambda sources: 0,
             lambda peer, sources, below, into: peer.put_tree(sources.tree, below),
             before=lambda peer, sources, below: peer.put_tree(sources.tree, below), trees=True,
             goals=(("rsync over ssh", 1.0, OURS), ("rsync daemon", 1.0, OURS))),
    Workload("login", "login and one answer", lambda sources: 0,
             lambda peer, sources, below, into: (peer.client.command("quota"), None) if hasattr(peer, "client")
             else peer.put(sources.small / "0000", below)),
)


def clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
