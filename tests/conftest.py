import os
import random
import secrets
import signal
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.client import Client  # noqa: E402
from support.proofs import proven_checks, pytest_configure  # noqa: E402, F401
from support.server import Server  # noqa: E402


# A script's background job ignores Ctrl-C, and so would all that is started here.
signal.signal(signal.SIGINT, signal.default_int_handler)

PASSWORD = "correct horse, battery 马 staple"


@pytest.fixture
def rng():
    """Chance that can be repeated: a failure shows the seed, SAMPAN_TEST_SEED=N plays it again."""
    seed = int(os.environ.get("SAMPAN_TEST_SEED") or secrets.randbits(32))
    print(f"SAMPAN_TEST_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def folder():
    """A folder that is gone afterwards: the files here are large."""
    with tempfile.TemporaryDirectory(prefix="sampan-test-", dir=os.environ.get("SAMPAN_TEST_TMP")) as path:
        yield Path(path)


@pytest.fixture(scope="module")
def house_folder():
    """The same for all tests of a file: see support/jail.py."""
    with tempfile.TemporaryDirectory(prefix="sampan-test-", dir=os.environ.get("SAMPAN_TEST_TMP")) as path:
        yield Path(path)


@pytest.fixture
def server(folder):
    """A running server without users. However the test ends, so does the server, and it must end well."""
    running = Server(folder).start()
    try:
        yield running
    finally:
        running.stop()
    running.check_log()


@pytest.fixture
def new_client(folder, server):
    """Makes an account and the person that uses it: new_client("alice", "--quota", "10MiB")."""
    def make(name: str, *options: str, password: str = PASSWORD, **settings) -> Client:
        server.user("add", name, *options, password=password)
        return Client(folder / f"person-{name}", server, name, password, **settings)
    return make


@pytest.fixture
def alice(new_client):
    return new_client("alice")
