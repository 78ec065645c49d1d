"""A real `sampan serve` on a data folder of its own and a free port."""

import contextlib
import os
import re
import resource
import select
import signal
import subprocess
import time
from pathlib import Path

from . import limits

SAMPAN = os.environ.get("SAMPAN", str(Path(__file__).resolve().parents[2] / "build" / "sampan"))
REPORTS = re.compile(r"(Address|Thread|Leak|UndefinedBehavior)Sanitizer|runtime error:|Assertion .* failed")


def serve_environment() -> dict[str, str]:
    """The server shuts itself in (Landlock), so that LeakSanitizer cannot read /proc at its end; it reports all the rest."""
    options = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "detect_leaks=0"]))
    return {**os.environ, "ASAN_OPTIONS": options}


class Server:
    """Started by start(); its data outlives stop() and kill(), so start() again is a restart on the same data."""

    def __init__(self, folder: Path, *options: str, guard=None, settings: dict[str, int] | None = None,
                 descriptors: int | None = None):
        """`settings` go into its configuration file; `descriptors` is its `ulimit -n`."""
        self.data = folder / "data"
        self.guard = guard  # see guard.py: for tests that attack
        self.log = folder / "server.log"
        self.options = options
        self.listen_port = 0  # any free one
        self.descriptor_limit = descriptors
        if settings:
            file = folder / "sampan.toml"
            file.write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))
            self.options = ("--config", str(file), *options)
        self.process: subprocess.Popen | None = None
        self.fingerprint = ""
        self.port = 0
        self.lines: list[str] = []

    def start(self) -> "Server":
        listen = ["--listen", f"sampan://127.0.0.1:{self.listen_port}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command("serve", "--data", str(self.data), *listen, *self.options),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=serve_environment(),
                preexec_fn=self._limit_descriptors if self.descriptor_limit else None)
        try:
            text = self._text_until_ready()
            if self.guard:
                self.guard.check_process(self.process.pid)
            self.lines = text.splitlines()
            self.fingerprint = re.search(r"^fingerprint (SHA256:\S+)$", text, re.MULTILINE).group(1)
            self.port = int(re.search(r"^listening sampan://127\.0\.0\.1:(\d+)$", text, re.MULTILINE).group(1))
        except BaseException:
            self.kill()
            raise
        return self

    def command(self, *words: str) -> list[str]:
        """A command line of the program, server or client."""
        return self.guard.command(self.guard.program, *words) if self.guard else [SAMPAN, *words]

    def _limit_descriptors(self) -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptor_limit, self.descriptor_limit))

    def _text_until_ready(self) -> str:
        deadline = time.monotonic() + limits.START
        output = self.process.stdout.fileno()
        text = b""
        while not text.endswith(b"ready\n"):
            readable, _, _ = select.select([output], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(output, 4096) if readable else b""
            if not piece:
                raise AssertionError(f"the server did not get ready: {text!r}\n{self.log_text()[-4000:]}")
            text += piece
        return text.decode()

    def stop(self) -> None:
        """SIGTERM, and what a good end looks like: code 0 and nothing from a sanitizer."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(limits.STOP)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("SIGTERM did not end the server\n" + self.log_text()[-4000:])
        self._forget()
        assert code == 0, f"the server ended with {code}\n{self.log_text()[-4000:]}"
        self.check_log()

    def kill(self) -> None:
        """SIGKILL: the power cut of a process."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait(limits.STOP)
        self._forget()

    def _forget(self) -> None:
        self.process.stdout.close()
        self.process = None

    def check_log(self) -> None:
        report = REPORTS.search(self.log_text())
        assert not report, self.log_text()[report.start():report.start() + 6000]

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def url(self, user: str, port: int | None = None) -> str:
        return f"sampan://{user}@127.0.0.1:{port or self.port}"

    def user(self, *arguments: str, password: str | None = None, code: int | None = 0) -> subprocess.CompletedProcess:
        """`sampan user ...` on this server's data; the password goes in on standard input."""
        command = self.command("user", arguments[0], *arguments[1:], "--data", str(self.data))
        if password is not None:
            command += ["--password-file", "-"]
        done = subprocess.run(command, input=None if password is None else password + "\n", text=True,
                              stdin=subprocess.DEVNULL if password is None else None,
                              capture_output=True, timeout=limits.COMMAND)
        if code is not None:
            assert done.returncode == code, f"{command[1:]}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def home(self, user: str) -> Path:
        return self.data / "homes" / user

    def rss(self) -> int:
        """Resident bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def sockets(self) -> int:
        """Its listener's and one for each connection."""
        count = 0
        for descriptor in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                count += os.readlink(descriptor).startswith("socket:")
        return count

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def cpu_seconds(self) -> float:
        """What it has computed so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
