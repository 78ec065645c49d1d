"""R7: a working directory of one's own, below the home."""

import os
import time

import pytest

from support import limits
from support.client import Client
from support.guard import Guard
from support.server import Server
from support.shell import Shell
from support.terminal import Terminal

PASSWORD = "pass word"
DEEP = "a/b/c"
NAMES = ["two words", "总结 报告", "quote'", '"double"', "-dash", "*", "$HOME", "back\\slash"]


def quoted(name: str) -> str:
    return "'" + name.replace("'", "'\\''") + "'"


@pytest.fixture
def tree(alice, server):
    """Directories of alice's, made through the server: a/b/c and the unusual names."""
    alice.run("shell", "--stop-on-error", input="".join(f"mkdir -p -- {quoted(name)}\n" for name in [DEEP, *NAMES]))
    return server.home("alice")


@pytest.mark.proves("R7.1", "R7.2")
def test_every_form_of_cd(alice, tree):
    steps = [("cd a", "/a"), ("cd b/c", "/a/b/c"), ("cd ..", "/a/b"), ("cd ../..", "/"), (f"cd {DEEP}", "/a/b/c"),
             ("cd /", "/"), ("cd /a/b/", "/a/b"), ("cd .", "/a/b"), ("cd ./c/../c", "/a/b/c"), ("cd", "/"),
             ("cd ..", "/"), ("cd ../../..", "/"), ("cd ../a", "/a"), ("cd //a//b", "/a/b"), ("cd", "/")]
    for name in NAMES:
        steps += [(f"cd -- {quoted(name)}", f"/{name}"), ("cd ..", "/")]
    with Shell(alice) as shell:
        for line, where in steps:
            said = shell.say(line)
            assert (said.out, said.err) == ("", ""), line
            assert shell.say("pwd").out == where + "\n", line
        assert shell.end() == 0


@pytest.mark.proves("R7.1")
def test_the_prompt_says_where_one_is(alice, tree):
    (tree / "turn\u202ed\x1b[2J").mkdir()
    with Terminal(alice.command("shell"), alice) as terminal:
        terminal.wait_for("sampan:/>")
        for line, prompt in [("cd a/b", "sampan:/a/b>"), ("cd ../..", "sampan:/>"), ("cd 'two words'", "sampan:/two words>"),
                             ("cd '/总结 报告'", "sampan:/总结 报告>"), ("cd nowhere", "sampan:/总结 报告>"),
                             ("cd /", "sampan:/>")]:
            terminal.send(line + "\n")
            terminal.wait_prompt(prompt)
        # What a name does to a terminal, the prompt does not do.
        name = next(entry["name"] for entry in alice.json("ls") if entry["name"].startswith("turn"))
        with Shell(alice) as shell:
            shell.say(b"cd '" + os.fsencode(name) + b"'")
            assert shell.say("pwd").out == "/turn\\xe2\\x80\\xaed\\x1b[2J\n"
        terminal.send("cd 'turn\u202ed\x16\x1b[2J'\n")  # Ctrl-V takes the escape as it is
        terminal.wait_prompt("sampan:/turn\\xe2\\x80\\xaed\\x1b[2J>")
        terminal.send("exit\n")
        assert terminal.wait_end() == 0


@pytest.mark.proves("R7.3")
def test_relative_names_are_seen_from_there(alice, server, tree):
    (alice.work / "tea leaf.txt").write_text("oolong\n")
    home = server.home("alice")
    with Shell(alice) as shell:
        def good(line: str) -> str:
            said = shell.say(line)
            assert said.err == "", (line, said.err)
            return said.out

        good("cd a/b")
        good("put 'tea leaf.txt'")
        assert (home / "a/b/tea leaf.txt").read_text() == "oolong\n"
        assert good("ls").splitlines() == ["c", "tea leaf.txt"]
        assert good("ls ..").splitlines() == ["b"] and good("ls c") == ""
        good("mkdir made")
        assert (home / "a/b/made").is_dir()
        good("mv 'tea leaf.txt' made/green.txt")
        assert (home / "a/b/made/green.txt").read_text() == "oolong\n"
        good("lcd /")
        good(f"lcd {quoted(str(alice.work))}")
        good("get made/green.txt")
        assert (alice.work / "green.txt").read_text() == "oolong\n"
        assert "/a/b/made/green.txt" in good("stat made/green.txt") and "/a/b/made/green.txt" in good("digest made/green.txt")
        good("put --to made 'tea leaf.txt'")
        assert (home / "a/b/made/tea leaf.txt").is_file()
        good("rm made/green.txt 'made/tea leaf.txt'")
        good("rmdir made")
        assert sorted(os.listdir(home / "a/b")) == ["c"]
        good("rmdir c")
        good("cd ..")
        good("rmdir b")
        assert os.listdir(home / "a") == []


@pytest.mark.proves("R7.4")
def test_two_sessions_are_in_two_places(alice, tree):
    with Shell(alice) as one, Shell(alice) as other:
        one.say("cd a/b")
        assert other.say("pwd").out == "/\n"
        other.say("cd '/two words'")
        assert (one.say("pwd").out, other.say("pwd").out) == ("/a/b\n", "/two words\n")
        one.say("mkdir mine")
        assert other.say("ls").out == "" and (tree / "a/b/mine").is_dir()
    with Shell(alice) as again:
        assert again.say("pwd").out == "/\n"


@pytest.mark.proves("R7.5")
def test_each_refusal_says_why_and_nothing_moves(alice, server, tree):
    (alice.work / "file").write_text("x")
    alice.run("put", "file")
    refusals = {
        "cd nowhere": "no such file or directory",
        "cd b/nowhere": "no such file or directory",
        "cd ../file": "not a directory",
        "cd ../file/below": "not a directory",
        "cd " + "n" * 300: "a name longer than 255 bytes",
        "cd " + "/".join(["n" * 99] * 50): "a path longer than 4095 bytes",
        "cd ''": "the path is empty",
    }
    assert len(set(refusals.values())) == 5
    with Shell(alice) as shell:
        shell.say("cd a")
        for line, why in refusals.items():
            said = shell.say(line)
            assert why in said.err and said.err.startswith("sampan: cd") and said.err.count("\n") == 1, (line, said)
            assert said.out == "" and str(server.data) not in said.err
            assert shell.say("pwd").out == "/a\n", line
        assert shell.say("ls").out == "b\n"


@pytest.mark.proves("R7.5")
def test_a_directory_without_permission(folder):
    """That refusal is the kernel's, so this server is a user without rights."""
    guard = Guard(folder)
    server = Server(folder, guard=guard).start()
    try:
        server.user("add", "carol", password=PASSWORD)
        carol = Client(folder / "carol", server, "carol", PASSWORD)
        carol.run("shell", "--stop-on-error", input="mkdir here\nmkdir here/locked\n")
        (server.home("carol") / "here/locked").chmod(0)
        with Shell(carol) as shell:
            shell.say("cd here")
            said = shell.say("cd locked")
            assert said.err.startswith("sampan: cd locked: permission denied") and str(server.data) not in said.err
            assert shell.say("pwd").out == "/here\n" and shell.say("ls").out == "locked\n"
        (server.home("carol") / "here/locked").chmod(0o700)
    finally:
        server.stop()


@pytest.mark.proves("R7.6")
def test_a_directory_that_another_session_removes(alice, tree):
    with Shell(alice) as inside, Shell(alice) as other:
        inside.say(f"cd {DEEP}")
        other.say(f"rmdir {DEEP}")
        for line in ("ls", "mkdir x", "cd .", "put nothing", "rm x"):
            said = inside.say(line)
            assert said.err.startswith("sampan: ") and "no such file or directory" in said.err, (line, said)
        assert inside.say("pwd").out == f"/{DEEP}\n"
        assert inside.say("cd ..").err == "" and inside.say("pwd").out == "/a/b\n"
        other.say("rmdir a/b")
        assert inside.say("cd /").err == "" and "a" in inside.say("ls").out.splitlines()
        # One that is there again is as good as the old one.
        inside.say("cd a")
        other.say("rmdir a")
        other.say("mkdir a")
        assert inside.say("ls").err == "" and inside.say("mkdir new").err == ""
        assert (tree / "a/new").is_dir()
        assert inside.end() == 0


@pytest.mark.proves("R7.7")
def test_ten_thousand_times_cd(alice, server, tree, record_property):
    lines = ["cd a/b/c", "cd ..", "cd /", "cd nowhere"]
    times = 10_000
    with Shell(alice) as shell:
        shell.say("cd a")
        shell.say("cd /")
        before, client_before = server.descriptors(), len(os.listdir(f"/proc/{shell.process.pid}/fd"))
        started = time.monotonic()
        shell.say("\n".join(lines[i % len(lines)] for i in range(times)), timeout=limits.TRANSFER)
        record_property("seconds", f"{time.monotonic() - started:.2f}")
        assert shell.say("pwd").out == "/\n"
        assert server.descriptors() == before
        assert len(os.listdir(f"/proc/{shell.process.pid}/fd")) == client_before
