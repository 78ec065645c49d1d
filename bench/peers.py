"""The servers that are measured side by side, each with the client that a person would use with it."""

import contextlib
import os
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.client import Client  # noqa: E402
from support.server import Server  # noqa: E402


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def wait_for_port(port: int, process: subprocess.Popen) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"{process.args[0]} does not listen on {port}")


class Peer:
    """A server with its files below `folder`/files. Remote paths are relative to that; `below` is a directory there."""

    name = ""
    encrypts = True
    syncs = False
    moves_trees = True

    def __init__(self, folder: Path):
        self.folder = folder
        self.files = folder / "files"
        self.process: subprocess.Popen | None = None
        self.files.mkdir(parents=True)

    @property
    def pid(self) -> int:
        return self.process.pid

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def make_directory(self, path: str) -> None:
        (self.files / path).mkdir(parents=True, exist_ok=True)

    def forget(self, path: str) -> None:
        subprocess.run(["rm", "-rf", self.files / path], check=True)

    # Each gives the command, and what is fed to it.
    def put(self, local: Path, below: str) -> tuple[list[str], str | None]:
        raise NotImplementedError

    def get(self, remote: str, into: Path) -> tuple[list[str], str | None]:
        raise NotImplementedError

    def put_tree(self, local: Path, below: str) -> tuple[list[str], str | None]:
        return self.put(local, below)

    def get_tree(self, remote: str, into: Path) -> tuple[list[str], str | None]:
        return self.get(remote, into)

    def _launch(self, command: list[str], port: int) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for_port(port, self.process)


class Sampan(Peer):
    name = "sampan"
    syncs = True
    additions: dict[str, str] = {}  # to the environment of server and client

    def start(self) -> None:
        with self.with_additions():
            self.server = Server(self.folder).start()
        self.process = self.server.process
        self.server.user("add", "alice", password="a password of the bench")
        self.client = Client(self.folder / "person", self.server, "alice", "a password of the bench")
        self.files = self.server.home("alice")

    @contextlib.contextmanager
    def with_additions(self):
        """For what is started meanwhile."""
        os.environ.update(self.additions)
        try:
            yield
        finally:
            for name in self.additions:
                del os.environ[name]

    def stop(self) -> None:
        self.server.stop()

    def environment(self) -> dict[str, str]:
        return {**self.client.environment(), **self.additions}

    def make_directory(self, path: str) -> None:
        self.client.run("mkdir", "-p", path)

    def put(self, local, below):
        return self.client.command("put", "--to", below, str(local)), None

    def get(self, remote, into):
        return self.client.command("get", "--to", str(into), remote), None

    def put_tree(self, local, below):
        return self.client.command("put", "-r", "--to", below, str(local)), None

    def get_tree(self, remote, into):
        return self.client.command("get", "-r", "--to", str(into), remote), None


NO_SYNC = {"LD_PRELOAD": "libeatmydata.so"}
IPSEC_MB = {"OPENSSL_CONF": str(ROOT / "build/ipsec_mb/ipsec_mb.cnf")}


class SampanNotDurable(Sampan):
    """The same program with every sync taken out of it (libeatmydata), since the others do not sync."""

    name = "sampan, not durable"
    syncs = False
    additions = NO_SYNC


class SampanIpsecMb(Sampan):
    """The same program with the module of ipsec_mb/ on both sides. Of small files AES is next to nothing."""

    name = "sampan + ipsec_mb"
    moves_trees = False
    additions = IPSEC_MB


class SampanIpsecMbNotDurable(SampanIpsecMb):
    name = "sampan + ipsec_mb, not durable"
    syncs = False
    additions = {**IPSEC_MB, **NO_SYNC}


class Ssh(Peer):
    """An OpenSSH server with a key for whoever runs the bench; what sftp and rsync share."""

    def start(self) -> None:
        key, host_key = self.folder / "key", self.folder / "host_key"
        for file in (key, host_key):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
        self.port = free_port()
        Path("/run/sshd").mkdir(exist_ok=True)
        configuration = self.folder / "sshd.conf"
        configuration.write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {host_key}\nPidFile none\nUsePAM no\n"
            f"PasswordAuthentication no\nAuthorizedKeysFile {key}.pub\nStrictModes no\nPermitRootLogin yes\n"
            "MaxStartups 1000\nSubsystem sftp internal-sftp\nLogLevel ERROR\n")
        self.key = key
        self._launch(["/usr/sbin/sshd", "-D", "-e", "-f", str(configuration)], self.port)

    def options(self, port_option: str) -> list[str]:
        return [port_option, str(self.port), "-i", str(self.key), "-o", "StrictHostKeyChecking=no",
                "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]


class Sftp(Ssh):
    name = "sftp"

    def _batch(self, line: str) -> tuple[list[str], str]:
        return ["sftp", "-q", "-b", "-", *self.options("-P"), "127.0.0.1"], line + "\n"

    def put(self, local, below):
        return self._batch(f'put "{local}" "{self.files / below}/"')

    def get(self, remote, into):
        return self._batch(f'get "{self.files / remote}" "{into}/"')

    def put_tree(self, local, below):
        return self._batch(f'put -R "{local}" "{self.files / below}/"')

    def get_tree(self, remote, into):
        return self._batch(f'get -R "{self.files / remote}" "{into}/"')


class RsyncSsh(Ssh):
    name = "rsync over ssh"

    def _rsync(self, source: str, target: str) -> tuple[list[str], None]:
        return ["rsync", "-a", "-e", shlex.join(["ssh", *self.options("-p")]), source, target], None

    def put(self, local, below):
        return self._rsync(str(local), f"127.0.0.1:{self.files / below}/")

    def get(self, remote, into):
        return self._rsync(f"127.0.0.1:{self.files / remote}", f"{into}/")


class RsyncDaemon(Peer):
    name = "rsync daemon"
    encrypts = False

    def start(self) -> None:
        self.port = free_port()
        configuration = self.folder / "rsyncd.conf"
        configuration.write_text(
            f"port = {self.port}\naddress = 127.0.0.1\nuse chroot = no\nuid = 0\ngid = 0\n"
            f"log file = {self.folder / 'rsyncd.log'}\n[files]\npath = {self.files}\nread only = no\n")
        self._launch(["rsync", "--daemon", "--no-detach", f"--config={configuration}"], self.port)

    def put(self, local, below):
        return ["rsync", "-a", str(local), f"rsync://127.0.0.1:{self.port}/files/{below}/"], None

    def get(self, remote, into):
        return ["rsync", "-a", f"rsync://127.0.0.1:{self.port}/files/{remote}", f"{into}/"], None


class Nginx(Peer):
    name = "curl + nginx https"
    moves_trees = False

    def start(self) -> None:
        self.port = free_port()
        self.certificate = self.folder / "certificate.pem"
        key = self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", self.certificate, "-days", "2", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        for scratch in ("body", "scratch"):
            (self.folder / scratch).mkdir()
        scratch = "".join(f" {kind}_temp_path {self.folder}/scratch/{kind};" for kind in
                          ("proxy", "fastcgi", "uwsgi", "scgi"))
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            f"daemon off; user root; worker_processes 2; pid {self.folder}/pid; error_log {self.folder}/error.log;\n"
            "events { worker_connections 4096; }\n"
            f"http {{ sendfile on; tcp_nopush on; access_log off; client_max_body_size 0;{scratch}\n"
            f" client_body_temp_path {self.folder}/body; ssl_certificate {self.certificate}; ssl_certificate_key {key};\n"
            f" ssl_protocols TLSv1.3; server {{ listen 127.0.0.1:{self.port} ssl; root {self.files};\n"
            "  location / { dav_methods PUT; create_full_put_path on; } } }\n")
        self._launch(["nginx", "-c", str(configuration), "-p", str(self.folder)], self.port)

    def _curl(self, *words: str) -> tuple[list[str], None]:
        return ["curl", "-sSf", "--cacert", str(self.certificate), *words], None

    def url(self, path: str) -> str:
        return f"https://127.0.0.1:{self.port}/{path}"

    def put(self, local, below):
        return self._curl("-T", str(local), self.url(f"{below}/{local.name}"))

    def get(self, remote, into):
        return self._curl("-o", str(into / Path(remote).name), self.url(remote))


def build_module() -> bool:
    """Whether there is one: not on processors that are none of Intel's kind."""
    subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    if not Path(IPSEC_MB["OPENSSL_CONF"]).exists():
        return False
    subprocess.run(["cmake", "--build", ROOT / "build", "--target", "ipsec_mb"], check=True, stdout=subprocess.DEVNULL)
    return True


def all_kinds() -> list[type[Peer]]:
    module = [SampanIpsecMb, SampanIpsecMbNotDurable] if build_module() else []
    return [Sampan, SampanNotDurable, *module, Sftp, RsyncSsh, RsyncDaemon, Nginx]
