"""The attempts to get out of a home, the house they are made in, and how one sees that nobody got out.

    house/outside/        an operator's folder: canaries
    house/data/homes/     alice (who attacks), alice2, al and bob (her neighbours: canaries)

Every canary belongs to the user that the server runs as, so that an escape would really change it.
"""

import contextlib
import hashlib
import os
import posixpath
import secrets
import shutil
import socket
import stat
from dataclasses import dataclass, field
from pathlib import Path

from .guard import Guard
from .native import signed_in
from .server import Server

PASSWORD = "hunter2 hunter2"
NEIGHBOURS = ("bob", "alice2", "al")


@dataclass(frozen=True)
class Attempt:
    """`path` goes over the wire as it is. What is `sayable` fits in an argument (no NUL) and in a line (no newline)."""

    name: str
    path: bytes

    @property
    def as_argument(self) -> bool:
        return b"\0" not in self.path and self.path != b""

    @property
    def as_line(self) -> bool:
        return b"\n" not in self.path

    @property
    def plain(self) -> bool:
        """Whether the protocol takes it as names below the home: it has no component that is none."""
        names = [name for name in self.path.split(b"/") if name]
        return b"\0" not in self.path and len(self.path) < 4096 and len(names) < 256 and \
            not any(name in (b".", b"..") or len(name) > 255 for name in names)

    @property
    def resolved(self) -> str:
        """Below the home, where a client that knows `..` means it to be."""
        return os.fsdecode(posixpath.normpath(b"/" + self.path.lstrip(b"/"))).lstrip("/")


def attempts() -> list[Attempt]:
    """The list J01 to J34. J23 (the swap race), J29, J32 and J33 are no paths: they have tests of their own."""
    overlong = b"\xc0\xae\xc0\xae\xc0\xaf"
    listed = [
        ("J01", b".."),
        ("J02", b"../"),
        ("J03", b"../bob/secret"),
        ("J04", b"../../../../../../../../etc/passwd"),
        ("J05", b"/etc/passwd"),
        ("J06", b"//etc/passwd"),
        ("J07", b"/../../etc/passwd"),
        ("J08", b"sub/../../bob/secret"),
        ("J09", b"./.././bob"),
        ("J10", b"sub/..//..//bob"),
        ("J11", b"....//....//bob"),
        ("J12", b"..\\..\\bob"),
        ("J13-once", b"%2e%2e%2fbob"),
        ("J13-twice", b"%252e%252e%252fbob"),
        ("J14", overlong + b"bob"),
        ("J15", "．．／bob".encode()),
        ("J16", b"ok\0/../../bob"),
        ("J17-tilde", b"~bob"),
        ("J17-variable", b"$HOME/.."),
        ("J18", b"../alice2/secret"),
        ("J19-near", b"link-to-file"),
        ("J19-absolute", b"link-to-canary"),
        ("J20-near", b"link-to-bob/secret"),
        ("J20-absolute", b"link-to-outside/canary"),
        ("J20-itself", b"link-to-bob"),
        ("J20-new", b"link-to-outside/new"),
        ("J21", b"chain/secret"),
        ("J21-itself", b"chain"),
        ("J22-near", b"dangling"),
        ("J22-absolute", b"dangling-outside"),
        ("J22-below", b"dangling/new"),
        ("J24", b"hard"),
        ("J25-proc", b"/proc/self/root/etc/passwd"),
        ("J25-fd", b"/dev/fd/0"),
        ("J25-link-proc", b"link-to-proc"),
        ("J25-link-cwd", b"link-to-cwd/CMakeLists.txt"),
        ("J25-link-fd", b"link-to-fd"),
        ("J26-joiner", ".\u200d./bob".encode()),
        ("J26-composed", "caf\u00e9".encode()),
        ("J26-decomposed", "cafe\u0301".encode()),
        ("J27-space", b".. "),
        ("J27-newline", b"..\n"),
        ("J27-semicolon", b"..;/bob"),
        ("J27-dots", b".../bob"),
        ("J28", b"a/b/c/../../../../bob"),
        ("J30-fifo", b"fifo"),
        ("J30-device", b"device"),
        ("J30-socket", b"socket"),
        ("J31-long", b"x" * 5000),
        ("J31-deep", b"a/" * 1000 + b"x"),
        ("J34-empty", b""),
        ("J34-dot", b"."),
        ("J34-slash", b"/"),
    ]
    return [Attempt(name, path) for name, path in listed]


SPECIAL = ("fifo", "device", "socket")


@dataclass
class House:
    """A guarded server with four users; alice's home is full of traps that only an operator can have set."""

    folder: Path
    guard: Guard
    server: Server
    canaries: list[bytes] = field(default_factory=list)
    untouched: dict[str, tuple] = field(default_factory=dict)

    @classmethod
    @contextlib.contextmanager
    def open(cls, folder: Path):
        house = cls.build(folder)
        try:
            yield house
        finally:
            house.server.stop()

    @classmethod
    def build(cls, folder: Path) -> "House":
        guard = Guard(folder)
        server = Server(folder, guard=guard)
        house = cls(folder, guard, server)
        for user in ("alice", *NEIGHBOURS):
            server.user("add", user, password=PASSWORD)
        for user in NEIGHBOURS:
            house.plant(server.home(user) / "secret")
            house.plant(server.home(user) / "x")
        house.outside.mkdir()
        house.plant(house.outside / "canary")
        house.plant(server.data / "homes" / "secret")
        house.plant(server.data / "staging" / "secret")
        (house.outside / "hard").write_text("an operator's file, shared by a hard link\n")
        guard.give(folder)
        server.start()
        for user in ("alice", *NEIGHBOURS):  # the server makes a user's staging folder at the first login
            signed_in(server.port, user, PASSWORD).stream.close()
        house.furnish()
        house.untouched = house.outside_state()
        return house

    @property
    def home(self) -> Path:
        return self.server.home("alice")

    @property
    def outside(self) -> Path:
        return self.folder / "outside"

    def plant(self, path: Path) -> None:
        canary = f"CANARY-{secrets.token_hex(16)}".encode()
        self.canaries.append(canary)
        path.write_bytes(canary)

    def furnish(self) -> None:
        """Alice's home as it is before every attempt."""
        home = self.home
        for entry in list(os.scandir(home)):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)
        (home / "a/b/c").mkdir(parents=True)
        (home / "sub").mkdir()
        (home / "own").write_text("alice's own\n")
        links = {
            "link-to-file": "../bob/secret", "link-to-canary": self.outside / "canary",
            "link-to-bob": "../bob", "link-to-outside": self.outside,
            "chain": "sub/chain", "sub/chain": "../chain-2", "chain-2": "link-to-bob",
            "dangling": "../bob/new", "dangling-outside": self.outside / "new",
            "link-to-proc": "/proc/self/root/etc/passwd", "link-to-cwd": "/proc/self/cwd", "link-to-fd": "/dev/fd/0",
        }
        for name, target in links.items():
            (home / name).symlink_to(target)
        os.link(self.outside / "hard", home / "hard")
        os.mkfifo(home / "fifo")
        with socket.socket(socket.AF_UNIX) as listener:
            # By a short way: the path of a socket has 107 bytes at most.
            here = os.open(home, os.O_PATH)
            listener.bind(f"/proc/self/fd/{here}/socket")
            os.close(here)
        if self.guard.as_root:
            os.mknod(home / "device", stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero: it would never end
        else:
            os.mkfifo(home / "device")  # only root makes devices
        self.guard.give(home)

    def outside_state(self) -> dict[str, tuple]:
        """Everything that is not alice's: names, kinds, modes, times, a hash of the contents. Of what no attempt may change."""
        state = {}
        for top in (self.outside, self.server.data):
            for parent, folders, files in os.walk(top):
                folders[:] = [name for name in folders if Path(parent, name) not in self._hers()]
                for name in [".", *folders, *files]:
                    path = os.path.join(parent, name)
                    if name.startswith("accounts.db"):  # the server's own, which logins may touch
                        continue
                    about = os.lstat(path)
                    content = hashlib.sha256(Path(path).read_bytes()).hexdigest() if stat.S_ISREG(about.st_mode) else ""
                    state[path] = (about.st_mode, about.st_uid, about.st_mtime_ns, content)
        del state[os.path.join(self.server.data, ".")]  # its time goes with the database
        return state

    def check_untouched(self) -> None:
        now = self.outside_state()
        changed = {path for path in {*now, *self.untouched} if now.get(path) != self.untouched.get(path)}
        assert not changed, f"outside alice's home: {changed}"

    def _hers(self) -> tuple[Path, Path]:
        return self.home, self.server.data / "staging" / "alice"

    def check_answer(self, answer: bytes) -> None:
        """What came back holds nothing of what lies outside, and no path of the server's."""
        for canary in self.canaries:
            assert canary not in answer, answer
        assert b"root:x:0:0" not in answer, answer
        for path in (str(self.folder), "homes/alice", "/staging"):
            assert path.encode() not in answer, answer

    def stays_inside(self, relative: str) -> bool:
        """Whether that name in alice's home is hers: neither it nor anything on the way to it leads out."""
        home = os.path.realpath(self.home)
        real = os.path.realpath(os.path.join(home, relative))
        return real == home or real.startswith(home + "/")
