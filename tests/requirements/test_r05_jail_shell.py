"""The jail, attacked through the shell: 34 attempts x cd and every other command, one session each."""

import os
import re
import subprocess

import pytest

from support import limits
from support.client import Client
from support.jail import PASSWORD, House, attempts


@pytest.fixture(scope="module")
def house(house_folder):
    with House.open(house_folder) as house:
        yield house


@pytest.fixture(scope="module")
def alice(house):
    alice = Client(house.folder / "person-alice", house.server, "alice", PASSWORD)
    house.untouched = house.outside_state()
    return alice


def quoted(path: bytes) -> bytes:
    return b"'" + path.replace(b"'", b"'\\''") + b"'"


def script(path: bytes) -> bytes:
    """First cd, and what one does where one then is; then, from the home, every command on the path itself."""
    word = quoted(path)
    below = quoted(path + b"/secret")
    lines = [b"cd " + word, b"pwd", b"ls", b"get -- secret", b"stat secret", b"digest secret", b"mkdir made", b"rmdir made",
             b"rm secret", b"cd /", b"pwd"]
    for target in (word, below):
        lines += [b"ls -l " + target, b"get " + target, b"get -r " + target, b"stat " + target, b"digest " + target,
                  b"mkdir " + target, b"mkdir -p " + target, b"put --to=" + target + b" content",
                  b"mv " + target + b" moved", b"mv -f own " + target, b"rmdir " + target, b"rm " + target]
    return b"\n".join([*lines, b"pwd"]) + b"\n"


SAYABLE = [attempt for attempt in attempts() if attempt.as_line]


def run(house: House, alice: Client, lines: bytes) -> tuple[list[str], bytes]:
    """What pwd said each time, and the whole of the output."""
    house.furnish()
    (alice.work / "content").write_bytes(b"put by the attacker\n")
    done = alice.run("shell", code=None, text=False, input=lines)
    assert done.returncode in (0, 1, 2, 3, 4, 8), done
    return re.findall(r"^(/.*)$", done.stdout.decode(errors="surrogateescape"), re.MULTILINE), done.stdout + done.stderr


@pytest.mark.proves("R5.2", "R5.4", "R7.2", "R8.7", "R9.6")
@pytest.mark.parametrize("attempt", SAYABLE, ids=lambda attempt: attempt.name)
def test_no_command_gets_out(house, alice, attempt):
    places, said = run(house, alice, script(attempt.path))
    house.check_answer(said)
    house.check_untouched()
    assert places[1:] == ["/", "/"], places
    where = places[0].lstrip("/")
    assert where == "" or where == attempt.resolved and house.stays_inside(where), "cd went where the path does not lead"
    for path in alice.folder.rglob("*"):
        if path.is_file():
            house.check_answer(path.read_bytes())


@pytest.mark.proves("R5.2", "R7.2")
def test_up_from_below(house, alice):
    """J28: cd a/b/c, then ../../../../bob: the way up ends at the home."""
    places, said = run(house, alice, b"cd a/b/c\npwd\ncd ../../../../bob\npwd\nget ../../../../../bob/secret\ncd ../../../../..\npwd\n"
                                     b"cd ..\npwd\nls ../../bob\n")
    assert places == ["/a/b/c", "/a/b/c", "/", "/"], (places, said)
    house.check_answer(said)
    house.check_untouched()
    assert not (alice.work / "secret").exists()


@pytest.mark.proves("R5.2")
@pytest.mark.parametrize("becomes", ["gone", "renamed", "link to bob", "link to the operator's folder", "file"])
def test_a_working_directory_that_others_change(house, alice, becomes):
    """J29: another session renames it, or an operator puts something else in its place; then relative commands."""
    house.furnish()
    process = alice.start("shell", stdin=subprocess.PIPE, text=False)
    process.stdin.write(b"cd sub\nmkdir mark\nrmdir mark\npwd\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"/sub\n"
    (house.home / "sub/chain").unlink()
    if becomes == "gone":
        (house.home / "sub").rmdir()
    else:
        alice.run("mv", "sub", "elsewhere")
    if becomes.startswith("link"):
        (house.home / "sub").symlink_to("../bob" if becomes.endswith("bob") else house.outside)
    if becomes == "file":
        (house.home / "sub").write_text("a file")
    house.guard.give(house.home)
    (alice.work / "content").write_bytes(b"put by the attacker\n")
    said, errors = process.communicate(
        b"ls\nget secret\nget canary\nput content\nmkdir new\nrm secret\nrm canary\nrmdir new\nmv secret s\nput --to=. content\n"
        b"cd new\npwd\ncd /\npwd\nls\n", timeout=limits.COMMAND)
    house.check_answer(said + errors)
    house.check_untouched()
    places = [line for line in said.decode().splitlines() if line.startswith("/")]
    assert places == ["/sub", "/"], (said, errors)
    assert errors.count(b"sampan: ") >= 10, "every command there is refused"
    assert b"own" in said, "and the home is as it was"
