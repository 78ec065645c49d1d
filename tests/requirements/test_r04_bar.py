"""R4: the bar on a terminal: one line, rewritten, as wide as the window."""

import re
import time

import pytest

from support import limits
from support.bar import OneLine, drawings
from support.files import random_file
from support.proxy import Proxy
from support.terminal import Terminal

SIZE = 4 * limits.MIB
RATE = 4 * limits.MIB  # long enough for a bar, short enough for a test
WIDE = "总结报告" * 7 + "终稿"  # 60 columns
REDRAWS = 20  # a second, at most


@pytest.fixture
def slow(alice, server):
    """Alice, whose network has RATE in both directions."""
    with Proxy(server.port) as proxy:
        proxy.up.rate = proxy.down.rate = RATE
        yield alice, proxy


@pytest.mark.proves("R4.1", "R4.7")
@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("verb", ["put", "get", "put -r", "get -r"])
def test_one_line_to_the_end(slow, columns, verb):
    alice, proxy = slow
    if verb.endswith("-r"):
        (alice.work / WIDE).mkdir()
        for i in range(4):
            random_file(alice.work / WIDE / f"file {i}", SIZE // 4)
    else:
        random_file(alice.work / WIDE, SIZE)
    if verb.startswith("get"):
        alice.run("put", "-r", WIDE)
        (alice.work / "back").mkdir()
    alice.port = proxy.port
    words = [*verb.split(), *(["--to", "back"] if verb.startswith("get") else []), WIDE]
    started = time.monotonic()
    with Terminal(alice.command(*words), alice, columns=columns, timeout=limits.TRANSFER) as terminal:
        one_line = OneLine()
        terminal.wait_until(one_line)
        assert terminal.wait_end() == 0
        seconds = time.monotonic() - started
        drawn = drawings(terminal)
        assert terminal.raw.endswith(b"\r\n") and terminal.raw.count(b"\n") == 1
        assert b"\x1b" not in terminal.raw
        assert one_line.looks > 3 and len(drawn) > 3
        assert len(drawn) <= REDRAWS * seconds + 3
        (line,) = terminal.lines()
    assert drawn[-1].percent == 100 and [one.percent for one in drawn].count(100) == 1
    # The name is cut by the columns that it takes, not by its letters or bytes.
    cut = "总结报…" if columns == 40 else "总结报告总结报告总…"
    assert line.startswith(cut), line
    for one in drawn:
        one.check_figures()


@pytest.mark.proves("R4.1")
def test_the_window_changes_in_the_middle(slow):
    alice, proxy = slow
    random_file(alice.work / "file", 3 * SIZE)  # goes on until three widths have been seen, also beside other tests
    alice.port = proxy.port
    with Terminal(alice.command("put", "file"), alice, columns=120, timeout=limits.TRANSFER) as terminal:
        for columns in (60, 100, 40):
            before = len(drawings(terminal))
            terminal.resize(columns)
            # One that was on its way may still be of the old width; the next is not.
            terminal.wait_until(lambda screen: len(drawings(screen)) >= before + 3, "some drawings")
            assert len(drawings(terminal)[-1].text) == columns - 3
        assert terminal.wait_end() == 0
        assert len(drawings(terminal)[-1].text) == 40 - 3


@pytest.mark.proves("R4.4")
@pytest.mark.parametrize("columns", [80, 40])
def test_an_empty_file(alice, server, columns):
    (alice.work / "empty").touch()
    (alice.work / "back").mkdir()
    for words in (["put", "empty"], ["get", "--to", "back", "empty"]):
        with Terminal(alice.command(*words), alice, columns=columns) as terminal:
            assert terminal.wait_end() == 0
            assert drawings(terminal)[-1].percent == 100
            for one in drawings(terminal):
                one.check_figures()
    assert (server.home("alice") / "empty").read_bytes() == (alice.work / "back/empty").read_bytes() == b""


@pytest.mark.proves("R4.4")
def test_more_than_4_gib(alice, server):
    """Sparse, and in the suite not to its end: the figures are those of the whole."""
    size = 5 * 1024 * limits.MIB
    with (alice.work / "huge").open("wb") as file:
        file.truncate(size)
    with Terminal(alice.command("put", "huge"), alice, columns=120, timeout=limits.TRANSFER) as terminal:
        terminal.wait_until(lambda screen: drawings(screen) and drawings(screen)[-1].percent >= 1, "1 %")
        terminal.send("\x03")
        assert terminal.wait_end() == 130
        drawn = drawings(terminal)
    assert all(" of 5 GiB " in one.text for one in drawn)
    for one in drawn:
        one.check_figures()
        shown = re.search(r"([\d.]+) (B|KiB|MiB|GiB) of", one.text)
        unit = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}[shown.group(2)]
        assert abs(100 * float(shown.group(1)) * unit / size - one.percent) <= 1.01, one.text


@pytest.mark.proves("R4.5")
@pytest.mark.parametrize("words", [["put", "file"], ["put", "-r", "tree"], ["get", "--to", "back", "remote"],
                                   ["put", "--progress", "bar", "file"], ["put", "--progress", "none", "file"],
                                   ["get", "--to", "-", "remote"]])
def test_no_terminal_no_bar(alice, words, folder):
    random_file(alice.work / "file", limits.MIB + 1)
    random_file(alice.work / "remote", limits.MIB + 1)
    (alice.work / "tree").mkdir()
    (alice.work / "tree/file").write_text("x")
    (alice.work / "back").mkdir()
    alice.run("put", "remote")
    with (folder / "errors").open("wb") as errors:
        process = alice.start(*words, stderr=errors, text=False)
        process.communicate(timeout=limits.TRANSFER)
    assert process.returncode == 0
    assert (folder / "errors").read_bytes() == b""
    # A failure is one plain line.
    result = alice.run(words[0], *words[1:-1], "absent", code=4)
    assert result.stderr.count("\n") == 1 and not re.search("[\r\x1b]", result.stderr)
