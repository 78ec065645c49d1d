"""S08: what time is it? In the tutorial's way and in NTP's, from one port; and no answer that could be used against others."""

import os
import re
import struct
import subprocess
import time

import pytest

from support import limits
from support.lesson import EXAMPLES, Client, Server, run
from support.udp import BadNetwork, address_of, connected_socket, nothing_comes, udp_socket

HEADERS = 28  # IPv4 and UDP
ONCE = ("--wait", "60000")  # the client asks no second time because this machine is busy


@pytest.fixture(scope="module")
def server():
    with Server("s08_udp_time_server", "--rate", "100000") as running:
        yield running


def ask(port: int, question: bytes) -> bytes:
    with connected_socket(port) as peer:
        peer.send(question)
        return peer.recv(65536)


# ---- the tutorial's question: our server, a Python client ----

@pytest.mark.parametrize("question", ["", "%Y-%m-%d %X", "%Y年%m月%d日 %H:%M", "%A, %d %B %Y", "%c", "%j %U %w %%", "%z %Z", "今天"])
def test_the_time_in_the_form_asked_for(server, question):
    before = time.time()
    answer = ask(server.port, question.encode()).decode()
    moments = range(int(before), int(time.time()) + 1)
    assert answer in [time.strftime(question or "%Y-%m-%d %X", time.localtime(moment)) for moment in moments]


@pytest.mark.parametrize("zone", ["CST-8", "UTC", "XYZ-5:45"])
def test_local_time_with_its_offset(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    with Server("s08_udp_time_server") as running:
        answer = ask(running.port, b"%z")
        assert answer == {"CST-8": b"+0800", "UTC": b"+0000", "XYZ-5:45": b"+0545"}[zone]


HOSTILE = {
    "width": b"%999Y", "many widths": b"%999Y" * 200, "flag": b"%_d", "modifier": b"%Ec", "unknown": b"%Q", "seconds": b"%s",
    "lone": b"100%", "long answer": b"%c" * 500, "weekdays": b"%A" * 256, "not UTF-8": b"\xff\xfe%Y", "surrogate": b"\xed\xa0\x80",
    "escape": b"\x1b[2J%Y", "NUL": b"%Y\0%m", "percent NUL": b"%\0", "oversize": b"%Y" * 1000, "largest": b"x" * 65507,
    "NTP reply": struct.pack(">B47x", 0x24), "NTP control": struct.pack(">B47x", 0x16), "short NTP": struct.pack(">B46x", 0x23),
}


@pytest.mark.parametrize("question", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_not_on_the_list_is_refused_in_few_bytes(server, question):
    answer = ask(server.port, question)
    assert answer.startswith(b"refused: ")
    assert len(answer) <= 512
    assert HEADERS + len(answer) <= 3 * (HEADERS + len(question))
    assert re.fullmatch(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", ask(server.port, b""))  # it lives


def test_no_question_makes_a_much_longer_answer(server):
    with connected_socket(server.port) as peer:
        for letter in range(256):
            for count in (1, 2, 3, 8, 60):
                question = bytes([0x25, letter]) * count
                peer.send(question)
                answer = peer.recv(65536)
                assert len(answer) <= 512 and HEADERS + len(answer) <= 3 * (HEADERS + len(question)), question


def test_a_refusal_is_not_answered(server):
    """A forged sender can make one such server the other's client: that must end."""
    with connected_socket(server.port) as peer:
        peer.send(b"%Q")
        refusal = peer.recv(1024)
        peer.send(refusal)
        peer.send(b"%%")
        assert peer.recv(1024) == b"%"
        assert nothing_comes(peer)


def test_many_at_once(server):
    peers = [connected_socket(server.port) for _ in range(100)]
    for number, peer in enumerate(peers):
        peer.send(b"client %d at %%Y" % number)
    for number, peer in enumerate(peers):
        assert peer.recv(1024).startswith(b"client %d at 20" % number)
        peer.close()


# ---- NTP: our server, a client written from RFC 4330 ----

def ntp_request(first: int = 0x23, transmit: int = 0x0123456789ABCDEF, poll: int = 6, more: bytes = b"") -> bytes:
    return struct.pack(">BBbb36xQ", first, 0, poll, 0, transmit) + more


def ntp_now() -> float:
    return time.time() + 2_208_988_800


def fixed(bits: int) -> float:
    return bits / 2**32


@pytest.mark.parametrize("version", [1, 2, 3, 4])
@pytest.mark.parametrize("more", [b"", struct.pack(">I16x", 5), bytes(200)], ids=["plain", "signed", "extended"])
def test_a_correct_reply(server, version, more):
    before = ntp_now()
    packet = ask(server.port, ntp_request(version << 3 | 3, more=more))
    after = ntp_now()
    assert len(packet) == 48
    first, stratum, poll, precision, delay, dispersion, reference, ref_time, originate, receive, transmit = \
        struct.unpack(">BBbbII4sQQQQ", packet)
    assert (first >> 6, first >> 3 & 7, first & 7) == (0, version, 4)
    assert 1 <= stratum <= 15 and poll == 6 and -30 <= precision <= -10
    assert delay < 1 << 16 and dispersion < 1 << 16
    assert reference == bytes([127, 127, 1, 0])  # "the machine's own clock"
    assert originate == 0x0123456789ABCDEF
    assert before - 1e-5 <= fixed(receive) <= fixed(transmit) <= after + 1e-5
    assert fixed(ref_time) <= fixed(transmit)


def test_both_kinds_of_question_at_one_socket(server):
    with connected_socket(server.port) as peer:
        for _ in range(5):
            peer.send(ntp_request())
            assert len(peer.recv(1024)) == 48
            peer.send(b"%Y")
            assert re.fullmatch(rb"20\d\d", peer.recv(1024))
        peer.send(b"#%Y-%m-%d begins as an NTP packet does, is 48 long")
        assert peer.recv(1024).startswith(b"#20")


def in_a_network_of_its_own(*command: str) -> list[str]:
    """A network with nothing but a loopback, where port 123 is free and ours: clients like this one know no other port."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--net", "--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]


ASK = """
"$1" --listen 127.0.0.1:123 & server=$!
tries=0
until answer=$(ntpdig -j -t 2 127.0.0.1 2>&1) && [ -n "$answer" ]; do
    tries=$((tries + 1)); [ "$tries" -lt 50 ] || break
    sleep 0.1
done
echo "answer $answer"
kill "$server"; wait "$server"; echo "server $?"
"""


def test_a_real_client_believes_it():
    done = subprocess.run(in_a_network_of_its_own("sh", "-c", ASK, "sh", str(EXAMPLES / "s08_udp_time_server")),
                          capture_output=True, text=True, timeout=limits.COMMAND)
    assert "listening 127.0.0.1:123\n" in done.stdout, done.stderr
    assert "server 0" in done.stdout, done.stdout + done.stderr
    answer = re.search(r'^answer \{.*"offset":(-?[\d.]+),.*"stratum":10,"leap":"no-leap"', done.stdout, re.MULTILINE)
    assert answer, done.stdout + done.stderr
    assert abs(float(answer.group(1))) < 1  # both read one clock


# ---- who asks too often ----

def test_a_rate_for_each_machine():
    with Server("s08_udp_time_server", "--rate", "1") as running, connected_socket(running.port) as peer:
        start = time.monotonic()
        for number in range(300):
            peer.send(b"%d" % number)
        answers = 0
        peer.settimeout(0.2 * limits.SCALE)
        while True:
            try:
                peer.recv(1024)
                answers += 1
            except TimeoutError:
                break
        assert 2 <= answers <= 2 + (time.monotonic() - start) + 1
        for _ in range(50):  # whoever asks more slowly is served again
            peer.settimeout(1.2)
            peer.send(b"%Y")
            try:
                assert peer.recv(1024).startswith(b"20")
                return
            except TimeoutError:
                continue
        raise AssertionError("nobody is served any more")


def test_an_ntp_client_is_told_so_once():
    with Server("s08_udp_time_server", "--rate", "1") as running, connected_socket(running.port) as peer:
        for _ in range(50):
            peer.send(ntp_request())
        kinds = []
        peer.settimeout(0.2 * limits.SCALE)
        while True:
            try:
                packet = peer.recv(1024)
            except TimeoutError:
                break
            kinds.append("time" if packet[1] else packet[12:16].decode())
        assert kinds[:2] == ["time", "time"] and "RATE" in kinds and len(kinds) < 50, kinds
        assert all(pair != ("RATE", "RATE") for pair in zip(kinds, kinds[1:])), kinds  # then silence, until the next time


# ---- our client, a Python server ----

def test_the_client_asks_in_the_tutorials_bytes():
    with udp_socket() as peer, Client("s08_udp_time_client", address_of(peer), *ONCE) as client:
        for line, answer in (("%Y-%m-%d", "2026-11-25"), ("", "2026-11-25 08:00:00"), ("%H时", "08时"), ("%Q", "x" * 51000)):
            client.type(line)
            question, at = peer.recvfrom(1024)
            assert question == line.encode()
            peer.sendto(answer.encode(), at)
            client.until(f"当前日期: {answer}\n")


@pytest.mark.parametrize("up, down", [("l", ""), ("", "l"), ("ll", ""), ("d", "d"), ("r", ""), ("", "r")])
def test_any_bad_network(server, up, down):
    with BadNetwork(server.port, up, down) as network:
        result = run("s08_udp_time_client", network.address, typed="first %Y\nsecond %Y\n")
    year = time.strftime("%Y")
    assert result.stdout == f"当前日期: first {year}\n当前日期: second {year}\n"


def test_a_late_answer_is_not_taken_for_the_next():
    with udp_socket() as peer, Client("s08_udp_time_client", address_of(peer), *ONCE) as client:
        client.type("first")
        _, at = peer.recvfrom(1024)
        peer.sendto(b"1", at)
        client.until("当前日期: 1\n")
        client.type("second")
        _, at_second = peer.recvfrom(1024)
        peer.sendto(b"1 again", at)
        peer.sendto(b"2", at_second)
        client.until("当前日期: 2\n")
        assert "again" not in client.output


def test_strangers_and_escapes():
    with udp_socket() as peer, udp_socket() as stranger, Client("s08_udp_time_client", address_of(peer), *ONCE) as client:
        client.type("%Y")
        _, at = peer.recvfrom(1024)
        stranger.sendto(b"1999", at)
        peer.sendto(b"\x1b[2J\xff", at)
        client.until("当前日期: \\x1b[2J\\xff\n")
        assert "1999" not in client.output


def test_silence_has_an_end():
    with udp_socket() as silent:
        result = run("s08_udp_time_client", address_of(silent), "--wait", "20", typed="%Y\n", code=5)
    assert "no answer" in result.stderr


def test_a_question_that_no_datagram_holds():
    with udp_socket() as peer:
        result = run("s08_udp_time_client", address_of(peer), typed="x" * 65508 + "\n", code=2)
        assert "65508 bytes" in result.stderr
        assert nothing_comes(peer)


# ---- our NTP client, a Python server ----

def ntp_reply(request: bytes, ahead: float = 0, first: int = 0x24, stratum: int = 2, reference: bytes = b"GPS\0",
              originate: bytes | None = None) -> bytes:
    now = int((ntp_now() + ahead) * 2**32)
    return struct.pack(">BBbbII4s8s8sQQ", first, stratum, 0, -20, 0, 0, reference, bytes(8),
                       request[40:48] if originate is None else originate, now % 2**64, now % 2**64)


def test_the_offset_of_our_clock():
    with udp_socket() as peer, Client("s08_udp_time_client", address_of(peer), *ONCE, "--ntp") as client:
        request, at = peer.recvfrom(1024)
        assert len(request) == 48 and request[0] == 0x23
        peer.sendto(ntp_reply(request, ahead=1000), at)
        offset = float(re.search(r"offset \+([\d.]+) s, delay \+([\d.]+) s, stratum 2\n", client.until("stratum")).group(1))
        assert 999 < offset < 1001


def test_a_reply_to_another_question_is_not_believed():
    with udp_socket() as peer, Client("s08_udp_time_client", address_of(peer), *ONCE, "--ntp") as client:
        cookies = set()
        for _ in range(2):
            request, at = peer.recvfrom(1024)
            cookies.add(request[40:48])
            peer.sendto(ntp_reply(request, originate=b"guessed!"), at)
        request, at = peer.recvfrom(1024)
        cookies.add(request[40:48])
        assert len(cookies) == 3
        peer.sendto(ntp_reply(request, ahead=-1000), at)
        client.until("offset -")


@pytest.mark.parametrize("change, why", [
    (dict(first=0xE4), "does not trust"), (dict(stratum=16), "does not trust"),
    (dict(stratum=0, reference=b"RATE"), "RATE"), (dict(stratum=0, reference=b"\x1b[2J"), "\\x1b[2J"),
], ids=["unsynchronized", "stratum 16", "kiss of death", "hostile kiss"])
def test_a_server_that_does_not_know_is_not_believed(change, why):
    with udp_socket() as peer, Client("s08_udp_time_client", address_of(peer), *ONCE, "--ntp", code=None) as client:
        request, at = peer.recvfrom(1024)
        peer.sendto(ntp_reply(request, **change), at)
        client.until(why, where="errors")
        client.wait(None)
        assert client.process.returncode != 0 and "offset" not in client.output and "\x1b" not in client.errors


def test_ours_with_ours(server):
    output = run("s08_udp_time_client", server.address, "--ntp").stdout
    assert abs(float(re.search(r"offset ([+-][\d.]+) s", output).group(1))) < 1
