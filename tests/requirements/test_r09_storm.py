"""R9: mkdir and rmdir from everywhere at once: no crash, a tree that makes sense, a quota that is the disk."""

import json
import os
import random
import subprocess
import threading

import pytest

from support import limits
from support.poller import Poller
from support.shell import Shell

CLIENTS = 8
# What each may be answered: a name that another took, made or filled meanwhile.
FAIR = ("already exists", "no such file or directory", "directory not empty")


def storm(seed: int, operations: int) -> str:
    """Few names, three deep: they meet all the time."""
    dice = random.Random(seed)
    lines = []
    for _ in range(operations):
        path = "/".join(dice.choice("abc") for _ in range(dice.randint(1, 3)))
        lines.append(dice.choice(["mkdir", "mkdir -p", "rmdir", "rmdir"]) + f" {path}")
    return "\n".join(lines) + "\n"


@pytest.mark.proves("R9.5")
def test_a_storm_of_directories(alice, server):
    operations = limits.soak(2_000, 10_000) // CLIENTS
    home = server.home("alice")
    alice.run("mkdir", "first")
    shells = [alice.start("shell", stdin=subprocess.PIPE) for _ in range(CLIENTS)]
    errors = [""] * CLIENTS

    def drive(number: int) -> None:
        _, errors[number] = shells[number].communicate(storm(number, operations), timeout=limits.TRANSFER)

    threads = [threading.Thread(target=drive, args=(number,)) for number in range(CLIENTS)]
    with Poller(lambda: server.process.poll()) as alive:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(limits.TRANSFER)
            assert not thread.is_alive()
    assert alive.seen == [None]
    for text in errors:
        refused = text.splitlines()
        assert all(line.endswith(FAIR) for line in refused), [line for line in refused if not line.endswith(FAIR)][:5]
        assert len(refused) < operations, "some of them succeeded"

    def on_disk() -> list[str]:
        return sorted(os.path.relpath(os.path.join(parent, name), home)
                      for parent, folders, files in os.walk(home) for name in folders + files)

    def as_listed(shell: Shell, path: str = "/") -> list[str]:
        found = []
        for entry in json.loads(shell.say(f"ls --json {path}").out):
            inside = f"{path.rstrip('/')}/{entry['name']}"
            assert entry["type"] == "directory"
            found += [inside.lstrip("/"), *as_listed(shell, inside)]
        return sorted(found)

    # What the disk has, the listing says and the quota counts, before and after a count anew.
    with Shell(alice) as shell:
        assert as_listed(shell) == on_disk()
    assert alice.json("quota")["files"] == len(on_disk())
    server.stop()
    server.start()
    assert alice.json("quota")["files"] == len(on_disk())
    alice.run("shell", "--stop-on-error", input="".join(f"rmdir {path}\n" for path in reversed(on_disk())))
    assert alice.json("quota")["files"] == 0 and on_disk() == []
