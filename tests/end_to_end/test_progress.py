"""The progress bar on a terminal of 80 and of 40 columns; lines and JSON elsewhere."""

import json
import re
import time
import unicodedata

import pexpect
import pytest

from support import limits
from support.files import random_file
from support.proxy import Proxy

SIZE = 12 * limits.MIB
RATE = 8 * limits.MIB  # bytes per second: long enough for a bar, short enough for a test


def columns_of(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1 for char in text)


def on_terminal(client, columns: int, *command: str) -> tuple[str, int, float]:
    """Runs a command on a terminal of its own; what it wrote, its code, the seconds it took."""
    words = client.command(*command)
    started = time.monotonic()
    child = pexpect.spawn(words[0], words[1:], dimensions=(24, columns), cwd=str(client.work), env=client.environment(),
                          timeout=limits.TRANSFER, encoding="utf-8")
    child.expect(pexpect.EOF)
    child.close()
    return child.before, child.exitstatus, time.monotonic() - started


@pytest.mark.parametrize("columns", [80, 40])
def test_the_bar(alice, server, columns):
    name = "一个很长的中文文件名" * 6 + ".bin"
    random_file(alice.work / name, SIZE)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.rate = RATE
        screen, code, seconds = on_terminal(alice, columns, "put", name)
    assert code == 0, screen
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen).replace("\r\n", "\n")
    draws = [draw for draw in plain.split("\n")[0].split("\r") if draw.strip()]
    percents = [int(found.group(1)) for draw in draws if (found := re.search(r"(\d+)\s?%", draw))]
    assert len(percents) >= 3, screen
    assert all(columns_of(draw) <= columns for draw in draws), "never wraps"
    assert percents == sorted(percents) and percents[-1] == 100 and percents[0] < 60
    assert len(draws) <= 20 * seconds + 3, "at most 20 a second"
    assert plain.endswith("\n")
    assert "\x1b[?25l" not in screen or "\x1b[?25h" in screen, "the cursor is back"


def test_an_empty_file_is_a_whole_one(alice):
    (alice.work / "empty").touch()
    screen, code, _ = on_terminal(alice, 80, "put", "empty")
    assert code == 0 and "100" in screen and "nan" not in screen and "inf" not in screen


def test_no_terminal_no_bar(alice):
    random_file(alice.work / "f", limits.MIB)
    result = alice.run("put", "f")
    assert "\r" not in result.stderr and "\x1b" not in result.stderr


def test_json(alice, server):
    random_file(alice.work / "f", SIZE)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.rate = RATE
        lines = [json.loads(line) for line in alice.run("put", "--progress", "json", "f").stderr.splitlines()]
    progress = [line for line in lines if line["event"] == "progress"]
    assert progress and all(line["total"] == SIZE and 0 <= line["done"] <= SIZE for line in progress)
    assert [line["done"] for line in progress] == sorted(line["done"] for line in progress)
    assert {"path", "rate", "eta"} <= set(progress[0])
    assert lines[-1]["event"] == "done"


def test_json_tells_a_failure(alice):
    result = alice.run("put", "--progress", "json", "absent", code=4)
    events = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    assert [event["event"] for event in events] == ["failed"]


def test_an_interrupt_leaves_the_terminal_in_order(alice, server):
    random_file(alice.work / "f", SIZE)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.hold_at = SIZE // 2
        words = alice.command("put", "f")
        child = pexpect.spawn(words[0], words[1:], dimensions=(24, 80), cwd=str(alice.work), env=alice.environment(),
                              timeout=limits.TRANSFER, encoding="utf-8")
        proxy.wait_until(lambda proxy: proxy.up.passed >= SIZE // 2, limits.TRANSFER)
        child.sendintr()
        child.expect(pexpect.EOF)
        child.close()
        # The terminal's own echo of the key stands at the end of the bar's line.
        lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", child.before).replace("\r\n", "\n").rstrip("\n").split("\n")
        assert child.exitstatus == 130, (child.exitstatus, child.signalstatus, lines)
        assert lines[-1].startswith("sampan: "), lines
