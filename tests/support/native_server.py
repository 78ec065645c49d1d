"""A server of the native protocol that shares no line with the product, and lies, breaks off or falls silent as a test wants.

It shows the key of a real server, so that the real client takes it for that one; it knows one user's password.
"""

import base64
import contextlib
import json
import socket
import ssl
import struct
import threading
from pathlib import Path
from typing import Callable

from .files import blake3
from .native import argon2id, encode, exported_key, frame, mac

KDF = {"name": "argon2id", "memory_kib": 19456, "passes": 2, "lanes": 1}
SALT = b"sixteen bytes of"
CHUNK = 262144
GREETING = {"sampan": 1, "features": ["put", "upload", "download", "set"], "digests": ["blake3"],
            "mechanisms": ["SCRAM-SHA-256-PLUS"], "limits": {"chunk_size": CHUNK, "put_size": 1 << 20, "list_entries": 1000}}


class Conversation:
    """One connection, after its handshake."""

    def __init__(self, raw: socket.socket, stream: ssl.SSLSocket):
        self.raw, self.stream = raw, stream
        self.piece: int | None = None  # at most so many bytes in a record

    def send(self, data: bytes) -> None:
        for start in range(0, len(data), self.piece or len(data) or 1):
            self.stream.sendall(data[start:start + (self.piece or len(data))])

    def reply(self, request: dict, body: bytes = b"", **fields) -> None:
        self.send(frame({"id": request["id"], "ok": True, **({"body": len(body)} if body else {}), **fields}) + body)

    def refuse(self, request: dict, error: str) -> None:
        self.send(frame({"id": request["id"], "ok": False, "error": error, "message": error}))

    def working(self, request: dict) -> None:
        """No reply yet."""
        self.send(frame({"id": request["id"], "working": True}))

    def reset(self) -> None:
        """What was sent arrives; then the connection breaks."""
        self.stream.unwrap = lambda: None
        self.raw.shutdown(socket.SHUT_WR)
        raise ConnectionError("as the test wants")

    def read_request(self) -> tuple[dict, bytes] | None:
        prefix = self._read(4)
        if prefix is None:
            return None
        header = json.loads(self._read(struct.unpack("<I", prefix)[0]))
        return header, self._read(header.get("body", 0)) or b""

    def _read(self, count: int) -> bytes | None:
        data = b""
        while len(data) < count:
            piece = self.stream.recv(count - len(data))
            if not piece:
                return None
            data += piece
        return data

    def log_in(self, password: str) -> None:
        request, _ = self.read_request()
        bare = base64.b64decode(request["sasl"]).decode().removeprefix("p=tls-exporter,,")
        nonce = dict(part.split("=", 1) for part in bare.split(","))["r"] + "ours"
        first = f"r={nonce},s={base64.b64encode(SALT).decode()},i=4096"
        self.reply(request, sasl=encode(first), done=False, kdf=KDF)
        request, _ = self.read_request()
        final = base64.b64decode(request["sasl"]).decode()
        without_proof = final.rsplit(",p=", 1)[0]
        binding = base64.b64encode(b"p=tls-exporter,," + exported_key(self.stream)).decode()
        assert without_proof == f"c={binding},r={nonce}", final
        salted = argon2id(password.encode(), SALT, KDF["passes"], KDF["memory_kib"], KDF["lanes"])
        signature = mac(mac(salted, b"Server Key"), f"{bare},{first},{without_proof}".encode())
        self.reply(request, sasl=encode(f"v={base64.b64encode(signature).decode()}"), done=True, user="alice")


class NativeServer:
    """`answer(conversation, request, body)` is called with every request after the login."""

    def __init__(self, tls: Path, password: str, answer: Callable[[Conversation, dict, bytes], None]):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.context.load_cert_chain(tls / "certificate.pem", tls / "key.pem")
        self.context.set_alpn_protocols(["sampan/1"])
        self.password, self.answer = password, answer
        self.failure: BaseException | None = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "NativeServer":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)
        if self.failure:
            raise self.failure

    def _serve(self) -> None:
        """One client after the other."""
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            try:
                with raw, self.context.wrap_socket(raw.dup(), server_side=True) as stream:
                    self._converse(Conversation(raw, stream))
            except OSError:
                pass  # broken off, by the test or by the client
            except BaseException as error:
                self.failure = error
                return

    def _converse(self, conversation: Conversation) -> None:
        conversation.send(frame(GREETING))
        conversation.log_in(self.password)
        while (request := conversation.read_request()) is not None:
            header, body = request
            if header["op"] in ("quit", "ping", "download.end"):
                conversation.reply(header)
                if header["op"] == "quit":
                    return
            else:
                self.answer(conversation, header, body)


class OneFile:
    """Answers of an honest server that has one file; what differs from that is a test's to say."""

    def __init__(self, content: bytes):
        self.content = content
        self.digest = f"blake3:{blake3(content).hex()}"
        self.break_after: int | None = None  # bytes of the file
        self.asked = 0                       # bytes of the file

    def __call__(self, conversation: Conversation, request: dict, body: bytes) -> None:
        if request["op"] == "get":
            small = len(self.content) <= 1 << 20
            self.asked += len(self.content) if small else 0
            more = {} if small else {"download": "a-handle", "chunk_size": CHUNK}
            conversation.reply(request, self.content if small else b"", size=len(self.content), mode="0644", digest=self.digest,
                               mtime="2026-11-24T08:15:00Z", **more)
        elif request["op"] == "download.read":
            self.read(conversation, request)
        else:
            conversation.refuse(request, "unsupported")

    def read(self, conversation: Conversation, request: dict) -> None:
        piece = self.content[request["offset"]:request["offset"] + request["length"]]
        self.asked += len(piece)
        left = None if self.break_after is None else self.break_after - request["offset"]
        if left is None or left >= len(piece):
            conversation.reply(request, piece)
            return
        if left > 0:
            conversation.send(frame({"id": request["id"], "ok": True, "body": len(piece)}) + piece[:left])
        self.break_after = None
        conversation.reset()
