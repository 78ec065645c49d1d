"""Tab: in the shell of sampan, and in bash and zsh through the scripts that it prints."""

import os

import pytest

from support import limits
from support.server import SAMPAN
from support.terminal import Terminal

REMOTE = ["reports/2026/一月 报告.pdf", "reports/2026/notes.txt", "two words/inside.txt", "12:30 tea@home=.txt"]


@pytest.fixture
def tree(alice, server):
    """Some names on the server, some here."""
    home = server.home("alice")
    alice.run("mkdir", "-p", "reports/2026")
    alice.run("mkdir", "two words")
    for name in REMOTE:
        (home / name).write_text("x")
    (alice.work / "文件 夹").mkdir()
    (alice.work / "文件 夹" / "里面.txt").write_text("here")
    (alice.work / "local.txt").write_text("here")
    return home


@pytest.fixture
def shell(alice, tree):
    with Terminal(alice.command("shell"), alice) as terminal:
        terminal.wait_prompt("sampan:/>")
        yield terminal
        terminal.send("\x03\nquit\n")
        assert terminal.wait_end() == 0


def expect_line(terminal: Terminal, typed: str, line: str, prompt: str = "sampan:/> ") -> None:
    """Types; the line under edit becomes `line`; and drops it again."""
    terminal.send(typed)
    terminal.wait_until(lambda screen: screen.lines()[-1:] == [(prompt + line).rstrip()], repr(line))
    terminal.send("\x15")
    terminal.wait_until(lambda screen: screen.lines()[-1:] == [prompt.rstrip()], "an empty line")


def test_in_the_shell(shell, alice, tree):
    expect_line(shell, "lpw\t", "lpwd")
    expect_line(shell, "cd rep\t20\t", "cd reports/2026/")
    expect_line(shell, "get reports/2026/一\t", "get reports/2026/一月\\ 报告.pdf")
    expect_line(shell, "get two\tin\t", "get two\\ words/inside.txt")
    expect_line(shell, "get 'two w\t", "get two\\ words/")
    expect_line(shell, "put 文\t里\t", "put 文件\\ 夹/里面.txt")
    expect_line(shell, "put --prog\tj\t", "put --progress json")
    # Several: they are listed, and the line stands as it was.
    shell.send("cd \t")
    shell.wait_until(lambda screen: screen.lines()[-2:] == ["reports/    two words/", "sampan:/> cd"], "the choices")
    # What was completed is a line that can be sent.
    shell.send("two\t\n")
    shell.wait_prompt("sampan:/two words>")
    shell.send("get in\t\n")
    shell.wait_for("100%")
    shell.wait_prompt("sampan:/two words>")
    assert (alice.work / "inside.txt").read_text() == "x"
    shell.send("cd\n")
    shell.wait_prompt("sampan:/>")
    # Up, and what is found by searching.
    shell.send("\x1b[A\x1b[A")
    shell.wait_until(lambda screen: screen.lines()[-1] == "sampan:/> get inside.txt", "the history")


def test_the_history_is_there_the_next_time_and_private(alice):
    for line, before in (("pwd", None), ("quota", "pwd")):
        with Terminal(alice.command("shell"), alice) as terminal:
            terminal.wait_prompt("sampan:/>")
            if before:
                terminal.send("\x1b[A\x1b[A")
                terminal.wait_until(lambda screen: screen.lines()[-1] == f"sampan:/> {before}")
                terminal.send("\x15")
            terminal.send(line + "\nbye\n")
            assert terminal.wait_end() == 0
    history = alice.folder / "state/sampan/history"
    assert history.stat().st_mode & 0o777 == 0o600


# ---- bash and zsh ----

STARTS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
SETUP = {
    "bash": "PS1='$ '; bind 'set bell-style none'; source <(sampan completion bash)\n",
    "zsh": "PS1='$ '; unsetopt beep; source <(sampan completion zsh)\n",
}


@pytest.fixture(params=STARTS)
def people_shell(request, alice, tree):
    """An interactive shell of the machine, where alice has logged in and completions are set up."""
    environment = alice.environment()
    environment["PATH"] = f"{os.path.dirname(SAMPAN)}:{environment['PATH']}"
    environment["SAMPAN_SERVER"] = alice.server.url("alice")
    alice.environment = lambda: environment
    with Terminal([SAMPAN, "login", alice.server.url("alice"), "--trust", alice.server.fingerprint], alice) as terminal:
        terminal.wait_for("Password of alice")
        terminal.send(alice.password + "\n")
        assert terminal.wait_end() == 0, terminal.text()
    with Terminal(STARTS[request.param], alice, columns=120, timeout=limits.COMMAND) as terminal:
        terminal.send(SETUP[request.param])
        terminal.wait_until(lambda screen: screen.lines()[-1:] == ["$"], "the prompt")
        terminal.send("\x0c")
        terminal.wait_until(lambda screen: screen.lines() == ["$"], "a clean screen")
        yield terminal


def test_in_bash_and_zsh(people_shell, alice):
    for typed, line in [
        ("sampan dig\t", "sampan digest"),
        ("sampan user pas\t", "sampan user passwd"),
        ("sampan user add x --quo\t", "sampan user add x --quota"),
        ("sampan put --progress js\t", "sampan put --progress json"),
        ("sampan completion z\t", "sampan completion zsh"),
        ("sampan help rmd\t", "sampan help rmdir"),
        ("sampan put 文\t里\t", "sampan put 文件\\ 夹/里面.txt"),
        ("sampan ls rep\t20\t", "sampan ls reports/2026/"),
        ("sampan get reports/2026/一\t", "sampan get reports/2026/一月\\ 报告.pdf"),
        ("sampan stat two\tin\t", "sampan stat two\\ words/inside.txt"),
    ]:
        expect_line(people_shell, typed, line, prompt="$ ")
    # A line that was completed does what it says, whatever is in the name.
    people_shell.send("sampan digest 12\t\n")
    people_shell.wait_for("/12:30 tea@home=.txt")
