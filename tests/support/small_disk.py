"""A small file system that can be full: mounted where only the processes that a test starts in it see it (a mount namespace of
their own), so that the machine's mounts stay as they are, and gone when the test ends, however it ends."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from . import limits
from .server import SAMPAN

KINDS = ["tmpfs", "ext4"] if os.geteuid() == 0 and shutil.which("mkfs.ext4") else ["tmpfs"]

# Ends when its input does, that is, with the test; and the mount with it.
HOLD = {
    "tmpfs": 'mount -t tmpfs -o size="$2",nr_inodes="$3" none "$1" && echo mounted && exec cat',
    "ext4": 'mkfs.ext4 -q -m 0 -N "$3" "$4" && mount -o loop "$4" "$1" && rmdir "$1/lost+found" && echo mounted && exec cat',
}


class SmallDisk:
    """Stands in for a guard of Server (see guard.py): the server and its account commands run where the disk is."""

    def __init__(self, folder: Path, kind: str, size: int, entries: int):
        self.mount_point = folder / "data"
        self.mount_point.mkdir()
        self.program = SAMPAN
        image = folder / "image"
        with image.open("wb") as file:
            file.truncate(size)
        root = [] if os.geteuid() == 0 else ["--map-root-user"]
        words = [self.mount_point, size, entries, image]
        self.holder = subprocess.Popen(["unshare", "--mount", *root, "sh", "-c", HOLD[kind], "sh", *map(str, words)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout.readline() == "mounted\n", "the small disk cannot be mounted"
        # The mount itself; by the path alone one would see what is below it.
        self.path = Path(f"/proc/{self.holder.pid}/root{self.mount_point}")

    def command(self, program: str, verb: str, *words: str) -> list[str]:
        """In there, if it concerns the server's data; clients are elsewhere."""
        inside = ["nsenter", f"--target={self.holder.pid}", "--mount", "--"] if verb in ("serve", "user") else []
        if inside and os.geteuid() != 0:
            inside[2:2] = ["--user", "--preserve-credentials"]
        return [*inside, program, verb, *words]

    def check_process(self, pid: int) -> None:
        assert os.readlink(f"/proc/{pid}/ns/mnt") == os.readlink(f"/proc/{self.holder.pid}/ns/mnt")

    def give(self, path: Path) -> None:
        """Everything is ours already."""

    def seen(self, path: Path) -> Path:
        """What the server calls `path`."""
        return self.path / path.relative_to(self.mount_point)

    def free(self) -> int:
        status = os.statvfs(self.path)
        return status.f_bavail * status.f_frsize

    def fill(self, leave: int = 0) -> None:
        """With something that is no user's; to the last byte, or nearly."""
        with (self.path / "ballast").open("ab", buffering=0) as ballast:
            for block in (limits.MIB, 4096, 1):
                with contextlib.suppress(OSError):
                    while ballast.write(bytes(block)) == block:
                        pass
            if leave:
                os.ftruncate(ballast.fileno(), os.fstat(ballast.fileno()).st_size - leave)
            os.fsync(ballast.fileno())
        assert leave <= self.free() < leave + 65536, self.free()

    def make_room(self) -> None:
        (self.path / "ballast").unlink()

    def close(self) -> None:
        self.holder.stdin.close()
        self.holder.wait(limits.STOP)
        self.holder.stdout.close()
