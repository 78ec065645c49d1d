"""R2.1, R2.2, R2.5, R2.6: what a login shows to a listener, what a stolen record is worth, what is possible before it, and names."""

import base64
import contextlib
import hashlib
import os
import re
import socket
import sqlite3
from pathlib import Path

import pytest

from conftest import PASSWORD
from support import limits
from support.client import Client
from support.native import Closed, Keys, NativePeer, argon2id, mac, signed_in
from support.proxy import Proxy
from support.server import Server

PROTOCOL = Path(__file__).resolve().parents[2] / "docs" / "protocol.md"


# ---- R2.1: a listener ----

def recorded(server, client) -> bytes:
    """What the real client sends in a session that logs in and asks one question."""
    with Proxy(server.port, record=True) as proxy:
        client.port = proxy.port
        client.run("quota")
        client.port = None
        return bytes(proxy.up.recording)


@pytest.mark.proves("R2.1")
def test_a_recorded_session_played_again_is_refused(alice, server):
    """Both recordings, byte by byte as they were: neither gets as far as a login, and they are different."""
    sessions = [recorded(server, alice) for _ in range(2)]
    assert sessions[0] != sessions[1]
    logins = server.log_text().count("logged in")
    for session in sessions:
        with socket.create_connection(("127.0.0.1", server.port), limits.REPLY) as replay:
            with contextlib.suppress(ConnectionError):
                replay.sendall(session)
                replay.shutdown(socket.SHUT_WR)
                while replay.recv(65536):
                    pass
    alice.run("ls")
    assert server.log_text().count("logged in") == logins + 1, "alice's own, and no other"


def secrets_of(password: str, server) -> list[bytes]:
    """The password and everything that is made from it alone."""
    salt, stored, server_key = record(server, "alice")
    salted = argon2id(password.encode(), salt, 2, 19456, 1)
    made = [salted, mac(salted, b"Client Key"), mac(salted, b"Server Key"), stored, server_key]
    made += [hash_of(password.encode()).digest() for hash_of in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512)]
    forms = [form for raw in (password.encode(), *made) for form in (raw, base64.b64encode(raw), raw.hex().encode())]
    return [form.rstrip(b"=") for form in forms]


@pytest.mark.proves("R2.1")
def test_inside_the_channel_no_verifier_is_said_and_nothing_can_be_said_again(server):
    """Seen by somebody who reads the decrypted messages: two logins share the name and the salt, and no proof fits twice."""
    server.user("add", "alice", password=PASSWORD)
    said, heard = [], []
    for _ in range(2):
        with NativePeer(server.port) as peer:
            peer.heard = bytearray()
            assert peer.login("alice", PASSWORD)["done"]
            said.append(peer.scram)
            heard.append(bytes(peer.heard))
    for session, answers in zip(said, heard):
        everything = "\n".join(session).encode() + answers
        in_base64 = re.findall(r"\b[spvc]=([\w+/]{20,}=*)", "\n".join(session))
        assert len(in_base64) == 4, "salt, channel, proof, verification"
        everything += b"\n".join(base64.b64decode(value) for value in in_base64)
        for secret in secrets_of(PASSWORD, server):
            assert secret not in everything
    fields = [{match for message in session for match in re.findall(r"\b[rpvc]=[^,]{20,}", message)} for session in said]
    assert len(fields[0]) == 5 and not fields[0] & fields[1]
    for old in said:  # the proof again: in a new session, and after the server's new nonce
        with NativePeer(server.port) as peer:
            assert peer.say(old[0], mechanism="SCRAM-SHA-256-PLUS")["ok"]
            assert peer.say(old[2])["error"] == "login_failed"
            assert peer.request("list", path="/")["error"] == "login_required"


# ---- R2.2: a thief of the records ----

def record(server, name: str) -> tuple[bytes, bytes, bytes]:
    with contextlib.closing(sqlite3.connect(server.data / "accounts.db")) as database:
        return database.execute("select salt, stored_key, server_key from accounts where name = ?", (name,)).fetchone()


@pytest.mark.proves("R2.2")
def test_records_are_slow_to_guess_and_nobody_elses(server):
    """Argon2id of 19 MiB and 2 passes at least, salts of 16 bytes of each user's own, and only the owner reads them."""
    for name in ("first", "second"):
        server.user("add", name, password=PASSWORD)
    with contextlib.closing(sqlite3.connect(server.data / "accounts.db")) as database:
        costs = database.execute("select kdf_memory_kib, kdf_passes, kdf_lanes from accounts").fetchall()
    assert len(costs) == 2 and all(memory >= 19456 and passes >= 2 and lanes >= 1 for memory, passes, lanes in costs)
    first, second = (record(server, name) for name in ("first", "second"))
    assert len(first[0]) >= 16 and len(second[0]) >= 16
    assert not set(first) & set(second), "equal passwords give different records"
    # The stored key is what the page says: nothing quicker leads from a password to it.
    salted = argon2id(PASSWORD.encode(), first[0], 2, 19456, 1)
    assert hashlib.sha256(mac(salted, b"Client Key")).digest() == first[1]
    signed_in(server.port, "first", PASSWORD).stream.close()  # the running server's files as well: WAL and shared memory
    files = sorted(server.data.glob("accounts.db*"))
    assert files and all(file.stat().st_mode & 0o777 == 0o600 for file in files), files


@pytest.mark.proves("R2.2")
def test_whoever_makes_the_records_nobody_else_reads_them(folder):
    """Also where it is not the server, and whatever the umask of a shell is."""
    server = Server(folder)
    server.data.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        server.user("add", "alice", password=PASSWORD)
    finally:
        os.umask(before)
    files = sorted(server.data.glob("accounts.db*"))
    assert files and all(file.stat().st_mode & 0o777 == 0o600 for file in files), files
    assert server.home("alice").stat().st_mode & 0o777 == 0o700


@pytest.mark.proves("R2.2")
def test_a_stolen_record_does_not_log_in(server):
    """A thief can compute what the server checks the proof with, but the proof itself needs what the record lacks."""
    server.user("add", "alice", password=PASSWORD)
    _, stored, server_key = record(server, "alice")
    for client in (stored, server_key, bytes(32), hashlib.sha256(stored).digest()):
        with NativePeer(server.port) as thief:
            assert thief.login("alice", "", Keys(client, stored, server_key))["error"] == "login_failed"
            assert thief.request("list", path="/")["error"] == "login_required"


# ---- R2.5: before the login ----

def operations() -> list[str]:
    """All that the protocol's page lists."""
    table = PROTOCOL.read_text().split("## Operations")[1].split("The objects in them")[0]
    return re.findall(r"^\| `([a-z.]+)` \|", table, flags=re.MULTILINE)


def everything_in(folder: Path) -> dict[str, object]:
    """Names, contents and modes of the homes and what is staged."""
    return {str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes() if path.is_file() else None)
            for part in ("homes", "staging") for path in (folder / part).rglob("*")}


@pytest.mark.proves("R2.5")
@pytest.mark.parametrize("moment", ["at the start", "between the two messages of a login", "after a login that failed"])
def test_before_the_login_every_operation_is_refused_and_has_no_effect(alice, server, moment):
    (alice.work / "x").write_text("alice's")
    alice.run("put", "x")
    alice.run("mkdir", "d")
    before = everything_in(server.data)
    assert len(before) >= 3
    mtime = "2024-01-01T00:00:00Z"
    digest = "blake3:" + 64 * "0"
    fields = {"path": "/x", "from": "/x", "to": "/y", "size": 5, "mtime": mtime, "mode": "0777", "digest": digest, "upload": "x",
              "index": 0, "download": "x", "offset": 0, "length": 1, "parents": True, "replace": True}
    listed = operations()
    assert {"put", "get", "list", "mkdir", "rmdir", "remove", "rename", "upload.begin", "download.read"} <= set(listed)
    with NativePeer(server.port) as peer:
        if moment == "between the two messages of a login":
            assert peer.say("p=tls-exporter,,n=alice,r=abcdefgh", mechanism="SCRAM-SHA-256-PLUS")["ok"]
        elif moment == "after a login that failed":
            assert peer.login("alice", "wrong")["error"] == "login_failed"
        for op in listed:
            if op in ("auth", "quit"):
                continue
            for body in (None, b"12345"):
                answer = peer.request(op, body, **{**fields, "path": "/d" if op == "rmdir" else "/x"})
                assert (answer["ok"], answer["error"], answer["content"]) == (False, "login_required", b""), (op, answer)
    assert everything_in(server.data) == before


@pytest.mark.proves("R2.5")
def test_a_session_cannot_change_its_user(new_client, server):
    alice, bob = new_client("alice"), new_client("bob")
    for person in (alice, bob):
        person.run("mkdir", f"of-{person.user}")
    with signed_in(server.port, "alice", PASSWORD) as peer:
        assert peer.login("bob", PASSWORD)["error"] == "denied"
        assert peer.say("p=tls-exporter,,n=bob,r=abcdefgh", mechanism="SCRAM-SHA-256-PLUS")["error"] == "denied"
        assert b"of-alice" in peer.request("list", path="/")["content"], "still alice"
    with NativePeer(server.port) as peer:  # acting for somebody else, which SCRAM has a field for
        answer = peer.say("p=tls-exporter,a=bob,n=alice,r=abcdefgh", mechanism="SCRAM-SHA-256-PLUS")
        assert answer["error"] == "login_failed"


# ---- R2.6: names and passwords ----

NAMES = ["张伟", "名 字", "Zoë Müller", "a.b-c_d", "x" * 128]
PASSWORDS = ["密码 with spaces ", "ü" * 128, "p" * 256, " ", "🔑" * 20, "tab\there, \"quotes\" & more"]


@pytest.mark.proves("R2.6")
def test_names_and_passwords_of_any_script(server, folder):
    for number, password in enumerate(PASSWORDS):
        name = NAMES[number % len(NAMES)] + (str(number) if number >= len(NAMES) else "")
        server.user("add", name, password=password)
        person = Client(folder / f"person{number}", server, name, password)
        person.run("mkdir", "here")
        assert (server.home(name) / "here").is_dir()
        with NativePeer(server.port) as peer:
            assert peer.login(name, password)["user"] == name
        person.write_password(password + "x")
        assert "login failed" in person.run("ls", code=3).stderr


REFUSED_NAMES = ["../x", "a/b", "/", ".", "..", ".hidden", "../../etc", "", "n" * 4096, "-x", " a", "a\nb", "\x1b[2J", "a\u202eb"]


@pytest.mark.proves("R2.6")
def test_names_that_no_account_may_have_are_refused_at_creation(server):
    before = sorted(path.name for path in server.data.rglob("*"))
    for name in REFUSED_NAMES:
        said = server.user("add", name, password=PASSWORD, code=2)
        assert said.stderr.startswith("sampan: user add") and "\x1b" not in said.stderr and len(said.stderr.splitlines()) == 1
    assert server.user("list", "--json").stdout == "[]\n"
    assert sorted(path.name for path in server.data.rglob("*")) == before


@pytest.mark.proves("R2.6")
def test_passwords_that_are_none_are_refused_at_creation(server):
    for password in ("", "p" * 4096, "p\0q"):
        assert server.user("add", "alice", password=password, code=2).stderr.startswith("sampan: user add alice: ")
    assert server.user("list", "--json").stdout == "[]\n"


@pytest.mark.proves("R2.6")
def test_names_that_no_account_may_have_do_not_log_in(alice, server, folder):
    """Nor do they become a directory or a query; a NUL does not make alice of `alice NUL x`."""
    alice.run("mkdir", "d")
    before = sorted(str(path) for path in (server.data / "homes").rglob("*"))
    names = [*REFUSED_NAMES, "alice\0", "alice\0/../x", "\0", "alice/", "alice/.", "ALICE", "alice' or '1'='1", "n" * 30_000]
    for number, name in enumerate(names):
        with NativePeer(server.port, f"127.3.0.{number + 1}") as peer:
            with contextlib.suppress(Closed):
                assert peer.login(name, PASSWORD)["error"] == "login_failed", name
                assert peer.request("list", path="/")["error"] == "login_required", name
    for name, code in (("..%2fx", 3), ("a%2fb", 3), ("%2e%2e", 3), ("n" * 4096, 3), ("a%00b", 2), ("", 2)):
        said = Client(folder / "nobody", server, name, PASSWORD).run("ls", code=code).stderr
        assert said.startswith("sampan: ls: ") and len(said.splitlines()) == 1, said
    assert sorted(str(path) for path in (server.data / "homes").rglob("*")) == before
    alice.run("ls", "d")
