"""What is not a race with somebody else: what a resume, a crowd, an idle session, a login, a huge directory, a huge file and
a bad line cost. Each function measures one row of the issue's table and gives Rows; what grows with a number is measured at
two numbers, a factor of ten apart, and gives Growths besides."""

import os
import re
import resource
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import measure
from support import lab
from support.client import Client
from support.files import random_file
from support.native import NativePeer, signed_in
from support.part import RECORD
from support.server import Server
from support.shell import Shell

MIB = 1024 * 1024
GIB = 1024 * MIB
TIB = 1024 * GIB
CHUNK = 256 * 1024
PASSWORD = "a password of the bench"


@dataclass(frozen=True)
class Row:
    what: str
    measured: str
    goal: str
    ratio: float  # goal to measured: 1 and more is reached


@dataclass(frozen=True)
class Growth:
    """The cost of one unit at two amounts of them. Where the work does not grow, the two are equal."""

    what: str
    unit: str
    costs: tuple[tuple[int, float], tuple[int, float]]


Findings = list[Row | Growth]


@dataclass(frozen=True)
class Size:
    file: int
    small_files: int
    crowd: int
    crowd_file: int
    sessions: int
    entries: int
    line_file: int
    rounds: int


WHOLE = Size(1024 * MIB, 2000, 100, 16 * MIB, 10_000, 1_000_000, 64 * MIB, 3)
QUICK = Size(128 * MIB, 300, 20, 4 * MIB, 500, 30_000, 8 * MIB, 1)


class House:
    """A server of its own with one user and one client."""

    def __init__(self, folder: Path, *, server: Server | None = None, descriptors: int | None = None, **settings: int):
        folder.mkdir(parents=True)
        self.folder = folder
        self.server = server or Server(folder, settings={key.replace("_", "-"): value for key, value in settings.items()},
                                       descriptors=descriptors)

    def __enter__(self) -> "House":
        self.server.start()
        self.server.user("add", "alice", password=PASSWORD)
        self.alice = Client(self.folder / "alice", self.server, "alice", PASSWORD)
        return self

    def __exit__(self, *_) -> None:
        self.server.stop()
        subprocess.run(["rm", "-rf", self.folder], check=True)

    def peer(self) -> NativePeer:
        return signed_in(self.server.port, "alice", PASSWORD)


def timed(action) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


# ---- resume ----

def interrupted(house: House, file: Path, below: str, share: float) -> float:
    """A put whose client is killed when the server has `share` of it; the share that is there then."""
    wanted = file.stat().st_size // CHUNK * share
    process = house.alice.start("put", str(file), "--to", below)
    present = 0.0
    while present < wanted:
        assert process.poll() is None, "the put was over before it could be interrupted"
        journals = list((house.server.data / "staging").rglob("*.journal"))
        present = sum(path.stat().st_size for path in journals) / RECORD.size
    process.kill()
    process.communicate()
    return min(1.0, present * CHUNK / file.stat().st_size)


def resume(folder: Path, size: Size) -> Findings:
    costs, missing = [], []
    with House(folder) as house:
        file = random_file(house.alice.work / "big", size.file)
        whole = median(timed(lambda: house.alice.run("put", str(file), "--to", f"whole{number}/", timeout=600))
                       for number in range(size.rounds))
        for number in range(size.rounds):
            below = f"cut{number}/"
            missing.append(1 - interrupted(house, file, below, 0.9))
            os.sync()
            costs.append(timed(lambda: house.alice.run("put", str(file), "--to", below, timeout=600)))
    cost, rest = median(costs), median(missing)
    allowed = rest * whole + 0.4
    return [Row(f"resume of {size.file // MIB:,} MiB at 90 %",
                f"{cost:.2f} s; the missing {rest:.1%} is {rest * whole:.2f} s of a whole put ({whole:.2f} s)",
                "the missing part + 0.4 s", allowed / cost)]


# ---- many sessions at once ----

def crowd(folder: Path, size: Size) -> Findings:
    into = Path("/dev/shm") / f"sampan-bench-{os.getpid()}"  # the server is measured, not this side's disk
    shells: list[Shell] = []
    with House(folder) as house:
        random_file(house.alice.work / "film", size.crowd_file)
        house.alice.run("put", "film")
        try:
            shells += [Shell(house.alice) for _ in range(size.crowd)]
            for number, shell in enumerate(shells):
                (into / str(number)).mkdir(parents=True)
                shell.say("quota")
            costs = {few: one_crowd(house, shells[:few], into, size) for few in (1, max(2, size.crowd // 10), size.crowd)}
        finally:
            for shell in shells:
                shell.__exit__()
            shutil.rmtree(into, ignore_errors=True)
    (alone, _), (tenth, _), (all_cpu, times) = costs.values()
    _, few, many = costs
    slowest = max(times) / min(times)
    return [Row(f"{size.crowd} sessions x {size.crowd_file // MIB} MiB down at once: the slowest",
                f"{max(times):.2f} s, {slowest:.2f}x of the fastest; "
                f"{size.crowd * size.crowd_file / max(times) / MIB:,.0f} MiB/s together", "2x of the fastest", 2 / slowest),
            Row("the same: server CPU", f"{all_cpu:.2f} s/GiB, {all_cpu / alone:.2f}x of one session's ({alone:.2f})",
                "1.2x of one session's", 1.2 / (all_cpu / alone)),
            Growth("server CPU of a download, by sessions at once", "s/GiB", ((few, tenth), (many, all_cpu)))]


def one_crowd(house: House, shells: list[Shell], into: Path, size: Size) -> tuple[float, list[float]]:
    """Server CPU seconds per GiB, and the time of each."""
    repeats = max(1, size.crowd // len(shells) // 2)  # few sessions need more bytes to be measured
    times = [0.0] * len(shells)
    ready = threading.Barrier(len(shells))

    def fetch(number: int) -> None:
        for repeat in range(repeats):
            ready.wait()
            times[number] = timed(lambda: shells[number].say(f"get film --to {into}/{number}", timeout=600))
            os.remove(into / str(number) / "film")

    before = house.server.cpu_seconds()
    threads = [threading.Thread(target=fetch, args=(number,)) for number in range(len(shells))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = house.server.cpu_seconds() - before
    return spent / (repeats * len(shells) * size.crowd_file) * GIB, times


# ---- sessions that do nothing, and logins ----

def sessions(folder: Path, size: Size) -> Findings:
    _, descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A server keeps half of its descriptors for the sessions' files.
    most = min(size.sessions, descriptors // 2 - 1000)
    room = most + 1000
    peers: list[NativePeer] = []
    figures = []
    with House(folder, descriptors=descriptors, sessions=room, sessions_per_user=room, idle=3600) as house:
        peers.append(house.peer())
        rss, cpu, count = house.server.rss(), house.server.cpu_seconds(), len(peers)
        for wanted in (most // 10, most):
            while len(peers) < wanted:
                peers.append(house.peer())
            figures.append((wanted, (house.server.rss() - rss) / (len(peers) - 1) / 1024,
                            (house.server.cpu_seconds() - cpu) / (len(peers) - count) * 1000,
                            median(timed(lambda: peers[0].request("list", path="/")) for _ in range(200)) * 1000))
            cpu, count = house.server.cpu_seconds(), len(peers)
        for peer in peers:
            peer.stream.close()
    (few, *small), (many, *large) = figures
    login = login_time(folder, size)
    return [Row("idle signed-in session", f"{large[0]:.1f} KiB of the server's resident memory ({many:,} sessions)",
                "40 KiB", 40 / large[0]),
            Row(f"{many:,} sessions on one server: a listing meanwhile", f"{large[2]:.2f} ms", "10 ms", 10 / large[2]),
            Row("login: server CPU", f"{large[1]:.2f} ms, TLS included", "2 ms", 2 / large[1]),
            login,
            Growth("memory of an idle session", "KiB", ((few, small[0]), (many, large[0]))),
            Growth("server CPU of a login, by sessions that are open", "ms", ((few, small[1]), (many, large[1]))),
            Growth("a listing, by sessions that are open", "ms", ((few, small[2]), (many, large[2])))]


def login_time(folder: Path, size: Size) -> Row:
    with House(folder / "login") as house:
        house.alice.run("quota")
        cost = median(timed(lambda: house.alice.run("quota")) for _ in range(20)) * 1000
    return Row("login: from the start of the process to the end of `sampan quota`, Argon2id included",
               f"{cost:.0f} ms", "60 ms", 60 / cost)


# ---- a directory of very many entries ----

def entries(folder: Path, size: Size) -> Findings:
    rows: Findings = []
    figures = []
    for count in (size.entries // 10, size.entries):
        with House(folder / str(count)) as house:
            many = house.server.home("alice") / "many"
            many.mkdir()
            shutil.chown(many, *(house.server.home("alice").stat()[4:6]))
            for number in range(count):
                os.close(os.open(many / f"entry-{number:07}", os.O_CREAT | os.O_WRONLY, 0o644))
            house.server.stop()  # what is put there behind its back counts from the next start on
            house.server.start()
            counted = timed(lambda: house.peer().stream.close())
            with house.peer() as peer:
                first = median(timed(lambda: peer.request("list", path="/many")) for _ in range(20)) * 1000
                before = house.server.rss()
                listed, took = list_all(peer)
                assert listed == count, listed
                figures.append((count, first, (house.server.rss() - before) / MIB, took / count * 1e6, counted))
    (few, first_few, _, each_few, _), (many, first, grown, each, counted) = figures
    return [Row(f"directory of {many:,} entries: first page (1,000)", f"{first:.1f} ms", "20 ms", 20 / first),
            Row("the same: memory that listing all of it adds", f"{grown:.1f} MiB", "flat: 16 MiB", 16 / max(grown, 0.1)),
            Row("the same: the first login after a start, which counts the home", f"{counted:.2f} s", "no goal", 1.0),
            Growth("first page of a directory", "ms", ((few, first_few), (many, first))),
            Growth("listing all of a directory, for each entry", "µs", ((few, each_few), (many, each)))]


def list_all(peer: NativePeer) -> tuple[int, float]:
    started, count, fields = time.monotonic(), 0, {}
    while True:
        answer = peer.request("list", path="/many", **fields)
        count += answer["content"].count(b'"name"')
        if "next" not in answer:
            return count, time.monotonic() - started
        fields = {"cursor": answer["next"]}


# ---- a file that no disk here would hold ----

class Image:
    """A file system with room for a TiB, in a file that is nearly all hole."""

    def __init__(self, folder: Path):
        self.image, self.top = folder / "image", folder / "disk"

    def __enter__(self) -> Path:
        self.top.mkdir(parents=True)
        with self.image.open("wb") as file:
            file.truncate(TIB + 64 * GIB)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-N", "4096", "-E", "nodiscard,lazy_itable_init=1", self.image], check=True)
        subprocess.run(["mount", "-o", "loop,noinit_itable", self.image, self.top], check=True)
        return self.top

    def __exit__(self, *_) -> None:
        subprocess.run(["umount", self.top], check=True)
        self.image.unlink()


def sparse(folder: Path, size: Size) -> Findings:
    chunks = TIB // CHUNK
    with Image(folder) as top, House(top / "house") as house, house.peer() as peer, house.peer() as other:
        before = house.server.rss()
        plan = dict(path="/huge", size=TIB, mtime="2026-11-24T08:15:00Z")
        begun = {}
        begin = timed(lambda: begun.update(peer.request("upload.begin", **plan)))
        assert begun["ok"], begun
        sent = [*range(4), chunks // 2, *range(chunks - 4, chunks)]
        each = timed(lambda: [peer.request("upload.chunk", bytes(CHUNK), upload=begun["upload"], index=index)
                              for index in sent]) / len(sent)
        again = {}
        resumed = timed(lambda: again.update(other.request("upload.begin", **plan)))
        assert sum(run["count"] for run in again["have"]) == len(sent), again
        refused = {}
        commit = timed(lambda: refused.update(
            other.request("upload.commit", upload=again["upload"], digest="blake3:" + "0" * 64)))
        assert refused["error"] == "incomplete", refused
        grown = (house.server.rss() - before) / MIB
        assert other.request("upload.abort", path="/huge")["ok"]  # the disk has room for one of them
        client_peak = huge_put(house)
    return [Row("file of 1 TiB: begin, which takes the room for it on the disk", f"{begin:.2f} s", "no goal", 1.0),
            Row("the same: a chunk, at the beginning, in the middle, at the end", f"{each * 1000:.1f} ms", "10 ms",
                0.010 / each),
            Row(f"the same: resume with {len(sent)} chunks there; commit of it (refused: incomplete)",
                f"{resumed * 1000:.0f} ms; {commit * 1000:.1f} ms", "100 ms", 0.1 / max(resumed, commit)),
            Row("the same: memory", f"server +{grown:.1f} MiB, client {client_peak:.0f} MiB at most", "flat: 16, 64 MiB",
                min(16 / max(grown, 0.1), 64 / client_peak))]


def huge_put(house: House) -> float:
    """Peak MiB of a client that sends a sparse TiB until some of it is there, is killed, and takes it up again."""
    source = house.alice.work / "sparse"
    with source.open("wb") as file:
        file.truncate(TIB)
    peak = 0.0
    for wanted in (200, 400):
        process = house.alice.start("put", str(source))
        while journal_size(house, b"/sparse") < wanted * RECORD.size:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        peak = max(peak, measure.peak_of(process.pid) / MIB)
        process.kill()
        process.communicate()
    return peak


def journal_size(house: House, path: bytes) -> int:
    """Of the upload to `path`; 0 where there is none yet."""
    for journal in (house.server.data / "staging").rglob("*.journal"):
        try:
            data = journal.read_bytes()
        except FileNotFoundError:  # it is being written anew
            continue
        if path in data[:4096]:
            return len(data)
    return 0


# ---- a bad line ----

def over_bad_line(folder: Path, count: int, rounds: int, cubic_only: bool) -> dict[str, float]:
    """Mbit/s up and down, login included."""
    build = ["cmake", "--build", lab.TOOLS, "--target", "line", "cubic_only"]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    server = lab.FarServer(folder, cubic_only)
    with lab.Line(delay=25, loss=1, rate=200, cubic_only=cubic_only), House(folder, server=server) as house:
        file = random_file(house.alice.work / "film", count)
        up = [timed(lambda: house.alice.run("put", str(file), "--to", f"to{number}/", timeout=600))
              for number in range(rounds)]
        down = []
        for number in range(rounds):
            (house.alice.work / f"from{number}").mkdir()
            down.append(timed(lambda: house.alice.run("get", "to0/film", "--to", f"from{number}", timeout=600)))
    return {way: count * 8 / median(seconds) / 1e6 for way, seconds in (("up", up), ("down", down))}


def bad_line(folder: Path, size: Size) -> Findings:
    line = "50 ms, 200 Mbit/s, 1 % loss each way"
    rates = over_bad_line(folder / "bbr", size.line_file, size.rounds, cubic_only=False)
    rows: Findings = [Row(f"{line}: {size.line_file // MIB} MiB {way}", f"{rate:.0f} Mbit/s, login included", "120 Mbit/s",
                          rate / 120) for way, rate in rates.items()]
    rates = over_bad_line(folder / "cubic", size.line_file // 2, size.rounds, cubic_only=True)
    rows += [Row(f"the same between systems without BBR: {size.line_file // 2 // MIB} MiB {way}",
                 f"{rate:.0f} Mbit/s over 16 connections", "no goal", 1.0) for way, rate in rates.items()]  # a single one gets 2 to 3
    return rows


# ---- growth with bytes and with files ----

def growth(folder: Path, size: Size) -> Findings:
    """In an open session, so that a login is not counted as a part of the work."""
    findings: Findings = []
    with House(folder) as house, Shell(house.alice) as shell:
        work = house.alice.work
        bytes_up, bytes_down, files_up, files_down = ([] for _ in range(4))
        for part in (10, 1):
            count = size.file // part
            random_file(work / "film", count)
            bytes_up.append((count // MIB, middle(size, lambda n: shell.say("put film", 600),
                                                lambda n: n + 1 < size.rounds and shell.say("rm film")) / count * GIB))
            bytes_down.append((count // MIB, middle(size, lambda n: shell.say(f"get film --to {fresh(work, f'd{part}-{n}')}", 600),
                                                  lambda n: shutil.rmtree(work / f"d{part}-{n}")) / count * GIB))
            shell.say("rm film")
            many = size.small_files // part
            small = fresh(work, f"small{part}")
            for number in range(many):
                random_file(small / f"{number:05}", 4096)
            files_up.append((many, middle(size, lambda n: shell.say(f"put -r small{part} --to f{part}-{n}/", 600)) / many * 1e3))
            files_down.append((many, middle(
                size, lambda n: shell.say(f"get -r f{part}-0/small{part} --to {fresh(work, f'g{part}-{n}')}", 600)) / many * 1e3))
    for what, unit, (few, lot) in (("put, for each GiB, by MiB", "s", bytes_up), ("get, for each GiB, by MiB", "s", bytes_down),
                                   ("put -r, for each file of 4 KiB, by files", "ms", files_up),
                                   ("get -r, for each file of 4 KiB, by files", "ms", files_down)):
        findings.append(Growth(what, unit, (few, lot)))
    return findings


def middle(size: Size, action, clear=lambda number: None) -> float:
    costs = []
    for number in range(size.rounds):
        os.sync()
        costs.append(timed(lambda: action(number)))
        clear(number)
    return median(costs)


def fresh(work: Path, name: str) -> Path:
    (work / name).mkdir()
    return work / name


SPECIALS = {"resume": resume, "crowd": crowd, "sessions": sessions, "entries": entries, "sparse": sparse,
            "bad-line": bad_line, "growth": growth}
