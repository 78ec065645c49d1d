"""The real `sampan` client, as one person on one machine: settings, known hosts and password file of its own."""

import json
import os
import subprocess
from pathlib import Path

from . import limits
from .server import Server


class Client:
    def __init__(self, folder: Path, server: Server, user: str, password: str, *, port: int | None = None,
                 trust: bool = True):
        self.folder = folder
        self.server = server
        self.user = user
        self.password = password
        self.port = port  # nothing: the server's own, whatever it is at the time
        self.trust = trust
        folder.mkdir(parents=True, exist_ok=True)
        self.password_file = folder / "password"
        self.write_password(password)
        self.work = folder / "work"
        self.work.mkdir(exist_ok=True)
        if server.guard:
            server.guard.give(folder)

    def write_password(self, password: str) -> None:
        self.password = password
        self.password_file.write_text(password + "\n")
        self.password_file.chmod(0o600)

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SAMPAN", "XDG_"))}
        folders = {"HOME": "home", "XDG_CONFIG_HOME": "config", "XDG_STATE_HOME": "state", "XDG_DATA_HOME": "share",
                   "XDG_CACHE_HOME": "cache"}
        return {**kept, **{name: str(self.folder / sub) for name, sub in folders.items()},
                "LC_ALL": "C.UTF-8", "TERM": "xterm"}

    def command(self, verb: str, *arguments: str) -> list[str]:
        command = self.server.command(verb, "--server", self.server.url(self.user, self.port),
                                      "--password-file", str(self.password_file))
        if self.trust:
            command += ["--trust", self.server.fingerprint]
        return command + [str(argument) for argument in arguments]

    def start(self, verb: str, *arguments: str, **options) -> subprocess.Popen:
        settings = dict(cwd=self.work, env=self.environment(), stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return subprocess.Popen(self.command(verb, *arguments), **{**settings, **options})

    def run(self, verb: str, *arguments: str, code: int | None = 0, timeout: float = limits.COMMAND,
            input: str | bytes | None = None, text: bool = True) -> subprocess.CompletedProcess:
        """Runs to the end and insists on the exit code (nothing: any)."""
        feed = dict(stdin=subprocess.DEVNULL) if input is None else dict(input=input)
        done = subprocess.run(self.command(verb, *arguments), cwd=self.work, env=self.environment(), capture_output=True,
                              text=text, timeout=timeout, **feed)
        if code is not None:
            assert done.returncode == code, \
                f"{verb} {' '.join(map(str, arguments))}: {done.returncode}, not {code}\n{done.stdout}{done.stderr}"
        return done

    def json(self, verb: str, *arguments: str):
        return json.loads(self.run(verb, "--json", *arguments).stdout)
