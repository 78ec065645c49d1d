"""R9.7: who types `rm` is asked, a script is not."""

import os
import subprocess

import pytest

from support import limits
from support.terminal import Terminal


@pytest.fixture
def files(alice, server):
    names = ["a", "b", "two words\x1b[2J"]
    for name in names:
        (alice.work / name).write_text(name)
    alice.run("put", *names)
    return server.home("alice")


@pytest.mark.proves("R9.7")
def test_the_shell_asks(alice, files):
    with Terminal(alice.command("shell"), alice) as terminal:
        terminal.wait_prompt("sampan:/>")
        for answer in ("n", "", "what", "yes please"):
            terminal.send("rm a\n")
            terminal.wait_for("delete a? [y/N]")
            terminal.send(answer + "\n")
            terminal.wait_prompt("sampan:/>")
            assert (files / "a").exists(), answer
            terminal.send("\x0c")  # Ctrl-L: a clean screen for the next
            terminal.wait_until(lambda screen: screen.lines() == ["sampan:/>"])
            terminal.wait_prompt("sampan:/>")
        terminal.send("rm a b\n")
        terminal.wait_for("delete a? [y/N]")
        terminal.send("y\n")
        terminal.wait_for("delete b? [y/N]")
        assert not (files / "a").exists() and (files / "b").exists()
        terminal.send("\x03")  # Ctrl-C at a question: nothing more goes
        terminal.wait_prompt("sampan:/>")
        assert (files / "b").exists() and "sampan: rm b: interrupted" in terminal.text()
        terminal.send("rm -f b\n")
        terminal.wait_until(lambda screen: not (files / "b").exists())
        terminal.wait_prompt("sampan:/>")
        terminal.send("rm 'two words\x16\x1b[2J'\n")  # Ctrl-V takes the escape as it is
        terminal.wait_for(r"delete two words\x1b[2J? [y/N]")
        terminal.send("y\n")
        terminal.wait_until(lambda screen: os.listdir(files) == [])
        terminal.send("exit\n")
        assert terminal.wait_end() == 0


@pytest.mark.proves("R9.7")
@pytest.mark.parametrize("answer, gone", [("y\n", True), ("Yes\n", True), ("n\n", False), ("\x04", False), ("\x03", False)])
def test_a_command_line_on_a_terminal_asks(alice, files, answer, gone):
    with Terminal(alice.command("rm", "a"), alice) as terminal:
        terminal.wait_for("delete a? [y/N]")
        terminal.send(answer)
        code = terminal.wait_end()
    assert (files / "a").exists() != gone
    assert code == (130 if answer in ("\x03", "\x04") else 0)


@pytest.mark.proves("R9.7")
def test_with_f_nobody_is_asked(alice, files):
    with Terminal(alice.command("rm", "-f", "a"), alice) as terminal:
        assert terminal.wait_end() == 0
        assert terminal.lines() == []
    assert not (files / "a").exists()


@pytest.mark.proves("R9.7")
def test_a_script_is_not_asked_wherever_it_runs(alice, files):
    """Neither on pipes, nor on a person's terminal, nor where its input is something else."""
    words = " ".join(f"'{word}'" for word in alice.command("rm", "a"))
    again = " ".join(f"'{word}'" for word in alice.command("put", "a"))
    script = alice.work / "script.sh"
    script.write_text(f"{words} && {again} && {words}\n")
    with Terminal(["sh", str(script)], alice) as terminal:
        assert terminal.wait_end() == 0, terminal.text()
        assert "delete" not in terminal.text()
    assert not (files / "a").exists()
    subprocess.run(alice.command("rm", "b"), env=alice.environment(), cwd=alice.work, stdin=subprocess.DEVNULL, check=True,
                   timeout=limits.COMMAND)
    assert not (files / "b").exists()
    alice.run("put", "a")
    result = alice.run("shell", input="rm a\nls\n")
    assert result.stderr == "" and os.listdir(files) == [name for name in os.listdir(files) if name not in ("a", "b")]


@pytest.mark.proves("R9.7")
def test_a_line_of_an_interactive_shell_is_a_persons(alice, files):
    words = " ".join(f"'{word}'" for word in alice.command("rm", "a"))
    with Terminal(["bash", "--norc", "--noprofile", "-i"], alice) as terminal:
        terminal.send(words + "\n")
        terminal.wait_for("delete a? [y/N]")
        terminal.send("y\n")
        terminal.wait_until(lambda screen: not (files / "a").exists())
        terminal.send("exit\n")
        terminal.wait_end()
