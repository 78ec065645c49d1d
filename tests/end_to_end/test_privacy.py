"""What a listener on the wire, a reader of the disk and a neighbour on the machine learn: nothing."""

import base64
import contextlib
import hashlib
import sqlite3
from pathlib import Path

import pytest

from conftest import PASSWORD
from support import limits
from support.proxy import Proxy

CONTENT = b"the letter begins: my dear, the money is under the third stone from the left "
NAME = "love-letter-to-nobody.txt"


def handshake_records(stream: bytes) -> int:
    """Bytes of the clear TLS handshake at the beginning: hello and change-cipher-spec records."""
    at = 0
    while at + 5 <= len(stream) and stream[at] in (20, 22):
        at += 5 + int.from_bytes(stream[at + 3:at + 5], "big")
    return at


def forms_of(secret: str) -> list[bytes]:
    raw = secret.encode()
    return [raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"="), hashlib.sha256(raw).digest(),
            hashlib.sha256(raw).hexdigest().encode(), hashlib.md5(raw).hexdigest().encode()]


def session(alice, server, *commands) -> tuple[bytes, bytes]:
    with Proxy(server.port, record=True) as proxy:
        alice.port = proxy.port
        for command in commands:
            alice.run(*command)
    return bytes(proxy.up.recording), bytes(proxy.down.recording)


def test_nothing_but_the_handshake_is_readable(alice, server):
    (alice.work / NAME).write_bytes(CONTENT * 100)
    back = alice.work / "back"
    back.mkdir()
    up, down = session(alice, server, ("put", NAME))
    up_get, down_get = session(alice, server, ("get", "--to", back, NAME))
    for stream in (up, down, up_get, down_get):
        assert len(stream) > 500
        for word in (CONTENT[:24], NAME.encode(), b"alice", b"SCRAM", b"blake3", b'"op"', *forms_of(PASSWORD)):
            assert word not in stream, word
        # After the hello everything is an encrypted record of TLS 1.3: type 23, version 3.3.
        rest = stream[handshake_records(stream):]
        at = 0
        while at + 5 <= len(rest):
            assert rest[at] in (20, 23) and rest[at + 1:at + 3] == b"\x03\x03", rest[at:at + 5]
            at += 5 + int.from_bytes(rest[at + 3:at + 5], "big")


@pytest.mark.proves("R2.1")
def test_two_logins_share_nothing(alice, server):
    """No 16 bytes that the client sends after its hello occur in both: nothing made from the password alone is sent."""
    first, second = (session(alice, server, ("quota",))[0] for _ in range(2))
    first, second = (stream[handshake_records(stream):] for stream in (first, second))
    assert len(first) > 200 and len(second) > 200
    windows = {first[at:at + 16] for at in range(len(first) - 15)}
    assert not any(second[at:at + 16] in windows for at in range(len(second) - 15))


@pytest.mark.proves("R2.8")
def test_the_password_is_nowhere(alice, server):
    (alice.work / NAME).write_bytes(CONTENT)
    with Proxy(server.port) as proxy:
        proxy.up.hold_at = 700  # in the middle of the session, the password is being used
        alice.port = proxy.port
        process = alice.start("put", NAME)
        proxy.wait_until(lambda proxy: proxy.up.passed >= 700, limits.COMMAND)
        for pid in (process.pid, server.process.pid):
            for what in ("cmdline", "environ"):
                assert PASSWORD.encode() not in Path(f"/proc/{pid}/{what}").read_bytes()
        proxy.release()
        assert process.wait(limits.COMMAND) == 0, process.stderr.read()
        process.stdout.close(), process.stderr.close()
    wrong = "a wrong one: 7hx2"
    alice.write_password(wrong)
    alice.port = None
    alice.run("ls", code=3)
    alice.password_file.unlink()
    secrets = forms_of(PASSWORD) + forms_of(wrong)
    looked_at = 0
    for top in (server.data, server.log.parent, alice.folder):
        for path in [path for path in top.rglob("*") if path.is_file()]:
            content = path.read_bytes()
            looked_at += 1
            for secret in secrets:
                assert secret not in content, path
    assert looked_at > 3


@pytest.mark.proves("R2.2")
def test_equal_passwords_are_kept_differently(server):
    for name in ("first", "second"):
        server.user("add", name, password=PASSWORD)
    with contextlib.closing(sqlite3.connect(server.data / "accounts.db")) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        values = [value for table in tables for row in database.execute(f'select * from "{table}"') for value in row]
    keys = [value for value in values if isinstance(value, (bytes, str)) and len(value) >= 16]
    assert len(keys) >= 6 and len(keys) == len(set(keys)), "salts and keys of two users, all different"
    assert not any(form in (key if isinstance(key, bytes) else key.encode()) for key in keys for form in forms_of(PASSWORD))
