"""UDP for the lessons' tests: sockets whose waits are bounded, and a network that is bad in exactly the way it is told.

    with udp_socket() as peer: peer.sendto(b"hello", address_pair(server)); data, sender = peer.recvfrom(65536)
    with BadNetwork(server.port, up="l", down="kd") as network: ... client of network.address ...
"""

import select
import socket
import threading

from . import limits

KEEP, LOSE, DOUBLE, LATER = "k", "l", "d", "r"  # LATER: after the next datagram of its direction


def udp_socket(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(limits.REPLY)
    sock.bind((host, port))
    return sock


def connected_socket(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A client's: hears only that server."""
    sock = udp_socket("::1" if ":" in host else "127.0.0.1")
    sock.connect((host, port))
    return sock


def address_of(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def nothing_comes(sock: socket.socket) -> bool:
    """Whether nothing waits to be read: after an answer that must have come later than it, a proof of silence."""
    return not select.select([sock], [], [], 0)[0]


class Way:
    """One direction: what happens to its datagrams one by one; to those beyond the plan, nothing."""

    def __init__(self, plan: str):
        self.plan = list(plan)
        self.passed: list[bytes] = []  # as they came, lost ones too
        self.held: list[tuple] = []

    def treat(self, data: bytes, send) -> None:
        self.passed.append(data)
        fate = self.plan.pop(0) if self.plan else KEEP
        if fate == LATER:
            self.held.append((data, send))
            return
        for _ in range({LOSE: 0, DOUBLE: 2}.get(fate, 1)):
            send(data)
        for late, its_send in self.held:
            its_send(late)
        self.held.clear()


class BadNetwork:
    """Stands between any number of clients and one server."""

    def __init__(self, port: int, up: str = "", down: str = ""):
        self.front = udp_socket()
        self.address = address_of(self.front)
        self.server = ("127.0.0.1", port)
        self.up, self.down = Way(up), Way(down)
        self.backs: dict[tuple, socket.socket] = {}
        self.stop_reading, self.stop_writing = socket.socketpair()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while True:
            readable, _, _ = select.select([self.front, self.stop_reading, *self.backs.values()], [], [])
            if self.stop_reading in readable:
                return
            for sock in readable:
                if sock is self.front:
                    data, client = sock.recvfrom(65536)
                    back = self.backs.get(client)
                    if back is None:
                        back = self.backs[client] = udp_socket()
                    self.up.treat(data, lambda sent, back=back: back.sendto(sent, self.server))
                else:
                    client = next(client for client, back in self.backs.items() if back is sock)
                    self.down.treat(sock.recv(65536), lambda sent, client=client: self.front.sendto(sent, client))

    def __enter__(self) -> "BadNetwork":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop_writing.send(b"x")
        self.thread.join(limits.STOP)
        for sock in (self.front, self.stop_reading, self.stop_writing, *self.backs.values()):
            sock.close()
