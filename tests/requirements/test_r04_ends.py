"""R4.6: however a transfer ends, the terminal is in order, and the error is on a line of its own."""

import os
import re
import termios

import pytest

from support import limits
from support.bar import drawings
from support.files import random_file
from support.proxy import Proxy
from support.terminal import Terminal

SIZE = 6 * limits.MIB
HELD = 2 * limits.MIB


def settings(terminal: Terminal) -> list:
    """What `stty -a` shows."""
    return termios.tcgetattr(terminal.child.child_fd)


@pytest.fixture
def held(alice, server):
    """Alice, whose transfer stands still in its middle, in both directions."""
    random_file(alice.work / "file", SIZE)
    random_file(alice.work / "remote", SIZE)
    (alice.work / "back").mkdir()
    alice.run("put", "remote")
    with Proxy(server.port) as proxy:
        proxy.up.hold_at = proxy.down.hold_at = HELD
        yield alice, proxy


WORDS = {"put": ["put", "file"], "get": ["get", "--to", "back", "remote"]}


def wait_for_the_middle(terminal: Terminal) -> None:
    terminal.wait_until(lambda screen: drawings(screen) and drawings(screen)[-1].percent >= 20, "the middle")


def check_end(terminal: Terminal, before: list, error: str) -> None:
    bar, *rest = terminal.lines()
    assert re.search(r" \d\d?%", bar) and "100%" not in bar, bar
    assert len(rest) == 1 and rest[0].startswith("sampan: ") and error in rest[0], terminal.text()
    assert settings(terminal) == before
    assert "\x1b[?25l" not in terminal.raw.decode(errors="replace"), "the cursor was never hidden"


@pytest.mark.proves("R4.6")
@pytest.mark.parametrize("verb", WORDS)
def test_ctrl_c(held, verb):
    alice, proxy = held
    alice.port = proxy.port
    with Terminal(alice.command(*WORDS[verb]), alice, columns=100, timeout=limits.TRANSFER) as terminal:
        before = settings(terminal)
        wait_for_the_middle(terminal)
        terminal.send("\x03")
        terminal.wait_for("sampan: ")
        check_end(terminal, before, "interrupted: run the same command again to resume")
        assert terminal.wait_end() == 130


@pytest.mark.proves("R4.6")
@pytest.mark.parametrize("verb", WORDS)
def test_a_lost_connection(held, verb):
    alice, proxy = held
    alice.port = proxy.port
    with Terminal(alice.command(*WORDS[verb]), alice, columns=100, timeout=limits.TRANSFER) as terminal:
        before = settings(terminal)
        wait_for_the_middle(terminal)
        proxy.reset_connections()
        terminal.wait_for("sampan: ")
        check_end(terminal, before, "run the same command again to resume")
        assert terminal.wait_end() == 5


@pytest.mark.proves("R4.6")
def test_one_file_of_a_tree_fails(alice, server):
    """The bar makes room, and goes on below."""
    (alice.work / "tree").mkdir()
    for name in ("a", "b", "c"):
        random_file(alice.work / "tree" / name, 2 * limits.MIB)
    alice.run("mkdir", "-p", "tree/b")  # where a file is to go
    with Terminal(alice.command("put", "-r", "tree"), alice, columns=100, timeout=limits.TRANSFER) as terminal:
        assert terminal.wait_end() == 1
        errors = [line for line in terminal.lines() if "sampan: " in line]
        assert len(errors) == 1 and errors[0].startswith("sampan: put tree/b: is a directory"), terminal.text()
        assert all(re.match(r"tree +\d+%", line) for line in terminal.lines() if line not in errors), terminal.text()


@pytest.mark.proves("R4.6")
def test_the_shell_goes_on_after_ctrl_c(held):
    alice, proxy = held
    alice.port = proxy.port

    def stty(terminal: Terminal) -> str:
        """The settings as a command of the shell finds them; while a line is edited they are the editor's."""
        terminal.send("\x0c")
        terminal.wait_until(lambda screen: screen.lines() == ["sampan:/>"], "a clean screen")
        terminal.send("!stty -g\n")
        terminal.wait_until(lambda screen: len(screen.lines()) > 2 and screen.lines()[-1] == "sampan:/>", "the settings")
        return "".join(terminal.lines()[1:-1])

    with Terminal(alice.command("shell"), alice, columns=120, timeout=limits.TRANSFER) as terminal:
        terminal.wait_prompt("sampan:/>")
        before = stty(terminal)
        assert before.count(":") > 20
        terminal.send("put file\n")
        wait_for_the_middle(terminal)
        terminal.send("\x03")
        terminal.wait_for("sampan: put file: interrupted: run the same command again to resume")
        terminal.wait_prompt("sampan:/>")
        assert stty(terminal) == before
        proxy.release()
        terminal.send("put file\n")
        terminal.wait_for("100%")
        terminal.wait_prompt("sampan:/>")
        terminal.send("exit\n")
        assert terminal.wait_end() == 0


@pytest.mark.proves("R4.6")
def test_ctrl_c_at_the_password(alice):
    words = [word for word in alice.command("ls") if word not in ("--password-file", str(alice.password_file))]
    with Terminal(words, alice) as terminal:
        before = settings(terminal)
        terminal.wait_for("Password of alice")
        assert not settings(terminal)[3] & termios.ECHO, "the echo is off before the question is there"
        terminal.send("sec\x03")
        terminal.wait_for("sampan: ls: interrupted")
        assert settings(terminal) == before and before[3] & termios.ECHO
        assert terminal.wait_end() == 130
        assert "sec" not in terminal.text()


@pytest.mark.proves("R4.2")
def test_a_silent_network_has_no_speed(held):
    alice, proxy = held
    alice.port = proxy.port
    with Terminal(alice.command("put", "file"), alice, timeout=limits.TRANSFER) as terminal:
        wait_for_the_middle(terminal)
        terminal.wait_for(" 0 B/s  eta -")
        proxy.release()
        assert terminal.wait_end() == 0
        assert os.path.getsize(alice.server.home("alice") / "file") == SIZE
