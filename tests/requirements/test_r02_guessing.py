"""R2.3 and R2.4: an attacker learns neither who exists nor, in any reasonable time, a password; and disturbs nobody."""

import re
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import PASSWORD
from support import limits
from support.client import Client
from support.native import NativePeer
from support.server import Server

PAUSE = 3  # seconds, in the place of 30: the default is a unit test's


@pytest.fixture
def server(folder):
    running = Server(folder, settings={"login-pause": PAUSE, "login-failures-within": 3600}).start()
    try:
        for name in ("alice", "bob"):
            running.user("add", name, password=PASSWORD)
        yield running
    finally:
        running.stop()


def attempt(server: Server, user: str, password: str, source: str = "127.0.0.1") -> dict:
    with NativePeer(server.port, source) as peer:
        return peer.login(user, password)


def outcome(answer: dict) -> str:
    return "in" if answer["ok"] else answer["error"]


def without_numbers(answer: dict) -> dict:
    return {**answer, "message": re.sub(r"\d+", "N", answer["message"])}


@pytest.mark.proves("R2.4")
def test_five_failures_and_the_sixth_is_not_looked_at(server):
    """For a user who exists and one who does not, in the same words."""
    seen = {user: [attempt(server, user, "wrong") for _ in range(5)] + [attempt(server, user, PASSWORD)]
            for user in ("alice", "nobody")}
    for user, answers in seen.items():
        assert [outcome(answer) for answer in answers] == ["login_failed"] * 5 + ["login_paused"], user
        assert re.fullmatch(r"too many failed logins: try again in [1-3] s", answers[-1]["message"]), answers[-1]
    assert [without_numbers(answer) for answer in seen["alice"]] == [without_numbers(answer) for answer in seen["nobody"]]


@pytest.mark.proves("R2.4")
def test_the_pause_ends_by_itself_and_a_success_resets(server):
    for _ in range(4):
        attempt(server, "alice", "wrong")
    assert outcome(attempt(server, "alice", PASSWORD)) == "in"
    for _ in range(4):
        assert outcome(attempt(server, "alice", "wrong")) == "login_failed"
    began = time.monotonic()  # the last failure, which the pause counts from, comes after this
    assert outcome(attempt(server, "alice", "wrong")) == "login_failed"
    while outcome(attempt(server, "alice", PASSWORD)) == "login_paused":
        assert time.monotonic() - began < PAUSE + limits.REPLY
    assert time.monotonic() - began >= PAUSE


@pytest.mark.proves("R2.4")
def test_the_client_says_how_long_to_wait(server, folder):
    alice = Client(folder / "person-alice", server, "alice", "wrong")
    for _ in range(5):
        assert "login failed: unknown user or wrong password" in alice.run("ls", code=3).stderr
    alice.write_password(PASSWORD)
    assert re.fullmatch(r"sampan: ls: too many failed logins: try again in [1-3] s\n", alice.run("ls", code=5).stderr)


@pytest.mark.proves("R2.4")
def test_an_attack_from_many_connections_at_once(server):
    """However many guess at the same moment, five proofs are looked at; whoever else logs in waits no longer than before."""
    crowd = 24
    quiet = [timed_login(server, "bob") for _ in range(15)]
    with ThreadPoolExecutor(crowd) as pool:
        peers = list(pool.map(lambda _: NativePeer(server.port), range(crowd)))
        outcomes = [outcome(answer) for answer in pool.map(lambda peer: peer.login("alice", "wrong"), peers)]
        assert sorted(outcomes) == ["login_failed"] * 5 + ["login_paused"] * (crowd - 5)
        for peer in peers:
            peer.stream.close()
    besieged = []
    for _ in range(15):
        assert outcome(attempt(server, "alice", "wrong")) == "login_paused"
        besieged.append(timed_login(server, "bob"))
        besieged.append(timed_login(server, "alice", "127.0.0.2"))
    quiet_median, besieged_median = statistics.median(quiet), statistics.median(besieged)
    print(f"login: {quiet_median * 1000:.1f} ms, beside a paused one {besieged_median * 1000:.1f} ms")
    assert besieged_median < quiet_median + limits.bound(0.1)


def timed_login(server: Server, user: str, source: str = "127.0.0.1") -> float:
    began = time.monotonic()
    assert outcome(attempt(server, user, PASSWORD, source)) == "in"
    return time.monotonic() - began


@pytest.mark.proves("R2.4")
def test_invented_users_and_addresses_take_no_memory_and_no_seat(server):
    """Many users from one address, then many addresses: the server grows by no more than its tables."""
    count = limits.soak(300, 5000)

    def invent(number: int) -> str:
        # Each address stands for a network of its own; those of 127.1 do not meet the others.
        source = "127.0.0.9" if number % 2 else f"127.1.{number // 200 % 250}.{number % 200 + 1}"
        return outcome(attempt(server, f"invented-{number}" + "x" * 3000, "wrong", source))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(invent, range(20)))  # the pool's threads and their stacks are there
        before = server.rss()
        outcomes = set(pool.map(invent, range(20, count)))
    assert outcomes <= {"login_failed", "login_paused"}
    assert server.rss() - before <= 12 * limits.MIB * limits.SCALE
    assert outcome(attempt(server, "bob", PASSWORD)) == "in"


@pytest.mark.proves("R2.3")
def test_an_unknown_user_and_a_wrong_password_look_alike(server, folder):
    """The same code and text, in the protocol and at the client."""
    wrong, unknown = (attempt(server, user, "wrong") for user in ("alice", "nobod"))
    assert wrong == unknown and wrong["error"] == "login_failed"
    said = [Client(folder / user, server, user, "wrong").run("ls", code=3) for user in ("alice", "nobod")]
    assert (said[0].stdout, said[0].stderr) == (said[1].stdout, said[1].stderr)


def first_answer(server: Server, user: str) -> dict:
    """What is said before any proof; the salt and all that the rest is made of, in their lengths."""
    with NativePeer(server.port) as peer:
        step = peer.say(f"p=tls-exporter,,n={user},r=abcdefgh", mechanism="SCRAM-SHA-256-PLUS")
        fields = dict(part.split("=", 1) for part in peer.scram[-1].split(","))
    salt = fields.pop("s")
    return {**step, "sasl": len(peer.scram[-1]), "salt": salt, "fields": {name: len(value) for name, value in fields.items()}}


@pytest.mark.proves("R2.3")
def test_the_salt_does_not_tell_who_exists(server):
    """Each name has one of its own, the same each time, as long and as costly as any other."""
    seen = {user: [first_answer(server, user) for _ in range(3)] for user in ("alice", "nobod", "nobdy")}
    for user, answers in seen.items():
        assert answers[0] == answers[1] == answers[2], user
    assert len({answers[0]["salt"] for answers in seen.values()}) == 3
    alike = [{**answers[0], "salt": len(answers[0]["salt"])} for answers in seen.values()]
    assert alike[0] == alike[1] == alike[2]


@pytest.mark.proves("R2.3")
def test_an_unknown_user_and_a_wrong_password_take_the_same_time(server):
    """Medians of tries in turn. Each source address has fewer tries than would pause it."""
    tries = limits.soak(40, 200)
    times: dict[str, list[float]] = {"alice": [], "nobod": []}
    for number in range(-4, tries):
        for user in times if number % 2 else reversed(times):
            with NativePeer(server.port, f"127.2.0.{(number + 4) // 4 + 1}") as peer:
                began = time.perf_counter()
                assert outcome(peer.login(user, "wrong")) == "login_failed"
                if number >= 0:  # the first ones fill the caches
                    times[user].append(time.perf_counter() - began)
    medians = {user: statistics.median(taken) for user, taken in times.items()}
    ratio = max(medians.values()) / min(medians.values())
    print(f"wrong password {medians['alice'] * 1e6:.0f} us, unknown user {medians['nobod'] * 1e6:.0f} us: {ratio:.3f}")
    assert ratio <= limits.soak(3.0, 1.1)
