"""The jail, attacked through the real client's command line: 34 attempts x every verb that takes a remote path.

Each command is a process with a login of its own, so the suite takes some verbs for each attempt, other ones for the next, and
`make soak` takes all. test_r05_jail_shell.py has every command for every attempt, always.
"""

import os

import pytest

from support import limits
from support.client import Client
from support.jail import PASSWORD, House, attempts

CONTENT = b"put by the attacker\n"


@pytest.fixture(scope="module")
def house(house_folder):
    with House.open(house_folder) as house:
        yield house


@pytest.fixture(scope="module")
def alice(house):
    alice = Client(house.folder / "person-alice", house.server, "alice", PASSWORD)
    house.untouched = house.outside_state()
    return alice


# Each verb with its words; the path may begin with anything, so it stands behind "--".
READING = {"get": ["--to", "."], "get-r": ["--to", ".", "-r"], "ls": ["-l"], "stat": [], "digest": []}
CHANGING = {"mkdir": [], "mkdir-p": ["-p"], "rmdir": [], "rm": [], "mv-from": [], "mv-to": ["-f"], "put": [], "put-to": []}


def words_of(verb: str, options: list[str], path: str) -> list[str]:
    operands = {"mv-from": [path, "moved"], "mv-to": ["own", path], "put": [f"--to={path}", "-"],
                "put-to": [f"--to={path}/", "content"]}.get(verb, ["--", path])
    return [verb.split("-")[0], *options, *operands]


def attack(house: House, alice: Client, verb: str, options: list[str], attempt) -> bytes:
    path = os.fsdecode(attempt.path)
    house.furnish()
    (alice.work / "content").write_bytes(CONTENT)
    done = alice.run(*words_of(verb, options, path), code=None, text=False,
                     input=CONTENT if verb == "put" else None)
    house.check_answer(done.stdout + done.stderr)
    house.check_untouched()
    assert done.returncode in (0, 1, 2, 3, 4, 8), (verb, done)
    assert done.returncode == 0 or done.stderr.startswith(b"sampan: "), (verb, done)
    if done.returncode == 0:
        assert happened_inside(house, verb, attempt.resolved), (verb, done)
    return done


def happened_inside(house: House, verb: str, relative: str) -> bool:
    """Success is fine where the disk says that it was a success in alice's home."""
    place = house.home / relative
    parent_inside = house.stays_inside(os.path.dirname(relative))
    if verb in READING:
        # "ls" lists a link as what it is, like ls -d; the hard link may be read: SECURITY.md.
        return house.stays_inside(relative) or verb == "ls" and parent_inside and place.is_symlink()
    if verb in ("mkdir", "mkdir-p"):
        return house.stays_inside(relative) and place.is_dir()
    if verb in ("rmdir", "rm", "mv-from"):
        return parent_inside and not os.path.lexists(place)
    # What a directory is the target of lands in it.
    names = {"put": place, "put-to": place / "content", "mv-to": place / "own" if place.is_dir() else place}
    written = names[verb]
    return parent_inside and not written.is_symlink() and written.read_bytes() == (
        b"alice's own\n" if verb == "mv-to" else CONTENT)


def fetched(alice: Client) -> list[bytes]:
    """What the client wrote, wherever in the person's folder."""
    return [path.read_bytes() for path in alice.folder.rglob("*") if path.is_file()]


SAYABLE = [attempt for attempt in attempts() if attempt.as_argument]


def share(verbs: dict[str, list[str]], attempt, suite: int) -> dict[str, list[str]]:
    """Of these verbs the ones for this attempt, so that all of them come up in turn."""
    count = limits.soak(suite, len(verbs))
    first = SAYABLE.index(attempt) * count
    names = list(verbs)
    return {name: verbs[name] for name in (names[(first + i) % len(names)] for i in range(count))}


@pytest.mark.proves("R5.2", "R5.4", "R8.7")
@pytest.mark.parametrize("attempt", SAYABLE, ids=lambda attempt: attempt.name)
def test_no_verb_that_reads_gets_out(house, alice, attempt):
    for verb, options in share(READING, attempt, 1).items():
        attack(house, alice, verb, options, attempt)
    for content in fetched(alice):
        house.check_answer(content)
    assert sorted(os.listdir(house.folder)) == ["data", "outside", "person-alice", "sampan", "server.log"], \
        "the client writes in its own folder alone"
    assert set(os.listdir(alice.folder)) <= {"home", "config", "state", "share", "cache", "password", "work"}


@pytest.mark.proves("R5.2", "R5.4", "R8.7", "R9.6")
@pytest.mark.parametrize("attempt", SAYABLE, ids=lambda attempt: attempt.name)
def test_no_verb_that_changes_gets_out(house, alice, attempt):
    for verb, options in share(CHANGING, attempt, 2).items():
        attack(house, alice, verb, options, attempt)
