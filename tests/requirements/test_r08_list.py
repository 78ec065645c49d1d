"""R8: what is in a directory, to the byte, the nanosecond and the last name."""

import json
import os
import re
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from support import limits
from support.native import signed_in
from support.poller import Poller
from support.proxy import Proxy
from support.files import random_file
from support.shell import Shell
from support.terminal import Terminal

LINE = re.compile(r"^([-dl?])([rwx-]{9})  +(\d+)  (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})  (.*)$")
AWKWARD = ["new\nline", "\x1b[2J\x1b]0;title\x07", "gpj.\u202eexe", "tab\there", "\u200fmark", "\u0085next", "del\x7f"]


def local_entries(folder) -> list[dict]:
    """The machine-readable form, as this machine's own scandir gives it."""
    entries = []
    for entry in os.scandir(os.fsencode(folder)):
        status = entry.stat(follow_symlinks=False)
        kind = "link" if entry.is_symlink() else "directory" if entry.is_dir() else "file" if entry.is_file() else "other"
        entries.append({"name": entry.name, "type": kind, "size": 0 if kind == "directory" else status.st_size,
                        "mtime": status.st_mtime_ns, "mode": status.st_mode & 0o777})
    return sorted(entries, key=lambda entry: entry["name"])


def remote_entries(client, path: str) -> list[dict]:
    """`ls --json`, its values as numbers."""
    entries = []
    for entry in client.json("ls", path):
        seconds, _, fraction = entry["mtime"].removesuffix("Z").partition(".")
        assert entry["mtime"].endswith("Z")
        whole = int(datetime.fromisoformat(seconds + "+00:00").timestamp())
        name = entry["name"].encode()
        if "name_bytes" in entry:
            import base64
            name = base64.b64decode(entry["name_bytes"])
        entries.append({"name": name, "type": entry["type"], "size": entry["size"],
                        "mtime": whole * 10**9 + int(fraction.ljust(9, "0") or 0), "mode": int(entry["mode"], 8)})
    return entries


@pytest.fixture
def variety(alice, server):
    """A directory with one of each, some of them put there by the administrator."""
    alice.run("mkdir", "d")
    folder = server.home("alice") / "d"
    (folder / "sub").mkdir(mode=0o750)
    for name, size in [("empty", 0), ("small", 1), ("总结 报告.txt", 70_000), ("big", 5 * 1024**3), (".hidden", 3)]:
        with open(folder / name, "wb") as file:
            file.truncate(size)
    os.utime(folder / "small", ns=(1, 1_700_000_000_123_456_789))
    os.utime(folder / "empty", ns=(1, -1_000_000_000))
    os.utime(folder / "big", ns=(1, 4_102_444_800_000_000_000))
    (folder / "link").symlink_to("small")
    (folder / "dangling").symlink_to("nowhere")
    os.mkfifo(folder / "fifo")
    with open(os.path.join(os.fsencode(folder), b"latin-1 \xe9"), "wb") as file:
        file.write(b"x")
    return folder


@pytest.mark.proves("R8.1")
def test_the_machines_form_is_what_scandir_says(alice, variety):
    assert remote_entries(alice, "d") == local_entries(variety)
    assert remote_entries(alice, "d") == remote_entries(alice, "/d/"), "stable"


@pytest.mark.proves("R8.1")
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/St_Johns"])
def test_the_long_form(alice, variety, zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    lines = alice.run("ls", "-l", "d").stdout.splitlines()
    shown = [LINE.match(line).groups() for line in lines]
    letters = {"file": "-", "directory": "d", "link": "l", "other": "?"}
    expected = local_entries(variety)
    assert len(shown) == len(expected)
    for (letter, mode, size, when, name), entry in zip(shown, expected):
        assert letter == letters[entry["type"]] and int(size) == entry["size"], name
        assert int("".join("0" if bit == "-" else "1" for bit in mode), 2) == entry["mode"], name
        shown_time = datetime.strptime(when, "%Y-%m-%d %H:%M:%S %z")
        assert int(shown_time.timestamp()) == entry["mtime"] // 10**9, name
        assert shown_time.utcoffset() == shown_time.astimezone(ZoneInfo(zone)).utcoffset(), f"{name}: the time of another zone"
        assert name == entry["name"].decode(errors="backslashreplace")
    assert len({line.index(re.search(r"\d{4}-\d\d", line).group(0)) for line in lines}) == 1, "columns"


@pytest.mark.proves("R8.1")
def test_an_empty_directory_says_so(alice):
    alice.run("mkdir", "empty room")
    assert alice.run("ls", "empty room").stdout == "" and alice.json("ls", "empty room") == []
    for verb in (["ls"], ["ls", "-l"]):
        with Terminal(alice.command(*verb, "empty room"), alice) as terminal:
            assert terminal.wait_end() == 0
            assert terminal.lines() == ["sampan: /empty room is empty"]


@pytest.mark.proves("R8.2")
def test_many_entries_are_all_there(alice, server, record_property):
    count = limits.soak(10_000, 100_000)
    alice.run("mkdir", "many")
    folder = server.home("alice") / "many"
    names = [f"entry {i:06} {'x' * (i % 200)}" for i in range(count)]
    for name in names:
        (folder / name).touch()
    before = server.rss()
    with Poller(lambda: server.rss() // limits.MIB) as memory:
        started = time.monotonic()
        listed = alice.run("ls", "many", timeout=limits.TRANSFER).stdout.splitlines()
        seconds = time.monotonic() - started
    assert listed == names
    assert [entry["name"] for entry in alice.json("ls", "many")] == names
    assert len(alice.run("ls", "-l", "many").stdout.splitlines()) == count
    with signed_in(server.port, "alice", alice.password) as peer:  # whatever is asked for, a page has an end
        most = peer.greeting["limits"]["list_entries"]
        assert len(json.loads(peer.request("list", path="/many", limit=10**6)["content"])) == most
    record_property("seconds", f"{seconds:.2f}")
    record_property("server_growth_mib", max(memory.seen) - before // limits.MIB)
    assert max(memory.seen) - before // limits.MIB <= limits.LISTING_GROWTH // limits.MIB


@pytest.mark.proves("R8.3")
def test_awkward_names_are_escaped_for_people_and_exact_for_machines(alice, server):
    alice.run("mkdir", "d")
    folder = server.home("alice") / "d"
    for name in AWKWARD:
        (folder / name).write_text(name)
    assert sorted(entry["name"] for entry in alice.json("ls", "d")) == sorted(AWKWARD)
    for options in ([], ["-l"]):
        with Terminal(alice.command("ls", *options, "d"), alice) as terminal:
            assert terminal.wait_end() == 0
            drawn = terminal.raw.decode().replace("\r\n", "\n")
            assert drawn.count("\n") == len(AWKWARD) == len(terminal.lines())
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", drawn), drawn
            assert r"new\nline" in drawn and r"\x1b[2J" in drawn and r"gpj.\xe2\x80\xaeexe" in drawn
    # Also where a name is said in an answer, an error or a question.
    for arguments in (["stat", "d/" + AWKWARD[1]], ["get", "d/none" + AWKWARD[1]], ["digest", "d/" + AWKWARD[2]]):
        result = alice.run(*arguments, code=None)
        assert not re.search("[\x1b\x07\u202e]", result.stdout + result.stderr)


@pytest.mark.proves("R8.4")
def test_uploads_on_their_way_are_not_listed(alice, server):
    random_file(alice.work / "large", 8 * limits.MIB)
    random_file(alice.work / "replaced", 8 * limits.MIB)
    alice.run("mkdir", "d")
    (alice.work / "small").write_text("x")
    alice.run("put", "--to", "d", "small")
    with Proxy(server.port) as proxy, Shell(alice) as looker:
        proxy.up.hold_at = 3 * limits.MIB
        alice.port = proxy.port
        sender = alice.start("put", "--to", "d", "large")
        proxy.wait_until(lambda proxy: proxy.up.passed >= 3 * limits.MIB, limits.TRANSFER)
        assert looker.say("ls d").out == "small\n"
        assert looker.say("ls").out == "d\n"
        assert [entry["name"] for entry in json.loads(looker.say("ls --json d").out)] == ["small"]
        assert "no such file" in looker.say("stat d/large").err
        proxy.release()
        assert sender.wait(limits.TRANSFER) == 0
        sender.communicate()
        assert looker.say("ls d").out == "large\nsmall\n"


@pytest.mark.proves("R8.1")
def test_a_file_is_listed_as_itself(alice, tmp_path):
    (alice.work / "tea.txt").write_text("oolong\n")
    alice.run("put", "tea.txt")
    assert alice.run("ls", "tea.txt").stdout == "tea.txt\n"
    assert alice.run("ls", "nowhere", code=4).stderr == "sampan: ls nowhere: no such file or directory\n"
