"""The README's first session and every verb, as scripts see them: output, JSON and exit codes."""

import json
import os
import stat
from datetime import datetime, timezone

import pytest

from support import limits
from support.files import b3sum, random_file

SIZES = [0, 1, 1023, 1024, 1025, 65535, 65536, 65537, limits.CHUNK - 1, limits.CHUNK, limits.CHUNK + 1,
         limits.MIB + 1, 9 * limits.MIB + 7]


@pytest.fixture
def tea(alice):
    """A file of alice's."""
    file = alice.work / "tea.txt"
    file.write_text("oolong\n")
    return file


def test_every_size_there_and_back(alice, server):
    names = [f"size-{size}" for size in SIZES]
    for name, size in zip(names, SIZES):
        random_file(alice.work / name, size)
    alice.run("put", *names)
    back = alice.work / "back"
    back.mkdir()
    alice.run("get", "--to", back, *names)
    for name in names:
        sent, stored, got = alice.work / name, server.home("alice") / name, back / name
        assert sent.read_bytes() == stored.read_bytes() == got.read_bytes(), name
        assert sent.stat().st_mtime_ns == got.stat().st_mtime_ns, name
    assert sorted(path.name for path in back.iterdir()) == sorted(names), "nothing of the transfer is left"


def test_digest_is_what_b3sum_says(alice):
    for size in (0, 1, 300_000, 3 * limits.MIB + 1):
        file = random_file(alice.work / f"d{size}", size)
        alice.run("put", file.name)
        assert alice.json("digest", file.name) == {"path": f"/{file.name}", "digest": f"blake3:{b3sum(file)}"}
        assert b3sum(file) in alice.run("digest", file.name).stdout


def test_digest_follows_a_change_behind_the_servers_back(alice, server, tea):
    alice.run("put", "tea.txt")
    stored = server.home("alice") / "tea.txt"
    stored.write_text("sencha\n")  # the same size
    assert alice.json("digest", "tea.txt")["digest"] == f"blake3:{b3sum(stored)}"


def test_listing(alice, tea):
    os.utime(tea, ns=(1_700_000_000_123_456_789,) * 2)
    tea.chmod(0o640)
    alice.run("put", "tea.txt")
    alice.run("mkdir", "leaves")
    listed = {entry["name"]: entry for entry in alice.json("ls")}
    assert set(listed) == {"tea.txt", "leaves"}
    assert listed["leaves"]["type"] == "directory"
    file = listed["tea.txt"]
    assert (file["type"], file["size"], int(str(file["mode"]), 8)) == ("file", 7, 0o640)
    assert datetime.fromisoformat(file["mtime"][:19]).replace(tzinfo=timezone.utc).timestamp() == 1_700_000_000
    assert file["mtime"].endswith("Z")
    one = alice.json("stat", "tea.txt")
    assert one["path"] == "/tea.txt" and {key: one[key] for key in ("type", "size", "mtime")} == \
        {key: file[key] for key in ("type", "size", "mtime")}
    assert "tea.txt" in alice.run("ls", "-l").stdout
    assert alice.json("ls", "leaves") == []


def test_quota_counts_bytes_and_files(new_client):
    bob = new_client("bob", "--quota", "1MiB")
    random_file(bob.work / "a", 1000)
    bob.run("put", "a")
    quota = bob.json("quota")
    assert (quota["used"], quota["limit"], quota["free"], quota["files"]) == (1000, limits.MIB, limits.MIB - 1000, 1)
    bob.run("rm", "a")
    assert bob.json("quota")["used"] == 0


def test_directories(alice, server):
    alice.run("mkdir", "a")
    alice.run("mkdir", "a", code=8)
    alice.run("mkdir", "x/y/z", code=4)
    alice.run("mkdir", "-p", "x/y/z")
    assert (server.home("alice") / "x/y/z").is_dir()
    alice.run("rmdir", "x", code=8)
    alice.run("rmdir", "x/y/z")
    alice.run("rmdir", "nowhere", code=4)


def test_moving_and_removing(alice, server, tea):
    alice.run("put", "tea.txt")
    alice.run("mkdir", "shelf")
    alice.run("mv", "tea.txt", "shelf/green.txt")
    assert (server.home("alice") / "shelf/green.txt").read_text() == "oolong\n"
    alice.run("rm", "shelf", code=8)
    alice.run("rm", "shelf/green.txt")
    alice.run("rm", "shelf/green.txt", code=4)
    assert os.listdir(server.home("alice") / "shelf") == []


def test_several_items_of_which_one_fails(alice, tea):
    result = alice.run("put", "tea.txt", "absent.txt", code=1)
    assert "absent.txt" in result.stderr
    alice.run("stat", "tea.txt")


def test_a_removed_home_name_cannot_leave_the_home(alice, server, tea):
    alice.run("put", "tea.txt")
    server.user("add", "bob", password="secret of bob")
    for path in ("../bob", "/../bob", "shelf/../../bob", "/etc/passwd", "../../../../../../etc/passwd"):
        result = alice.run("ls", path, code=None)
        assert result.returncode in (2, 3, 4), path
        assert str(server.data) not in result.stdout + result.stderr
    (server.home("alice") / "out").symlink_to("/etc")
    assert alice.run("get", "out/passwd", code=None).returncode in (3, 4)
    assert alice.run("put", "--to", "out", "tea.txt", code=None).returncode in (1, 3, 4)


def test_standard_input_and_output(alice):
    text = "through a pipe\n" * 30_000
    alice.run("put", "--to", "piped.txt", "-", input=text)
    alice.run("mkdir", "sub")
    assert alice.run("get", "--to", "-", "piped.txt", code=None).stdout == text \
        or alice.run("get", "piped.txt", "--to", "-").stdout == text


def test_unusual_names(alice, server):
    names = ["带空格 的文件", "-leading-dash", "quote\"'", "new\nline", "x" * 255, "😀", "%2e%2e", "a\\b"]
    for name in names:
        (alice.work / name).write_text(name)
    alice.run("put", "--", *names)
    assert sorted(os.listdir(server.home("alice"))) == sorted(names)
    assert sorted(entry["name"] for entry in alice.json("ls")) == sorted(names)
    assert "\n" not in alice.run("ls", "--", "-leading-dash").stdout.rstrip("\n")
    back = alice.work / "back"
    back.mkdir()
    alice.run("get", "--to", back, "--", *names)
    assert sorted(os.listdir(back)) == sorted(names)
    alice.run("rm", "--", *names)
    assert os.listdir(server.home("alice")) == []


def test_a_name_that_is_not_utf8_survives(alice, server):
    name = b"caf\xe9"
    (server.home("alice")).mkdir(exist_ok=True)
    alice.run("mkdir", "made")  # the home is there now
    with open(os.path.join(os.fsencode(server.home("alice")), name), "wb") as file:
        file.write(b"latin-1")
    entry = next(entry for entry in alice.json("ls") if entry["type"] == "file")
    assert entry["name_bytes"] == "Y2Fm6Q=="


@pytest.mark.parametrize("arguments, code", [
    (("stat", "absent"), 4), (("get", "absent"), 4), (("ls", "absent"), 4), (("digest", "absent"), 4),
    (("stat",), 2), (("stat", "--no-such-option", "x"), 2), (("mv", "only-one"), 2)])
def test_exit_codes(alice, arguments, code):
    result = alice.run(*arguments, code=code)
    if code != 2:
        assert result.stderr.startswith("sampan: ") and result.stderr.count("\n") == 1, result.stderr


def test_wrong_password_and_unknown_user_look_the_same(alice, server):
    alice.write_password("not the password")
    wrong = alice.run("ls", code=3).stderr
    alice.user = "nobody-here"
    assert alice.run("ls", code=3).stderr == wrong


def test_no_server_is_worth_a_retry(alice, server):
    alice.port = server.port
    server.kill()
    alice.run("ls", code=5)
    server.start()


def test_user_administration(server):
    server.user("add", "carol", "--quota", "100MiB", "--max-files", "1000", password="one")
    server.user("add", "carol", password="two", code=8)
    shown = json.loads(server.user("show", "carol", "--json").stdout)
    assert {key: shown[key] for key in ("name", "quota", "max_files", "used", "files", "enabled")} == \
        {"name": "carol", "quota": 100 * limits.MIB, "max_files": 1000, "used": 0, "files": 0, "enabled": True}
    server.user("set", "carol", "--quota", "none", "--disable")
    shown = json.loads(server.user("list", "--json").stdout)[0]
    assert (shown["quota"], shown["enabled"]) == (None, False)
    for name in ("../x", "a/b", "", ".", "x" * 200):
        server.user("add", name, password="p", code=2)
    server.user("remove", "carol")
    server.user("show", "carol", code=4)


def test_what_the_server_owns_is_private(server, alice, tea):
    alice.run("put", "tea.txt")
    for path in (server.data, server.home("alice"), server.data / "accounts.db", server.data / "tls/key.pem"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_ready_means_ready(server):
    words = [line.split()[0] for line in server.lines]
    assert words == ["fingerprint", "listening", "ready"]
    assert server.lines[0].startswith("fingerprint SHA256:")
