"""S07: everybody writes whenever they like; an operator answers; and nobody's message does anything but be read."""

import pytest

from support.lesson import Client, Server
from support.udp import BadNetwork, address_of, connected_socket, nothing_comes, udp_socket


@pytest.fixture
def server():
    with Server("s07_udp_chat_server") as running:
        yield running


def shown(sock, text: str) -> str:
    return f"来自[{address_of(sock)}]的一条消息:{text}\n"


def type_endlessly(running) -> None:
    """More than a line may have, and no end of line; what is not read any more fits into the pipe."""
    running.process.stdin.write(b"x" * (1024 * 1024 + 50_000))
    running.process.stdin.flush()


# ---- our server, Python clients ----

def test_a_message_is_shown_and_answered(server):
    with connected_socket(server.port) as peer:
        peer.send("你好".encode())
        server.until(shown(peer, "你好"))
        server.type("  你也好  ")
        assert peer.recv(1024) == "你也好".encode()


def test_nobody_waits_for_the_operator(server):
    """The tutorial's server shows the second message when the first has been answered."""
    peers = [connected_socket(server.port) for _ in range(20)]
    for number, peer in enumerate(peers):
        peer.send(f"message {number}".encode())
    server.until(*[shown(peer, f"message {number}") for number, peer in enumerate(peers)])
    for peer in peers:
        assert nothing_comes(peer)
        peer.close()


def test_answers_go_to_the_oldest_message_or_to_an_address(server):
    with connected_socket(server.port) as one, connected_socket(server.port) as two, connected_socket(server.port) as three:
        for peer, text in ((one, "1a"), (two, "2"), (one, "1b"), (three, "3")):
            peer.send(text.encode())
            server.until(shown(peer, text))
        server.type("to 1a")
        assert one.recv(1024) == b"to 1a"
        server.type(f"@{address_of(three)} to 3")  # answered, out of turn
        assert three.recv(1024) == b"to 3"
        server.type("to 2")
        assert two.recv(1024) == b"to 2"
        server.type("to 1b")
        assert one.recv(1024) == b"to 1b"
        server.type("to nobody")
        server.until("nobody waits", where="errors")
        server.type(f"@{address_of(two)} by the way")  # nothing of it waits, but it is there
        assert two.recv(1024) == b"by the way"
        assert all(nothing_comes(peer) for peer in (one, two, three))


def test_messages_arrive_while_the_operator_types(server):
    with connected_socket(server.port) as one, connected_socket(server.port) as two:
        one.send(b"first")
        server.until(shown(one, "first"))
        server.process.stdin.write(b"half an ans")
        server.process.stdin.flush()
        for number in range(50):
            two.send(f"meanwhile {number}".encode())
        server.until(shown(two, "meanwhile 49"))
        server.type("wer")
        assert one.recv(1024) == b"half an answer"


@pytest.mark.parametrize("data, text", [
    (b"\x1b]0;owned\x07\x1b[2J", "\\x1b]0;owned\\x07\\x1b[2J"),
    (b"\xff\xc3", "\\xff\\xc3"),
    (b"\xc2\x9b31m", "\\xc2\\x9b31m"),  # CSI as one character
    ("a\u202eb".encode(), "a\\xe2\\x80\\xaeb"),
    ("two\nlines\r来自[me]".encode(), "two\\nlines\\x0d来自[me]"),
    (b"", ""),
    (b"x" * 1024, "x" * 1024),
], ids=["terminal escape", "not UTF-8", "C1", "turned round", "forged line", "empty", "longest"])
def test_what_arrives_is_only_ever_shown(server, data, text):
    with connected_socket(server.port) as peer:
        peer.send(data)
        output = server.until(shown(peer, text))
        assert "\x1b" not in output and "\x07" not in output
        server.type("seen")
        assert peer.recv(1024) == b"seen"


def test_a_message_that_is_too_long_is_refused_not_cut(server):
    with connected_socket(server.port) as peer:
        for size in (1025, 65507):
            peer.send(b"y" * size)
            refusal = peer.recv(1024)
            assert str(size).encode() in refusal and b"1024" in refusal
        peer.send(b"short")
        assert "yyy" not in server.until(shown(peer, "short"))
        server.type("only this waits")
        assert peer.recv(1024) == b"only this waits"


@pytest.mark.parametrize("line, why", [
    ("", "empty"), ("   ", "empty"), ("x" * 1025, "1025 bytes"), (b"\xff", "UTF-8"),
    ("@127.0.0.1:1 hello", "no client has the address 127.0.0.1:1"), ("@", "no client"), ("@ hello", "no client"),
], ids=["empty", "blank", "too long", "not UTF-8", "stranger", "nobody", "no address"])
def test_a_line_that_cannot_be_sent_leaves_the_message_waiting(server, line, why):
    with connected_socket(server.port) as peer:
        peer.send(b"?")
        server.until(shown(peer, "?"))
        server.type(line)
        server.until(why, where="errors")
        server.type("!")
        assert peer.recv(2048) == b"!"


def test_a_flood_of_one_leaves_room_for_the_others(server):
    with connected_socket(server.port) as flood, connected_socket(server.port) as other:
        for number in range(150):
            flood.send(b"%d" % number)
            server.until(shown(flood, str(number)))
        assert f"this one only by @{address_of(flood)}" in server.output
        other.send(b"me too")
        server.until(shown(other, "me too"))
        for _ in range(101):
            server.type("answer")
        for _ in range(100):
            assert flood.recv(1024) == b"answer"
        assert other.recv(1024) == b"answer"
        assert nothing_comes(flood)


def test_clients_beyond_a_thousand_push_out_the_most_silent(server):
    with connected_socket(server.port) as first:
        first.send(b"first")
        server.until(shown(first, "first"))
        ports = set()
        while len(ports) < 1000:
            with connected_socket(server.port) as peer:
                if peer.getsockname() in ports:
                    continue
                ports.add(peer.getsockname())
                peer.send(b"next")
                server.until(shown(peer, "next"))
        server.type(f"@{address_of(first)} still there?")
        server.until("no client has the address", where="errors")


def test_without_an_operator_it_goes_on_showing(server):
    server.end()
    with connected_socket(server.port) as peer:
        peer.send(b"anybody?")
        server.until(shown(peer, "anybody?"))


def test_an_endless_line_is_the_end_of_the_keyboard_alone(server):
    type_endlessly(server)
    server.until("1 MiB", where="errors")
    with connected_socket(server.port) as peer:
        peer.send(b"still there?")
        server.until(shown(peer, "still there?"))


def test_over_a_unix_path_nobody_could_be_told_apart(folder):
    from support.lesson import run
    assert "HOST:PORT" in run("s07_udp_chat_server", "--listen", f"unix:{folder}/socket", code=2).stderr


# ---- our client, a Python server ----

def test_the_dialogue():
    with udp_socket() as peer, Client("s07_udp_chat_client", address_of(peer)) as client:
        at = None
        for name in ("taibai", "Jedan", "Jack", "John"):
            client.type(name)
            client.type(f" hello {name} ")
            client.type("你好")
            client.type("q")
            data, at = peer.recvfrom(1024)
            assert data == f"hello {name}".encode()
            assert peer.recvfrom(1024) == ("你好".encode(), at)
        for number in range(8):
            peer.sendto(b"answer %d" % number, at)
        client.until(shown(peer, "answer 7"))
        assert client.output == "".join(shown(peer, f"answer {number}") for number in range(8))


def test_asked_again():
    with udp_socket() as peer, Client("s07_udp_chat_client", address_of(peer), "--linger", "0") as client:
        for name in ("", "nobody", "TAIBAI", "q"):
            client.type(name)
            client.until(f'nobody is called "{name}": choose taibai, Jedan, Jack or John', where="errors")
        client.type("Jack")
        for line, why in (("", "empty"), (" \t ", "empty"), ("x" * 1025, "1025 bytes: at most 1024"), (b"\xff\xfe", "UTF-8")):
            client.type(line)
            client.until(why, where="errors")
        client.type("good")
        assert peer.recv(65536) == b"good"  # and nothing before it
        assert nothing_comes(peer)


def test_both_talk_at_once():
    with udp_socket() as peer, Client("s07_udp_chat_client", address_of(peer), "--linger", "0") as client:
        client.type("taibai")
        client.type("first")
        _, at = peer.recvfrom(1024)
        client.process.stdin.write(b"half a mess")
        client.process.stdin.flush()
        for number in range(10):
            peer.sendto(b"unasked %d" % number, at)
        client.until(shown(peer, "unasked 9"))
        client.type("age")
        assert peer.recv(1024) == b"half a message"


def test_a_stranger_is_not_heard():
    with udp_socket() as peer, udp_socket() as stranger, Client("s07_udp_chat_client", address_of(peer)) as client:
        client.type("taibai")
        client.type("hello")
        _, at = peer.recvfrom(1024)
        stranger.sendto(b"I am taibai", at)
        peer.sendto(b"I am", at)
        client.until(shown(peer, "I am"))
        assert "I am taibai" not in client.output


def test_a_hostile_answer_is_only_shown():
    with udp_socket() as peer, Client("s07_udp_chat_client", address_of(peer)) as client:
        client.type("John")
        client.type("hello")
        _, at = peer.recvfrom(1024)
        for data in (b"\x1b[2J\xff", b"", b"z" * 60000):
            peer.sendto(data, at)
        output = client.until(shown(peer, "\\x1b[2J\\xff"), shown(peer, ""), "z" * 60000)
        assert "\x1b" not in output


def test_at_the_end_of_input_late_answers_are_waited_for():
    with udp_socket() as peer, Client("s07_udp_chat_client", address_of(peer), "--linger", "60000") as client:
        for line in ("Jedan", "one", "two", "q"):
            client.type(line)
        client.end()
        _, at = peer.recvfrom(1024)
        peer.sendto(b"answer", at)
        client.until(shown(peer, "answer"))
        assert client.process.poll() is None  # one is still owed
        peer.sendto(b"answer 2", at)
        client.wait()
        assert shown(peer, "answer 2") in client.output


def test_a_lost_answer_is_not_waited_for_for_ever():
    with udp_socket() as peer, Client("s07_udp_chat_client", address_of(peer), "--linger", "100") as client:
        client.type("Jedan")
        client.type("hello")
        client.end()
        client.wait()


def test_nobody_there():
    with udp_socket() as gone:
        address = address_of(gone)
    with Client("s07_udp_chat_client", address, "--linger", "0") as client:
        client.type("taibai")
        client.type("hello")
        client.until(f"nobody listens at {address}", where="errors")


def test_an_endless_line_ends_the_client():
    with udp_socket() as peer, Client("s07_udp_chat_client", address_of(peer), code=2) as client:
        client.type("taibai")
        type_endlessly(client)
        client.until("1 MiB", where="errors")


# ---- ours with ours, over a network that doubles and reorders ----

def test_doubles_and_late_ones_are_shown_as_they_come(server):
    with BadNetwork(server.port, up="dr", down="dr") as network, \
            Client("s07_udp_chat_client", network.address, "--linger", "0") as client:
        client.type("taibai")
        for text in ("one", "two", "three"):
            client.type(text)
            if text != "two":
                server.until(f"的一条消息:{text}\n")
        lines = [line.split(":")[-1] for line in server.until("three", "two").splitlines() if "消息" in line]
        assert lines == ["one", "one", "three", "two"]
        for text in ("A", "B", "C"):
            server.type(text)
        client.until("消息:A\n", "消息:B\n", "消息:C\n")
        assert [line[-1] for line in client.output.splitlines()] == ["A", "A", "C", "B"]
