"""The module of ipsec_mb/, switched on by the environment alone: on one side of a transfer, on the other, on both, on none."""

import os
import subprocess
from pathlib import Path

import pytest

from conftest import PASSWORD
from support import limits
from support.client import Client
from support.files import b3sum, random_file
from support.server import Server

CONF = Path(os.environ["SAMPAN_IPSEC_MB_CONF"])
MODULE = CONF.with_name("ipsec_mb.so")
SIZE = 64 * limits.MIB if limits.SCALE <= 1 else 8 * limits.MIB


def switch(monkeypatch, on: bool) -> None:
    """For what is started from here on."""
    if on:
        monkeypatch.setenv("OPENSSL_CONF", str(CONF))
    else:
        monkeypatch.delenv("OPENSSL_CONF", raising=False)


def has_module(process: subprocess.Popen) -> bool:
    return str(MODULE) in Path(f"/proc/{process.pid}/maps").read_text()


def ask(shell: subprocess.Popen, command: str) -> None:
    shell.stdin.write(f"{command}\npwd\n")
    shell.stdin.flush()
    while (line := shell.stdout.readline()) != "/\n":
        assert line, shell.stderr.read()


@pytest.fixture
def server(folder, monkeypatch, server_has_it):
    switch(monkeypatch, server_has_it)
    running = Server(folder).start()
    try:
        yield running
    finally:
        running.stop()


@pytest.mark.parametrize("client_has_it", [True, False], ids=["client-with", "client-without"])
@pytest.mark.parametrize("server_has_it", [True, False], ids=["server-with", "server-without"])
def test_a_film_there_and_back(server, server_has_it, client_has_it, folder, monkeypatch):
    """The client is a shell, which waits with its connection until it was looked at."""
    server.user("add", "alice", password=PASSWORD)
    alice = Client(folder / "person-alice", server, "alice", PASSWORD)
    film = random_file(alice.work / "film", SIZE)
    digest = b3sum(film)
    switch(monkeypatch, client_has_it)
    with alice.start("shell", stdin=subprocess.PIPE) as shell:
        ask(shell, "put film")
        assert b3sum(server.home("alice") / "film") == digest
        film.unlink()
        ask(shell, "get film")
        assert b3sum(film) == digest
        assert has_module(shell) == client_has_it
        assert has_module(server.process) == server_has_it
        shell.stdin.close()
        assert shell.wait(limits.COMMAND) == 0


@pytest.mark.parametrize("server_has_it", [True])
def test_without_the_module_it_is_as_without_its_configuration(server, folder, monkeypatch):
    """Its file is gone, or stands for another machine: OpenSSL's own AES does the work."""
    server.user("add", "alice", password=PASSWORD)
    alice = Client(folder / "person-alice", server, "alice", PASSWORD)
    stale = folder / "stale.cnf"
    stale.write_text(CONF.read_text().replace(str(MODULE), str(folder / "nothing.so")))
    monkeypatch.setenv("OPENSSL_CONF", str(stale))
    random_file(alice.work / "file", limits.MIB)
    alice.run("put", "file")
    assert b3sum(server.home("alice") / "file") == b3sum(alice.work / "file")
