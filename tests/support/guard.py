"""Attacks on the jail run only where even a success could harm nothing but the test's own folder.

Whatever attacks or is attacked runs as a user that owns the test's folder and nothing else on this machine, without a single
capability and without a way to get one. A fault in the product is then seen at the canaries inside the folder, which that user
may well change; the rest of the machine refuses. The guard proves itself before it lets anything run.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import limits
from .server import SAMPAN

NOBODYS_UID = 61_234  # nobody's on this machine, unless somebody chose just that
PROBE = """
cat /proc/self/status
printf harm >> "$1/canary"; rm -f "$1/canary"; mkdir "$1/new"; ln -s /etc "$1/link"
[ ! -w /etc/passwd ] && [ ! -w /etc ] && [ ! -w / ] && echo nothing else is writable
"""


class NotGuarded(Exception):
    """An attack would not be harmless here."""


class Guard:
    """`Server(folder, guard=Guard(folder))`: the server and its clients run as a user without rights outside `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.as_root = os.geteuid() == 0
        self.uid = NOBODYS_UID if self.as_root else os.geteuid()
        self.program = folder / "sampan"  # a copy: where the build is, that user may not be able to go
        shutil.copy(SAMPAN, self.program)
        self.give(folder)
        self.prove()

    def command(self, *words: str | Path) -> list[str]:
        """The words of a command, so that it runs as that user."""
        drop = [f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups"] if self.as_root else []
        return ["setpriv", *drop, "--no-new-privs", "--inh-caps=-all", "--", *map(str, words)]

    def give(self, path: Path) -> None:
        """Makes that user the owner of everything below `path`, links themselves included."""
        if self.as_root:
            for parent, folders, files in os.walk(path):
                for name in [".", *folders, *files]:
                    os.chown(os.path.join(parent, name), self.uid, self.uid, follow_symlinks=False)

    def prove(self) -> None:
        """Tries to do harm outside the folder, at a canary of its own."""
        with tempfile.TemporaryDirectory(prefix="sampan-guard-") as outside:
            canary = Path(outside, "canary")
            canary.write_text("alive")
            # Another's where we can give it away; else ours, and then only the rights that we lack protect the machine.
            if self.as_root:
                os.chmod(outside, 0o755)
            probe = subprocess.run(self.command("sh", "-c", PROBE, "sh", outside), capture_output=True, text=True,
                                   timeout=limits.COMMAND, cwd=self.folder)
            check_rights(probe.stdout, self.uid)
            if "nothing else is writable" not in probe.stdout:
                raise NotGuarded("the user of the attacks may write outside the test's folder")
            if self.as_root and (os.listdir(outside) != ["canary"] or canary.read_text() != "alive"):
                raise NotGuarded("the user of the attacks did harm outside the test's folder")

    def check_process(self, pid: int) -> None:
        check_rights(Path(f"/proc/{pid}/status").read_text(), self.uid)


def check_rights(status: str, uid: int) -> None:
    """From /proc/PID/status: that user four times (real, effective, saved, file system), no capability."""
    uids = re.search(r"^Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$", status, re.MULTILINE)
    if not uids or uid == 0 or {int(one) for one in uids.groups()} != {uid}:
        raise NotGuarded(f"it should run as user {uid}, but: {uids.group(0) if uids else status!r}")
    for kind in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
        if not re.search(rf"^{kind}:\s+0+$", status, re.MULTILINE):
            raise NotGuarded(f"it has capabilities ({kind})")
    if not re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE):
        raise NotGuarded("it could get new rights")
