"""Peers that lie, babble and stop: a clear error or a closed session, bounded memory, and nobody else notices."""

import json
import os
import struct

import pytest

from conftest import PASSWORD
from support import limits
from support.files import b3sum, random_file
from support.native import Closed, NativePeer, encode, frame, signed_in
from support.proxy import Proxy

MTIME = "2024-01-01T00:00:00Z"
NO_DIGEST = "blake3:" + 64 * "0"


@pytest.fixture
def bystander(new_client, server):
    """An upload of another user, held half way; it must complete as if nothing had happened."""
    bob = new_client("bob")
    size = 4 * limits.MIB
    sent = random_file(bob.work / "file", size)
    with Proxy(server.port) as proxy:
        bob.port = proxy.port
        proxy.up.hold_at = size // 2
        process = bob.start("put", "file")
        proxy.wait_until(lambda proxy: proxy.up.passed >= size // 2, limits.TRANSFER)
        before = server.rss(), server.descriptors()
        yield bob
        proxy.release()
        _, errors = process.communicate(timeout=limits.TRANSFER)
        assert process.returncode == 0, errors
        assert proxy.connections == 1, "the bystander's own connection, never a second one"
    assert b3sum(sent) == b3sum(server.home("bob") / "file")
    assert server.rss() <= max(limits.SERVER_RSS, before[0])


@pytest.fixture(params=["before the login", "logged in"])
def peer(request, server, bystander):
    if request.param == "before the login":
        peer = NativePeer(server.port)
    else:
        server.user("add", "mallory", password=PASSWORD)
        peer = signed_in(server.port, "mallory", PASSWORD)
    yield peer
    peer.stream.close()


def test_header_lengths(peer, server):
    fresh = [peer] + [NativePeer(server.port) for _ in range(5)]
    for each, length in zip(fresh, (0, 65537, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 24)):
        each.send(struct.pack("<I", length) + b"x" * 100)
        each.expect_close()


BROKEN = [b"{", b"}", b"[]", b"null", b"1", b'"op"', b"\x00" * 50, b"\xff\xfe{}", b'{"op":"ping","id":1}x',
          b'{"op":"ping","id":1,}', b'{"a":' * 5000 + b"1" + b"}" * 5000, b'{"op":"ping","id":' + b"[" * 30000,
          b'{"op":"ping","id":NaN}', b'{"op":"ping","id":1,"x":"\xc0\xae"}', b'{"op":"pi\nng"}']


def test_broken_json_ends_the_session(server, bystander):
    server.user("add", "mallory", password=PASSWORD)
    for number, header in enumerate(BROKEN):
        peer = NativePeer(server.port) if number % 3 else signed_in(server.port, "mallory", PASSWORD)
        peer.send_header(header)
        frames = peer.expect_close()
        assert all(not reply["ok"] for reply in frames), (header[:40], frames)


WRONG = [
    {"op": "list", "path": 7}, {"op": "list", "path": None}, {"op": "list"}, {"op": "list", "path": ["/"]},
    {"op": "list", "path": {}}, {"op": "list", "path": "/", "limit": "many"}, {"op": "list", "path": "/", "limit": -1},
    {"op": "list", "path": "/", "limit": 1e300}, {"op": "list", "path": "/", "cursor": "nonsense"},
    {"op": "list", "path": "/", "cursor": "-9223372036854775808"},
    {"op": "stat", "path": "a\x00b"}, {"op": "stat", "path": "x" * 5000}, {"op": "stat", "path": "/".join(["d"] * 3000)},
    {"op": "stat", "path": "../../etc/passwd"}, {"op": "stat", "path": "/a/../../b"}, {"op": "mkdir", "path": "/"},
    {"op": "mkdir", "path": ""}, {"op": "mkdir", "path": "."}, {"op": "mkdir", "path": "y" * 256},
    {"op": "mkdir", "path": "/m", "mode": "99999999999"}, {"op": "mkdir", "path": "/m", "mode": "rwx"},
    {"op": "rmdir", "path": "/"}, {"op": "remove", "path": "/"}, {"op": "rename", "from": "/a"},
    {"op": "rename", "from": "/", "to": "/b"},
    {"op": "upload.begin", "path": "/u", "size": -1, "mtime": MTIME},
    {"op": "upload.begin", "path": "/u", "size": 1.5, "mtime": MTIME},
    {"op": "upload.begin", "path": "/u", "size": 1 << 64, "mtime": MTIME},
    {"op": "upload.begin", "path": "/u", "size": (1 << 63) + 5, "mtime": MTIME},
    {"op": "upload.begin", "path": "/u", "size": 10, "mtime": "yesterday"},
    {"op": "upload.begin", "path": "/u", "size": 10, "mtime": "9999999-99-99T99:99:99Z"},
    {"op": "upload.begin", "path": "/", "size": 10, "mtime": MTIME},
    {"op": "upload.chunk", "upload": "../x", "index": 0},
    {"op": "upload.commit", "upload": "no such thing", "digest": NO_DIGEST},
    {"op": "upload.commit", "upload": "x", "digest": "md5:00"}, {"op": "upload.abort", "path": "/none"},
    {"op": "put", "path": "/p", "digest": "blake3:zz", "mtime": MTIME},
    {"op": "get", "path": "/none"}, {"op": "get", "path": "/"},
    {"op": "download.read", "download": "x", "offset": 0, "length": 10},
    {"op": "download.read", "download": "x", "offset": -1, "length": 1 << 63}, {"op": "digest", "path": "/none"},
    {"op": "auth", "mechanism": "PLAIN", "sasl": encode("x")}, {"op": "auth", "sasl": "not base64!"},
    {"op": "no.such.op"}, {"op": "__init__"}, {"op": ""}, {"op": 5}, {"op": None}, {},
]


def test_wrong_requests_are_refused_one_by_one(server, bystander):
    """Either an error under the request's id and the session goes on, or the session ends; no answer says ok."""
    server.user("add", "mallory", password=PASSWORD)
    peer = signed_in(server.port, "mallory", PASSWORD)
    answered = 0
    for request in WRONG:
        try:
            answer = peer.request(request.get("op"), **{key: value for key, value in request.items() if key != "op"})
            assert answer["ok"] is False and answer["error"], request
            assert str(server.data) not in json.dumps(answer, default=str), request
            answered += 1
            assert peer.request("ping")["ok"], request
        except Closed:
            peer = signed_in(server.port, "mallory", PASSWORD)
    assert answered > len(WRONG) // 2, "most of these are mistakes, not attacks: they deserve an answer"
    assert os.listdir(server.home("mallory")) == []
    peer.stream.close()


def test_only_the_login_is_possible_before_it(server, bystander):
    server.user("add", "mallory", password=PASSWORD)
    operations = ["ping", "stat", "list", "mkdir", "rmdir", "remove", "rename", "set", "digest", "quota", "put",
                  "upload.begin", "upload.chunk", "upload.commit", "upload.list", "upload.abort", "get", "download.read",
                  "download.end"]
    fields = {"path": "/x", "from": "/x", "to": "/y", "size": 5, "mtime": MTIME, "digest": NO_DIGEST,
              "upload": "x", "index": 0, "download": "x", "offset": 0, "length": 1}
    peer = NativePeer(server.port)
    for op in operations:
        try:
            answer = peer.request(op, **fields)
            assert not answer["ok"] and answer["error"] in ("login_required", "unsupported"), (op, answer)
        except Closed:
            peer = NativePeer(server.port)
    peer.stream.close()
    assert not server.home("mallory").exists() or os.listdir(server.home("mallory")) == []


def test_body_that_is_not_as_declared(peer, server):
    """More than the operation takes is skipped or ends the session; less leaves the peer waiting, not the server."""
    try:
        answer = peer.request("ping", body=b"x" * 1000)
        assert peer.request("ping")["id"] == answer["id"] + 1, "in step after a body nobody asked for"
        peer.send(frame({"op": "ping", "id": 9, "body": 1 << 62}))  # a promise of 4 EiB
        peer.send(b"y" * 100_000)
    except Closed:
        pass


def test_an_upload_that_lies_about_its_size(server, bystander):
    server.user("add", "mallory", "--quota", "2MiB", password=PASSWORD)
    with signed_in(server.port, "mallory", PASSWORD) as peer:
        begun = peer.request("upload.begin", path="/small", size=1024, mtime=MTIME)
        assert begun["ok"], begun
        try:
            for index in (0, 1, 5, 1 << 40):
                answer = peer.request("upload.chunk", body=b"z" * 300_000, upload=begun["upload"], index=index)
                assert not answer["ok"], answer
            answer = peer.request("upload.commit", upload=begun["upload"], digest=NO_DIGEST)
            assert not answer["ok"], answer
        except Closed:
            pass
    assert os.listdir(server.home("mallory")) == []


def test_stops_in_the_middle_of_any_frame(server, bystander):
    server.user("add", "mallory", password=PASSWORD)
    begin = frame({"op": "upload.begin", "id": 1, "path": "/f", "size": 5000, "mtime": MTIME})
    put = frame({"op": "put", "id": 2, "path": "/p", "digest": NO_DIGEST, "mtime": MTIME, "body": 3000}) + bytes(3000)
    whole = begin + put
    before = server.descriptors()
    points = sorted({0, 1, 3, 4, 5, len(begin) // 2, len(begin) - 1, len(begin), len(begin) + 2, len(begin) + 40,
                     len(whole) - 2999, len(whole) - 1})
    for point in points:
        peer = signed_in(server.port, "mallory", PASSWORD)
        peer.send(whole[:point])
        peer.stream.close()
    # A new session answers only after the server has taken notice of it; the old ones are gone by then or soon after.
    with signed_in(server.port, "mallory", PASSWORD) as peer:
        for _ in range(200):
            assert peer.request("ping")["ok"]
            if server.descriptors() <= before + 2:
                break
        assert peer.request("list", path="/")["ok"]
    assert os.listdir(server.home("mallory")) == []


def test_not_tls_at_all(server, bystander):
    import socket
    for babble in (b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 4096, os.urandom(4096), b""):
        with socket.create_connection(("127.0.0.1", server.port), limits.REPLY) as raw:
            raw.sendall(babble)
            raw.shutdown(socket.SHUT_WR)
            try:
                while raw.recv(4096):
                    pass
            except ConnectionResetError:
                pass


def test_many_idle_and_babbling_sessions_do_not_slow_a_login(server, bystander):
    idle = [NativePeer(server.port) for _ in range(64)]
    for peer in idle[::2]:
        peer.send(b"\x40")  # the first byte of a frame, and then nothing
    bystander_port, bystander.port = bystander.port, None
    bystander.run("quota")
    bystander.port = bystander_port
    for peer in idle:
        peer.stream.close()
