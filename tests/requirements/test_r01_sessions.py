"""R1.1, R1.2, R1.4, R1.7: many sessions at once, those that never log in, too many of one user, and the end of them all."""

import signal
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import PASSWORD
from support import limits
from support.client import Client
from support.files import b3sum, random_file
from support.native import NativePeer, frame, signed_in
from support.proxy import Proxy
from support.server import Server

DEADLINE = 3  # seconds for a login, in the place of 30
GRACE = limits.soak(2, 10)  # seconds for transfers after SIGTERM


@pytest.mark.proves("R1.1")
def test_64_accounts_log_in_at_once_and_stay(folder):
    server = Server(folder, settings={"login-deadline": int(limits.TRANSFER)}).start()  # a slow machine is no refusal
    try:
        log_in_at_once(server, folder)
    finally:
        server.stop()


def log_in_at_once(server: Server, folder: Path) -> None:
    names = [f"user{number:02}" for number in range(64)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: server.user("add", name, password=PASSWORD), names))
    for name in names:
        (server.home(name) / f"this-is-{name}").touch()
    people = [Client(folder / f"person-{name}", server, name, PASSWORD) for name in names]
    began = time.monotonic()
    shells = [person.start("shell", stdin=-1) for person in people]
    for shell in shells:
        shell.stdin.write("pwd\nls\n")
        shell.stdin.flush()
    said = [(shell.stdout.readline(), shell.stdout.readline()) for shell in shells]
    taken = time.monotonic() - began
    print(f"64 sessions in {taken:.2f} s")
    assert said == [("/\n", f"this-is-{name}\n") for name in names]
    assert all(shell.poll() is None for shell in shells), "all 64 are there at once"
    assert server.log_text().count("logged in") == 64 and "session ended" not in server.log_text()
    for shell in shells:
        _, errors = shell.communicate(timeout=limits.COMMAND)
        assert (shell.returncode, errors) == (0, "")
    assert taken <= limits.bound(3)


def idle_and_dribbling(port: int, count: int) -> list[tuple[socket.socket, bytes]]:
    """Connections of four kinds, and what each sends a byte of at a time: nothing, or half a TLS hello; within TLS the same."""
    hello = b"\x16\x03\x01\x02\x00" + bytes(500)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["sampan/1"])
    made = []
    for number in range(count):
        raw = socket.create_connection(("127.0.0.1", port), limits.REPLY)
        inside = context.wrap_socket(raw) if number % 4 >= 2 else raw
        made.append((inside, (b"", hello, b"", frame({"op": "auth", "id": 1, "sasl": "A" * 400}))[number % 4]))
    return made


def lifetime(connection: socket.socket, drops: bytes, began: float) -> float:
    """Sends a byte now and then until the server closes."""
    connection.settimeout(0.2)
    left = iter(drops)
    while time.monotonic() - began < 60 + limits.REPLY:
        try:
            if (byte := next(left, None)) is not None:
                connection.sendall(bytes([byte]))
            if not connection.recv(4096):
                break
        except TimeoutError:
            pass
        except OSError:
            break
    connection.close()
    return time.monotonic() - began


@pytest.mark.proves("R1.1", "R1.2")
@pytest.mark.parametrize("deadline", [DEADLINE, *limits.only_soak(30)])
def test_whoever_does_not_log_in_is_ended_at_the_deadline(folder, deadline):
    """32 that say nothing and 32 that say a byte at a time; a new user logs in beside them, and who did log in stays."""
    server = Server(folder, settings={"login-deadline": deadline} if deadline != 30 else None).start()
    try:
        server.user("add", "alice", password=PASSWORD)
        alice = Client(folder / "person-alice", server, "alice", PASSWORD)
        alice.run("ls")
        member = signed_in(server.port, "alice", PASSWORD)
        began = time.monotonic()
        connections = idle_and_dribbling(server.port, 64)
        opened = time.monotonic() - began
        with ThreadPoolExecutor(64) as pool:
            ends = [pool.submit(lifetime, *connection, began) for connection in connections]
            login = time.monotonic()
            alice.run("ls")
            login = time.monotonic() - login
            lifetimes = [end.result() for end in ends]
        print(f"logged in after {login:.2f} s; the others were ended after {min(lifetimes):.1f} to {max(lifetimes):.1f} s")
        assert min(lifetimes) >= deadline and max(lifetimes) <= deadline + opened + limits.bound(2)
        assert login <= limits.bound(1)
        assert member.request("list", path="/")["ok"]
        member.stream.close()
        alice.run("ls")
    finally:
        server.stop()


@pytest.mark.proves("R1.4")
def test_two_sessions_of_one_user_have_a_directory_each(alice):
    for name in ("a", "b"):
        alice.run("mkdir", name)
    first, second = (alice.start("shell", stdin=-1) for _ in range(2))
    try:
        for shell, words in ((first, "cd a\npwd\n"), (second, "pwd\ncd b\npwd\n"), (first, "pwd\nmkdir in-a\n")):
            shell.stdin.write(words)
            shell.stdin.flush()
        said = [shell.communicate("exit\n", timeout=limits.COMMAND) for shell in (first, second)]
    finally:
        for shell in (first, second):
            shell.kill()
    assert said == [("/a\n/a\n", ""), ("/\n/b\n", "")]
    assert alice.run("ls", "a").stdout == "in-a\n" and alice.run("ls", "b").stdout == ""


@pytest.mark.proves("R1.4")
def test_one_session_too_many_is_refused_with_a_reason(folder):
    server = Server(folder, settings={"sessions-per-user": 3}).start()
    try:
        for name in ("alice", "bob"):
            server.user("add", name, password=PASSWORD)
        alice = Client(folder / "person-alice", server, "alice", PASSWORD)
        held = [signed_in(server.port, "alice", PASSWORD) for _ in range(3)]
        refused = alice.run("ls", code=5).stderr
        assert refused == "sampan: ls: the server is busy: try again later: this user has 3 sessions already\n"
        with NativePeer(server.port) as fourth:
            assert fourth.login("alice", PASSWORD)["error"] == "busy"
            assert fourth.request("list", path="/")["error"] == "login_required", "refused means not logged in"
        signed_in(server.port, "bob", PASSWORD).stream.close()
        assert all(peer.request("ping")["ok"] for peer in held)
        assert held.pop().request("quit")["ok"]
        alice.run("ls")
        for peer in held:
            peer.stream.close()
    finally:
        server.stop()


@pytest.mark.proves("R1.7")
def test_sigterm_ends_all_in_order_and_the_port_is_free_at_once(folder):
    server = Server(folder, *(() if GRACE == 10 else ("--grace", str(GRACE)))).start()
    try:
        server.user("add", "alice", password=PASSWORD)
        end_and_start_again(server, Client(folder / "person-alice", server, "alice", PASSWORD))
    finally:
        server.stop()


def end_and_start_again(server: Server, alice: Client) -> None:
    """Idle ones, ones that never logged in, one in the middle of its handshake, a transfer that ends and one that does not."""
    sent = random_file(alice.work / "file", 4 * limits.MIB)
    idle = [signed_in(server.port, "alice", PASSWORD) for _ in range(4)]
    strangers = [NativePeer(server.port) for _ in range(4)]
    silent = [socket.create_connection(("127.0.0.1", server.port), limits.REPLY) for _ in range(4)]
    silent[0].sendall(b"\x16\x03\x01\x02\x00\x01")
    stuck = signed_in(server.port, "alice", PASSWORD)
    assert stuck.request("upload.begin", path="/never", size=10**6, mtime="2024-01-01T00:00:00Z")["ok"]
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.hold_at = 2 * limits.MIB
        upload = alice.start("put", "file")
        proxy.wait_until(lambda proxy: proxy.up.passed >= 2 * limits.MIB, limits.TRANSFER)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        for peer in idle + strangers:
            peer.expect_close()
        for connection in silent:
            with pytest.raises((ConnectionError, EOFError)):
                if not connection.recv(100):
                    raise EOFError
        ended = time.monotonic() - began
        with pytest.raises(OSError):
            NativePeer(server.port)
        proxy.release()
        _, errors = upload.communicate(timeout=limits.TRANSFER)
        assert upload.returncode == 0, errors
        stuck.expect_close()
        assert server.process.wait(limits.STOP) == 0
        taken = time.monotonic() - began
    print(f"idle ones ended after {ended:.2f} s, the server after {taken:.2f} s")
    assert taken <= GRACE + limits.bound(1)
    assert b3sum(sent) == b3sum(server.home("alice") / "file")
    server._forget()
    server.listen_port = server.port
    began = time.monotonic()
    server.start()
    again = time.monotonic() - began
    print(f"listening on the same port after {again:.2f} s")
    assert server.port == server.listen_port and again <= limits.bound(1)
    alice.port = None
    alice.run("ls")
    for peer in idle + strangers + [stuck]:
        peer.stream.close()
    for connection in silent:
        connection.close()
