#!/usr/bin/python3
"""The whole story, with real files and a real server, and after each step the proof that it happened.

    tools/demo.py [SAMPAN]     ends 0 only if every proof holds; leaves nothing behind
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import termios
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ["SAMPAN"] = str(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/sampan").resolve())
sys.path.insert(0, str(ROOT / "tests"))
sys.dont_write_bytecode = True

from support import limits  # noqa: E402
from support.client import Client  # noqa: E402
from support.files import attributes, b3sum, real_tree  # noqa: E402
from support.proxy import Proxy  # noqa: E402
from support.server import Server  # noqa: E402

MIB = 1024 * 1024
FILE_SIZE = 256 * MIB
COLOURED = sys.stdout.isatty()


def paint(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if COLOURED else text


def mib(count: int) -> str:
    return f"{count / MIB:.1f} MiB"


class Story:
    def __init__(self) -> None:
        self.steps = 0
        self.broken: list[str] = []

    def step(self, title: str) -> None:
        self.steps += 1
        print(f"\n{paint('1', f'{self.steps}. {title}')}", flush=True)

    def prove(self, holds: bool, what: str) -> None:
        print(f"   {paint('32', 'proved') if holds else paint('31', 'BROKEN')}: {what}", flush=True)
        if not holds:
            self.broken.append(what)


def show(client: Client, verb: str, *arguments: str) -> None:
    print(paint("36", "   $ sampan " + " ".join([verb, *map(str, arguments)])), flush=True)


def on_terminal(client: Client, verb: str, *arguments: str) -> int:
    """Runs a command on a terminal of 100 columns, so that it draws its bar; shows it live, or a few of its lines."""
    show(client, verb, *arguments)
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    process = subprocess.Popen(client.command(verb, *arguments), cwd=client.work, env=client.environment(),
                               stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    seen = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # the terminal is closed: the command has ended
            break
        if not piece:
            break
        seen += piece
        if COLOURED:
            os.write(1, piece)
    os.close(leader)
    code = process.wait(limits.TRANSFER)
    if not COLOURED:
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode(errors="replace"))
        lines = [line.rstrip() for line in re.split(r"[\r\n]+", plain) if line.strip()]
        few = lines if len(lines) <= 6 else [lines[len(lines) * at // 5] for at in range(5)] + [lines[-1]]
        print("\n".join("   " + line for line in few), flush=True)
    return code


def real_file(path: Path) -> Path:
    """An archive of this machine's own files, of at least FILE_SIZE bytes."""
    with tarfile.open(path, "w") as archive:
        for top in ("/usr/lib", "/usr/share", "/usr/bin"):
            for parent, folders, names in os.walk(top):
                folders.sort()
                for name in sorted(names):
                    source = Path(parent, name)
                    if source.is_file() and not source.is_symlink():
                        archive.add(source, recursive=False)
                    if archive.offset >= FILE_SIZE:
                        return path
    raise SystemExit(f"demo: this machine has less than {mib(FILE_SIZE)} of files under /usr")


def upload_through_a_cut(story: Story, alice: Client, server: Server, file: Path) -> None:
    size = file.stat().st_size
    story.step(f"Alice uploads {file.name} ({mib(size)}); half way through, the connection is cut")
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.cut_at = size // 2
        proxy.up.rate = 120 * MIB  # slow enough for the bar to be seen
        attempts = 1
        while (code := on_terminal(alice, "put", file.name)) == 5 and attempts < 5:
            attempts += 1
            print("   exit code 5: connection lost. The same command again:")
        passed = proxy.up.passed
        story.prove(code == 0, "the upload completed and was acknowledged with a receipt (exit code 0)")
        story.prove(proxy.connections >= 2, f"the connection was really cut: {proxy.connections} connections")
        story.prove(passed <= size + limits.CUT_ALLOWANCE,
                    f"what had arrived was not sent again: {mib(passed)} crossed the wire for {mib(size)}")
    alice.port = None
    digest = b3sum(file)
    story.prove(alice.json("digest", file.name)["digest"] == f"blake3:{digest}",
                f"`sampan digest` says what `b3sum` says: {digest[:16]}...")
    story.prove(b3sum(server.home("alice") / file.name) == digest, "the administrator's view of the file has it too")


def download(story: Story, alice: Client, file: Path) -> None:
    story.step("Alice downloads it again")
    back = alice.work / "back"
    back.mkdir()
    code = on_terminal(alice, "get", "--to", "back", file.name)
    same = subprocess.run(["cmp", str(file), str(back / file.name)]).returncode == 0
    story.prove(code == 0 and same, "cmp finds the two files equal to the byte")
    (back / file.name).unlink(missing_ok=True)


def tree(story: Story, alice: Client) -> None:
    story.step("A real tree there and back")
    source = real_tree(alice.work / "tree", 5_000, 64 * MIB)
    kept = [each for each in attributes(source).values() if len(each) == 3]
    print(f"   {len(kept)} files of this machine's /usr, {mib(sum(each[1] for each in kept))}")
    started = time.monotonic()
    show(alice, "put", "-r", "tree")
    alice.run("put", "-r", "tree", timeout=limits.TRANSFER)
    show(alice, "get", "-r", "--to", "back", "tree")
    alice.run("get", "-r", "--to", "back", "tree", timeout=limits.TRANSFER)
    took = time.monotonic() - started
    copy = alice.work / "back" / "tree"
    differences = subprocess.run(["diff", "-r", str(source), str(copy)], capture_output=True, text=True)
    story.prove(differences.returncode == 0 and not differences.stdout, f"diff -r is silent ({took:.1f} s both ways)")
    story.prove(attributes(source) == attributes(copy), "every mode and every modification time is kept")


def quota(story: Story, bob: Client, server: Server, file: Path) -> None:
    story.step("Bob, who has room for 10 MiB, tries the same file")
    with Proxy(server.port) as proxy:
        bob.port = proxy.port
        show(bob, "put", file)
        result = bob.run("put", str(file), code=None)
        print("   " + result.stderr.strip())
        story.prove(result.returncode == 7, "exit code 7: no room")
        crossed = proxy.up.passed + proxy.down.passed
        story.prove(crossed <= limits.REFUSED_TRAFFIC, f"refused before a byte of it flowed: {crossed} bytes crossed the wire, login included")
    bob.port = None
    story.prove(bob.json("ls") == [] and bob.json("quota")["used"] == 0, "Bob's home is empty, and shows nothing of Alice's")


def tell(story: Story, folder: Path) -> None:
    server = Server(folder)
    story.step("A server starts on its embedded defaults")
    server.start()
    try:
        for line in server.lines:
            print(f"   {line}")
        story.prove((server.data / "tls").is_dir(), "it made its own key and prints the fingerprint that clients pin")
        story.step("Two users")
        server.user("add", "alice", password="a password of Alice's")
        server.user("add", "bob", "--quota", "10MiB", password="a password of Bob's")
        print(server.user("list").stdout.rstrip())
        alice = Client(folder / "alice", server, "alice", "a password of Alice's")
        bob = Client(folder / "bob", server, "bob", "a password of Bob's")
        story.prove(alice.json("quota")["limit"] is None and bob.json("quota")["limit"] == 10 * MIB,
                    "both log in, each with limits of their own")
        file = real_file(alice.work / "usr.tar")
        upload_through_a_cut(story, alice, server, file)
        download(story, alice, file)
        tree(story, alice)
        quota(story, bob, server, file)
        story.step("The server is told to stop")
        server.stop()
        story.prove(True, "SIGTERM ended it with code 0")
    finally:
        server.kill()


def main() -> int:
    story = Story()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sampan-demo-") as folder:
        try:
            tell(story, Path(folder))
        except (AssertionError, subprocess.SubprocessError, OSError) as error:
            story.prove(False, str(error))
    if story.broken:
        print(f"\n{paint('31', f'{len(story.broken)} proofs are broken')}")
        return 1
    print(f"\n{paint('32', 'Everything holds')} ({time.monotonic() - started:.0f} s). Nothing is left behind.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
