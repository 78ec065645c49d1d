"""R2.7 and R2.8: a man in the middle who changes a byte or brings a key of his own, and where a password may be found afterwards."""

import base64
import contextlib
import random
import socket
import ssl
import threading
from pathlib import Path

import pytest

from conftest import PASSWORD
from support import limits
from support.client import Client
from support.files import random_file
from support.native_server import NativeServer
from support.proxy import DOWN, UP, Proxy
from support.server import Server
from support.terminal import Terminal

SIZE = 40 * limits.KIB
FLIPS = limits.soak(10, 50)  # each way


@pytest.mark.proves("R2.7")
@pytest.mark.parametrize("way, verb", [(UP, "put"), (DOWN, "get")])
def test_any_byte_that_is_changed_after_the_login_is_noticed(alice, server, way, verb):
    """A whole session is measured first: where its login ends and how long it is. Then one byte behind that is flipped."""
    source = random_file(alice.work / "file", SIZE)
    content = source.read_bytes()
    alice.run("put", "file")
    stored = server.home("alice") / "file"
    chooser = random.Random(seed := random.randrange(1 << 32))
    print(f"seed {seed}")
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        alice.run("quota")  # a login and one question: what is longer is behind the login
        login_end = proxy.ways[way].passed
    for _ in range(FLIPS):
        if verb == "put":
            content = random_file(source, SIZE).read_bytes()
        else:
            source.unlink(missing_ok=True)
        before = stored.read_bytes()
        with Proxy(server.port) as proxy:
            alice.port = proxy.port
            proxy.ways[way].flip_at = at = chooser.randrange(login_end, login_end + SIZE)
            done = alice.run(verb, "file", code=None, timeout=limits.TRANSFER)
            assert proxy.ways[way].flip_at is None, "the byte came by"
        assert done.returncode == 5 and done.stderr.startswith(f"sampan: {verb} "), (at, done)
        assert stored.read_bytes() == before, at
        assert verb == "put" or not source.exists(), at
    alice.port = None
    alice.run(verb, "file")
    assert stored.read_bytes() == (alice.work / "file").read_bytes() == content


class Middle:
    """A man in the middle with a key of his own: he ends the client's TLS, reads what is said and hands it on."""

    def __init__(self, tls: Path, target_port: int):
        self.target_port = target_port
        self.inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.inside.load_cert_chain(tls / "certificate.pem", tls / "key.pem")
        self.outside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.outside.check_hostname = False
        self.outside.verify_mode = ssl.CERT_NONE
        for context in (self.inside, self.outside):
            context.set_alpn_protocols(["sampan/1"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = b""
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        with self.listener, self.inside.wrap_socket(self.listener.accept()[0], server_side=True) as client, \
                self.outside.wrap_socket(socket.create_connection(("127.0.0.1", self.target_port))) as server:
            for end in (client, server):
                end.settimeout(limits.REPLY)
            with contextlib.suppress(OSError):
                while said := server.recv(65536):  # in turn, as a login goes
                    client.sendall(said)
                    said = client.recv(65536)
                    if not said:
                        break
                    self.heard += said
                    server.sendall(said)


@pytest.mark.proves("R2.7")
def test_a_man_in_the_middle_whose_key_was_trusted_gets_no_session(alice, server, folder):
    """The user said yes to the wrong fingerprint; what is proved is bound to a channel that the server does not see."""
    (folder / "impostor").mkdir()
    impostor = Server(folder / "impostor").start()  # for its key and fingerprint
    impostor.stop()
    middle = Middle(impostor.data / "tls", server.port)
    done = Client(folder / "victim", impostor, "alice", PASSWORD, port=middle.port).run("ls", code=3)
    middle.thread.join(limits.REPLY)
    assert "login failed" in done.stderr
    assert middle.heard.count(b'"auth"') == 2, "both halves of the login were in his hands"
    assert "logged in" not in server.log_text()
    assert PASSWORD.encode() not in middle.heard


@pytest.mark.proves("R2.7")
def test_a_server_that_does_not_know_the_password_is_not_believed(alice, server):
    """It shows the right key and says yes to any proof: what it cannot do is prove that it knows the account."""
    asked = []
    with NativeServer(server.data / "tls", "not alice's", lambda conversation, request, body: asked.append(request)) as impostor:
        alice.port = impostor.port
        done = alice.run("ls", code=9)
    assert "it does not know this account's password" in done.stderr and asked == []


@pytest.mark.proves("R2.7")
def test_an_older_tls_is_no_channel(alice, server):
    """Of either side: a server that is asked for 1.2, and a client that is offered it."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode, old.maximum_version = False, ssl.CERT_NONE, ssl.TLSVersion.TLSv1_2
    old.set_alpn_protocols(["sampan/1"])
    with socket.create_connection(("127.0.0.1", server.port), limits.REPLY) as raw:
        with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
            old.wrap_socket(raw)
    with NativeServer(server.data / "tls", alice.password, lambda *_: None) as offering:
        offering.context.minimum_version = offering.context.maximum_version = ssl.TLSVersion.TLSv1_2
        alice.port = offering.port
        assert "TLS" in alice.run("ls", code=5).stderr


@pytest.mark.proves("R2.8")
def test_a_typed_password_is_shown_nowhere_and_kept_nowhere(alice, server):
    """A whole sitting on a terminal: first a wrong password, then the right one, a transfer, a saved login; then every file is read."""
    wrong = "a wrong one: 7hx2"
    (alice.work / "file").write_text("content")
    words = [word for word in alice.command("shell") if word not in ("--password-file", str(alice.password_file))]
    alice.password_file.unlink()
    seen = []
    with Terminal(words, alice) as terminal:
        terminal.wait_for("Password of alice")
        terminal.send(wrong + "\r")
        assert terminal.wait_end() == 3
        seen.append(("the screen", bytes(terminal.raw)))
    with Terminal(words, alice) as terminal:
        terminal.wait_for("Password of alice")
        terminal.send(PASSWORD + "\r")
        terminal.wait_for("sampan:/>")
        terminal.send("put file\r")
        terminal.wait_until(lambda _: (server.home("alice") / "file").exists(), "the file at the server")
        seen += look_at(terminal.child.pid) + look_at(server.process.pid)
        terminal.send("exit\r")
        assert terminal.wait_end() == 0
        seen.append(("the screen", bytes(terminal.raw)))
    with Terminal([words[0], "login", server.url("alice"), "--trust", server.fingerprint], alice) as terminal:
        terminal.wait_for("Password of alice")
        terminal.send(PASSWORD + "\r")
        assert terminal.wait_end() == 0
        seen.append(("the screen of login", bytes(terminal.raw)))
    files = [path for top in (server.data, server.log.parent, alice.folder) for path in top.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"history", "accounts.db", "server.log", "known_hosts"} <= names, names
    seen += [(str(path), path.read_bytes()) for path in files]
    for where, content in seen:
        for secret in (PASSWORD, wrong):
            assert not any(form in content for form in forms_of(secret)), where


def forms_of(secret: str) -> list[bytes]:
    raw = secret.encode()
    return [raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"=")]


def look_at(pid: int) -> list[tuple[str, bytes]]:
    """What a neighbour on the machine sees of a process."""
    return [(f"{what} of {pid}", Path(f"/proc/{pid}/{what}").read_bytes()) for what in ("cmdline", "environ", "comm")]
