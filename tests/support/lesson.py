"""The lessons' programs (build/examples/NAME), started and talked to.

    with Server("s01_echo_once_server") as server:         ends it with SIGTERM: exit 0, and no sanitizer's report
        with server.connect() as peer: ...                  a plain socket of this test's own
        server.type("an operator's line"); server.until("seen")
    result = run("s01_echo_once_client", server.address, typed="a line\n")     .stdout, .stderr; code=... if not 0
    with Client("s02_echo_loop_client", address) as client: client.type("hello"); client.until("helloSB"); client.end()
    with listening() as listener: ...                       a loopback socket for a Python server; address_of(listener)
    with PythonServer(talk) as server: ...                  talk(connection) on a thread of its own for every connection
"""

import os
import re
import signal
import socket
import struct
import subprocess
import threading
from pathlib import Path

from . import limits

EXAMPLES = Path(os.environ.get("SAMPAN_EXAMPLES", Path(__file__).resolve().parents[2] / "build" / "examples"))
REPORTS = re.compile(r"(Address|Thread|Leak|UndefinedBehavior)Sanitizer|runtime error:|Assertion .* failed|terminate called")


def check_report(name: str, errors: str) -> None:
    report = REPORTS.search(errors)
    assert not report, f"{name}: {errors[report.start():report.start() + 6000]}"


def run(name: str, *arguments: str, typed: str | bytes = "", code: int = 0,
        timeout: float = limits.COMMAND) -> subprocess.CompletedProcess:
    """Runs a program to its end with `typed` as its standard input; its output as text."""
    data = typed.encode() if isinstance(typed, str) else typed
    done = subprocess.run([EXAMPLES / name, *arguments], input=data, capture_output=True, timeout=timeout)
    done.stdout, done.stderr = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    check_report(name, done.stderr)
    assert done.returncode == code, f"{name} {arguments}: code {done.returncode}\n{done.stdout}{done.stderr}"
    return done


class Running:
    """A program between its start and its end: lines can be typed into it, and its output waited for."""

    def __init__(self, name: str, *arguments: str):
        self.name = name
        self.process = subprocess.Popen([EXAMPLES / name, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._changed = threading.Condition()
        self._text = {"out": b"", "err": b""}
        self._ended = 0  # of the two outputs
        self._readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                         for pair in (("out", self.process.stdout), ("err", self.process.stderr))]
        for reader in self._readers:
            reader.start()

    def _read(self, key: str, stream) -> None:
        while piece := os.read(stream.fileno(), 65536):
            with self._changed:
                self._text[key] += piece
                self._changed.notify_all()
        with self._changed:
            self._ended += 1
            self._changed.notify_all()

    @property
    def output(self) -> str:
        return self._text["out"].decode(errors="replace")

    @property
    def errors(self) -> str:
        return self._text["err"].decode(errors="replace")

    def until(self, *texts: str, where: str = "output") -> str:
        """Waits until all of `texts` are in what the program has printed ("output" or "errors"); gives all of that."""
        def there() -> bool:
            return all(text in getattr(self, where) for text in texts)
        with self._changed:
            self._changed.wait_for(lambda: there() or self._ended == 2, limits.REPLY)
            assert there(), f"{self.name} did not say {texts!r}:\n{self.output[-4000:]}\n{self.errors[-4000:]}"
            return getattr(self, where)

    def type(self, line: str | bytes) -> None:
        """One line into standard input, with its end."""
        self.process.stdin.write((line.encode() if isinstance(line, str) else line) + b"\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """The end of standard input."""
        self.process.stdin.close()

    def wait(self, code: int | None = 0) -> None:
        """Until the program has ended, with this code (None: any)."""
        try:
            ended = self.process.wait(limits.STOP)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end\n{self.output[-4000:]}\n{self.errors[-4000:]}") from None
        for reader in self._readers:
            reader.join(limits.STOP)
        check_report(self.name, self.errors)
        assert code in (None, ended), f"{self.name}: code {ended}\n{self.output[-4000:]}\n{self.errors[-4000:]}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace) -> None:
        try:
            if kind is not None:
                self.kill()
                print(f"{self.name} had said:\n{self.output[-4000:]}\n{self.errors[-4000:]}")
            else:
                self.finish()
        finally:
            self.kill()
            for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
                try:
                    stream.close()
                except BrokenPipeError:
                    pass

    def finish(self) -> None:
        raise NotImplementedError


class Client(Running):
    """A client; at the end of the `with` its input ends, and so must it, with `code`."""

    def __init__(self, name: str, *arguments: str, code: int = 0):
        super().__init__(name, *arguments)
        self.code = code

    def finish(self) -> None:
        if not self.process.stdin.closed:
            try:
                self.end()
            except BrokenPipeError:
                pass
        self.wait(self.code)


class Server(Running):
    """A server on a free port of the loopback (or where `listen` says), up when it is made."""

    def __init__(self, name: str, *arguments: str, listen: str = "127.0.0.1:0"):
        super().__init__(name, "--listen", listen, *arguments)
        try:
            text = self.until("\n")
            assert text.startswith("listening "), text
        except BaseException:
            self.kill()
            raise
        self.address = text.splitlines()[0].removeprefix("listening ")
        self.port = 0 if listen.startswith("unix:") else int(self.address.rsplit(":", 1)[1])

    def connect(self, timeout: float = limits.REPLY) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def finish(self) -> None:
        assert self.process.poll() is None, f"{self.name} ended by itself\n{self.errors[-4000:]}"
        self.process.send_signal(signal.SIGTERM)
        self.wait(0)


def listening() -> socket.socket:
    """A listening loopback socket for a server in Python; its waits are bounded."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(limits.REPLY)
    return listener


def address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"{host}:{port}"


class PythonServer:
    """talk(connection) for every connection, each on a thread; the end of the `with` waits for them and raises what they raised.

    `results` is what they returned, in the order of their ends.
    """

    def __init__(self, talk):
        self._talk = talk
        self._listener = listening()
        self.address = address_of(self._listener)
        self.results: list = []
        self._failures: list[BaseException] = []
        self._last = None  # the address of a connection behind which none is taken any more
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, peer = self._listener.accept()
            except TimeoutError:
                continue
            if peer == self._last:
                connection.close()
                return
            self._threads.append(threading.Thread(target=self._serve, args=[connection], daemon=True))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(limits.REPLY)
        with connection:
            try:
                self.results.append(self._talk(connection))
            except BaseException as failure:
                self._failures.append(failure)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace) -> None:
        # Not by closing it: who has connected and gone again may still wait to be accepted, and counts.
        with socket.socket(self._listener.family) as last:
            last.bind((self._listener.getsockname()[0], 0))
            self._last = last.getsockname()
            last.connect(self._listener.getsockname())
            self._acceptor.join(limits.STOP)
        self._listener.close()
        for thread in self._threads:
            thread.join(limits.STOP)
        if kind is None and self._failures:
            raise self._failures[0]


def receive(peer: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes, or fewer if the other side ends before."""
    data = b""
    while len(data) < size and (piece := peer.recv(size - len(data))):
        data += piece
    return data


def receive_all(peer: socket.socket) -> bytes:
    data = b""
    while piece := peer.recv(65536):
        data += piece
    return data


def send_bytewise(peer: socket.socket, data: bytes) -> None:
    """A segment for every byte."""
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for i in range(len(data)):
        peer.sendall(data[i:i + 1])


def reset(peer: socket.socket) -> None:
    """Leaves without a goodbye: the other side gets a reset."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
