"""A TCP proxy that is the network between client and server, and can be a bad one. Standard library only.

Everything it does is tied to counted bytes, not to the clock, so that a test which cuts at a byte cuts at that byte.
"""

import contextlib
import random
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from . import limits

LENGTHS = [1, 2, 3, 5, 100, 1_000, 20_000, 300_000]  # of recut segments

UP = "up"      # client to server
DOWN = "down"  # server to client


@dataclass
class Way:
    """One direction over all connections, and what happens to it. Positions count from the proxy's start."""

    passed: int = 0                 # bytes handed on
    cut_at: int | None = None       # after so many bytes every connection is reset, once
    hold_at: int | None = None      # nothing more is handed on after so many bytes, until release()
    hold_when: Callable[[], bool] | None = None  # asked about what has come, before it is handed on: true holds from here on
    flip_at: int | None = None      # this byte is changed, once
    rate: float | None = None       # bytes per second
    piece: int | None = None        # hand on at most so many bytes per segment
    recut: random.Random | None = None  # gather what comes, up to a random length, and hand it on in random segments
    recording: bytearray = field(default_factory=bytearray)


class Proxy:
    def __init__(self, target_port: int, *, record: bool = False):
        self.target_port = target_port
        self.record = record
        self.ways = {UP: Way(), DOWN: Way()}
        self.changed = threading.Condition()
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        self.connections = 0
        self.closing = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()

    @property
    def up(self) -> Way:
        return self.ways[UP]

    @property
    def down(self) -> Way:
        return self.ways[DOWN]

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def wait_until(self, condition, timeout: float) -> None:
        """Until condition(proxy), looked at whenever bytes pass or a connection comes or goes."""
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self), timeout), \
                f"waited {timeout} s: {self.up.passed} bytes up, {self.down.passed} down, {self.connections} connections"

    def release(self) -> None:
        with self.changed:
            for way in self.ways.values():
                way.hold_at = None
            self.changed.notify_all()

    def freeze(self) -> None:
        """Nothing more is handed on, or read, either way: the silence of a cable that was pulled."""
        with self.changed:
            for way in self.ways.values():
                way.hold_at = 0

    def reset_connections(self) -> None:
        with self.changed:
            pairs, self.pairs = self.pairs, []
            self.changed.notify_all()
        for pair in pairs:
            for end in pair:
                _reset(end)

    def close(self) -> None:
        self.closing = True
        # Wakes the acceptor: closing alone would leave it in accept().
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.release()
        self.reset_connections()
        self.acceptor.join(5)

    def _accept(self) -> None:
        while not self.closing:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port), 5)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            pair = (client, server)
            for end in pair:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with contextlib.suppress(OSError):  # bbr, where it is the default, would pace the loopback
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"cubic")
            with self.changed:
                self.pairs.append(pair)
                self.connections += 1
                self.changed.notify_all()
            for way, source, target in ((self.up, client, server), (self.down, server, client)):
                threading.Thread(target=self._carry, args=(way, pair, source, target), daemon=True).start()

    def _carry(self, way: Way, pair, source: socket.socket, target: socket.socket) -> None:
        try:
            while True:
                source.recv(1, socket.MSG_PEEK)  # only then ask for the room: it may have changed while nothing came
                data = source.recv(self._room(way, pair))
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                if way.hold_when and way.hold_when():
                    self._hold(way, pair)
                if way.recut:
                    data += _gathered(source, way.recut.choice(LENGTHS) - len(data))
                self._hand_on(way, data, target)
                if way.cut_at is not None and way.passed >= way.cut_at:
                    way.cut_at = None
                    self.reset_connections()
                    return
        except OSError:  # one end is gone: so is the other
            for end in pair:
                _reset(end)

    def _room(self, way: Way, pair) -> int:
        """How many bytes may pass next; waits while the way is held."""
        with self.changed:
            self.changed.wait_for(lambda: way.hold_at is None or way.passed < way.hold_at or pair not in self.pairs)
            room = 256 * 1024
            for stop in (way.cut_at, way.hold_at):
                if stop is not None:
                    room = min(room, max(1, stop - way.passed))
            if way.rate is not None:
                room = min(room, max(1, int(way.rate / 50)))
            return room

    def _hold(self, way: Way, pair) -> None:
        with self.changed:
            way.hold_when, way.hold_at = None, way.passed
            self.changed.notify_all()
            self.changed.wait_for(lambda: way.hold_at is None or pair not in self.pairs)

    def _hand_on(self, way: Way, data: bytes, target: socket.socket) -> None:
        if way.flip_at is not None and way.passed <= way.flip_at < way.passed + len(data):
            at = way.flip_at - way.passed
            data = data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1:]
            way.flip_at = None
        if self.record:
            way.recording += data
        if way.rate is not None:
            time.sleep(len(data) / way.rate)  # this is the network's slowness, not a wait for luck
        start = 0
        while start < len(data):
            piece = way.recut.choice(LENGTHS) if way.recut else way.piece or len(data)
            target.sendall(data[start:start + piece])
            start += piece
        with self.changed:
            way.passed += len(data)
            self.changed.notify_all()


def _gathered(source: socket.socket, room: int) -> bytes:
    """What follows at once; a sender that waits for an answer ends it."""
    data = b""
    while len(data) < room and select.select([source], [], [], limits.POLL_INTERVAL)[0]:
        piece = source.recv(room - len(data))
        if not piece:
            break
        data += piece
    return data


def _reset(end: socket.socket) -> None:
    """Ends a connection the hard way: the peer sees a reset, and what was under way is lost."""
    try:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)  # wakes a thread that reads from it
    except OSError:
        pass
    end.close()
