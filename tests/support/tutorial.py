"""The tutorial's side of a connection, in Python: lengths as struct packs them, headers as json writes them."""

import json
import os
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Callable

from . import limits


def read_exactly(peer: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = peer.recv(min(count - len(data), 1 << 20))
        assert piece, f"the connection ended after {len(data)} of {count} bytes"
        data += piece
    return data


def read_length(peer: socket.socket) -> int:
    return struct.unpack("<i", read_exactly(peer, 4))[0]


def read_header(peer: socket.socket) -> dict:
    return json.loads(read_exactly(peer, read_length(peer)).decode())


def framed(header: dict | bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<i", len(text)) + text


def ends_in_reset(peer: socket.socket) -> bool:
    """Reads to the end: True after a reset, False after an end in order."""
    try:
        while peer.recv(1 << 16):
            pass
    except ConnectionResetError:
        return True
    return False


def serve(listener: socket.socket, talk: Callable[[socket.socket], None]) -> threading.Thread:
    """Answers one connection in a thread; join() it and look at .failure."""
    def work() -> None:
        try:
            peer, _ = listener.accept()
            with peer:
                peer.settimeout(limits.REPLY)
                talk(peer)
        except BaseException as error:
            thread.failure = error
    thread = threading.Thread(target=work, daemon=True)
    thread.failure = None
    thread.start()
    return thread


def finish(thread: threading.Thread) -> None:
    thread.join(limits.REPLY)
    assert not thread.is_alive()
    if thread.failure:
        raise thread.failure


def processes_with(word: str) -> list[str]:
    """Command lines of this machine's processes that have this word in them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line:
            found.append(line)
    return found


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + limits.REPLY
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def unique_sleep() -> str:
    """A sleep of a day that nobody else has: `sleep WORD`."""
    return f"86400.{os.getpid()}{time.monotonic_ns()}"
