"""A client of the native protocol that shares no line with the product: written from docs/protocol.md alone.

It says whatever a test wants said, also what no honest client says. TLS is Python's; Argon2 and the TLS exporter, which
Python lacks, are called in the libraries by ctypes.
"""

import base64
import ctypes
import functools
import hashlib
import hmac
import json
import os
import socket
import ssl
import struct
from typing import NamedTuple

from . import limits


class Keys(NamedTuple):
    """What a login needs in the place of the password (RFC 5802 section 3): an honest client makes them all from it."""
    client: bytes
    stored: bytes
    server: bytes


class Closed(Exception):
    """The server ended the session."""


class NativePeer:
    def __init__(self, port: int, source: str = "127.0.0.1"):
        """`source`: any address of 127.0.0.0/8 is this machine's own, so a test can come from many."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # a test of frames; that keys are pinned is tested with the real client
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.set_alpn_protocols(["sampan/1"])
        raw = socket.create_connection(("127.0.0.1", port), limits.REPLY, (source, 0))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = context.wrap_socket(raw)
        self.last_id = 0
        self.heard: bytearray | None = None  # everything the server said, decrypted, where somebody wants it
        self.announcements = 0
        self.scram: list[str] = []  # both sides' messages of the login, as they were said
        self.greeting, _ = self.read_frame()

    def __enter__(self) -> "NativePeer":
        return self

    def __exit__(self, *_) -> None:
        self.stream.close()

    # ---- bytes and frames ----

    def send(self, data: bytes) -> None:
        try:
            self.stream.sendall(data)
        except (OSError, ssl.SSLError) as error:
            raise Closed(str(error)) from error

    def read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            try:
                piece = self.stream.recv(min(count - len(data), 1 << 20))
            except TimeoutError:
                raise AssertionError(f"no answer in {limits.REPLY} s")
            except (OSError, ssl.SSLError) as error:
                raise Closed(str(error)) from error
            if not piece:
                raise Closed(f"after {len(data)} of {count} bytes")
            data += piece
        if self.heard is not None:
            self.heard += data
        return data

    def read_frame(self) -> tuple[dict, bytes]:
        """The next reply; words in between that the server is still at it are counted."""
        while True:
            (length,) = struct.unpack("<I", self.read(4))
            assert 1 <= length <= 65536, length
            header = json.loads(self.read(length))
            if header.get("working") is not True:
                return header, self.read(header.get("body", 0))
            assert header == {"id": header["id"], "working": True}, header
            self.announcements += 1

    def expect_close(self) -> list[dict]:
        """Reads until the server ends the session; the frames that came before."""
        frames = []
        try:
            while True:
                frames.append(self.read_frame()[0])
        except Closed:
            return frames

    def send_header(self, header: bytes) -> None:
        self.send(struct.pack("<I", len(header)) + header)

    def send_request(self, op: str, body: bytes | None = None, **fields) -> int:
        self.last_id += 1
        header = {"op": op, "id": self.last_id, **fields}
        if body is not None:
            header.setdefault("body", len(body))
        self.send(frame(header) + (body or b""))
        return self.last_id

    def request(self, op: str, body: bytes | None = None, **fields) -> dict:
        """One request and its answer's header; the answer's body is in "content"."""
        sent = self.send_request(op, body, **fields)
        header, content = self.read_frame()
        assert header["id"] == sent, (header, sent)
        return {**header, "content": content}

    # ---- login: SCRAM-SHA-256-PLUS (RFC 5802, 7677) over Argon2id, bound to the channel (RFC 9266) ----

    def login(self, user: str, password: str, keys: Keys | None = None) -> dict:
        """The last answer. `keys` instead of the password's: for somebody who has not got the password."""
        self.scram.clear()
        nonce = base64.b64encode(os.urandom(18)).decode()
        bare = f"n={user.replace('=', '=3D').replace(',', '=2C')},r={nonce}"
        gs2 = "p=tls-exporter,,"
        step = self.say(gs2 + bare, mechanism="SCRAM-SHA-256-PLUS")
        if not step["ok"]:
            return step
        server_first = self.scram[-1]
        fields = dict(part.split("=", 1) for part in server_first.split(","))
        assert fields["r"].startswith(nonce)
        keys = keys or keys_of(password, base64.b64decode(fields["s"]), step["kdf"])
        binding = base64.b64encode(gs2.encode() + exported_key(self.stream)).decode()
        without_proof = f"c={binding},r={fields['r']}"
        signed = f"{bare},{server_first},{without_proof}".encode()
        proof = bytes(a ^ b for a, b in zip(keys.client, mac(keys.stored, signed)))
        step = self.say(f"{without_proof},p={base64.b64encode(proof).decode()}")
        if step["ok"]:
            expected = base64.b64encode(mac(keys.server, signed)).decode()
            assert self.scram[-1] == f"v={expected}", "the server does not know the password"
        return step

    def say(self, message: str, **fields) -> dict:
        """One SCRAM message and the answer to it."""
        self.scram.append(message)
        step = self.request("auth", sasl=encode(message), **fields)
        if step["ok"]:
            self.scram.append(base64.b64decode(step["sasl"]).decode())
        return step


def signed_in(port: int, user: str, password: str) -> NativePeer:
    peer = NativePeer(port)
    answer = peer.login(user, password)
    assert answer["ok"] and answer["done"], answer
    return peer


def path_field(path: bytes, name: str = "path") -> dict:
    """A path as the protocol says it: text where it is UTF-8, else base64."""
    try:
        return {name: path.decode()}
    except UnicodeDecodeError:
        return {name + "_bytes": base64.b64encode(path).decode()}


def frame(header: dict) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<I", len(text)) + text


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def keys_of(password: str, salt: bytes, kdf: dict) -> Keys:
    assert kdf["name"] == "argon2id", kdf
    salted = argon2id(password.encode(), salt, kdf["passes"], kdf["memory_kib"], kdf["lanes"])
    client = mac(salted, b"Client Key")
    return Keys(client, hashlib.sha256(client).digest(), mac(salted, b"Server Key"))


@functools.lru_cache  # tests log in often with the same password
def argon2id(password: bytes, salt: bytes, passes: int, memory_kib: int, lanes: int) -> bytes:
    result = ctypes.create_string_buffer(32)
    failed = ctypes.CDLL("libargon2.so.1").argon2id_hash_raw(
        ctypes.c_uint32(passes), ctypes.c_uint32(memory_kib), ctypes.c_uint32(lanes),
        password, ctypes.c_size_t(len(password)), salt, ctypes.c_size_t(len(salt)), result, ctypes.c_size_t(32))
    assert failed == 0, failed
    return result.raw


def exported_key(stream: ssl.SSLSocket) -> bytes:
    """tls-exporter. Python 3.11 does not offer it; its SSLSocket holds {object header, socket, SSL*}."""
    pointer = ctypes.c_void_p.from_address(id(stream._sslobj) + object.__basicsize__ + ctypes.sizeof(ctypes.c_void_p))
    label = b"EXPORTER-Channel-Binding"
    key = ctypes.create_string_buffer(32)
    done = ctypes.CDLL("libssl.so.3").SSL_export_keying_material(
        pointer, key, ctypes.c_size_t(32), label, ctypes.c_size_t(len(label)), b"", ctypes.c_size_t(0), 1)
    assert done == 1
    return key.raw
