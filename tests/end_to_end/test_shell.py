"""`sampan shell`: a script's pipe and a person's terminal."""

import pytest

from support.terminal import Terminal


def script(client, text: str, *options: str, code: int = 0):
    return client.run("shell", *options, input=text, code=code)


def test_a_script_walks_about(alice, server):
    (alice.work / "tea leaf.txt").write_text("oolong\n")
    result = script(alice, "mkdir 'two words'\ncd 'two words'\npwd\nput 'tea leaf.txt'\nls\ncd ..\npwd\nlpwd\n")
    lines = result.stdout.splitlines()
    assert lines[0] == "/two words" and lines[-2] == "/" and lines[-1] == str(alice.work)
    assert any("tea leaf.txt" in line for line in lines)
    assert (server.home("alice") / "two words" / "tea leaf.txt").read_text() == "oolong\n"


def test_two_sessions_have_two_working_directories(alice):
    script(alice, "mkdir a\ncd a\n")
    assert script(alice, "pwd\n").stdout.splitlines() == ["/"]


def test_cd_refuses_and_stays(alice):
    (alice.work / "file").write_text("x")
    result = script(alice, "put file\ncd nowhere\npwd\ncd file\npwd\ncd ../..\npwd\n")
    assert [line for line in result.stdout.splitlines() if line.startswith("/")] == ["/", "/", "/"]
    assert result.stderr.count("sampan: ") >= 2


def test_the_code_is_the_last_commands(alice):
    script(alice, "stat absent\npwd\n", code=0)
    script(alice, "pwd\nstat absent\n", code=4)


def test_stop_on_error(alice):
    result = script(alice, "stat absent\npwd\n", "--stop-on-error", code=4)
    assert result.stdout == ""


def test_an_unknown_command_is_named(alice):
    result = script(alice, "__init__\n", code=2)
    assert "__init__" in result.stderr


@pytest.fixture
def terminal(alice):
    """Alice's shell on a terminal, at its first prompt."""
    (alice.work / "localfile.txt").write_text("x")
    alice.run("mkdir", "long-remote-name")
    with Terminal(alice.command("shell"), alice) as shell:
        shell.wait_for("/>")
        yield shell
        shell.send("exit\n")
        assert shell.wait_end() == 0


def test_tab_completes_commands_and_names(terminal, alice):
    terminal.send("lpw\t")
    terminal.wait_for("/> lpwd")
    terminal.send("\n")
    terminal.wait_for(str(alice.work))
    terminal.send("cd lon\t")
    terminal.wait_for("/> cd long-remote-name")
    terminal.send("\n")
    terminal.wait_for("/long-remote-name>")
    terminal.send("put loc\t")
    terminal.wait_for("put localfile.txt")
    terminal.send("\n")
    terminal.send("ls\n")
    terminal.wait_until(lambda screen: "localfile.txt" in screen.lines()[-2], "the listing")
