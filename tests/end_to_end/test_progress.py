"""Progress for programs: a JSON object a line. The bar for people is in tests/requirements/test_r04_*.py."""

import json

from support import limits
from support.files import random_file
from support.proxy import Proxy

SIZE = 12 * limits.MIB
RATE = 8 * limits.MIB  # bytes per second: long enough for some lines, short enough for a test


def test_json(alice, server):
    random_file(alice.work / "f", SIZE)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.rate = RATE
        lines = [json.loads(line) for line in alice.run("put", "--progress", "json", "f").stderr.splitlines()]
    progress = [line for line in lines if line["event"] == "progress"]
    assert progress and all(line["total"] == SIZE and 0 <= line["done"] <= SIZE for line in progress)
    assert [line["done"] for line in progress] == sorted(line["done"] for line in progress)
    assert {"path", "rate", "eta"} <= set(progress[0])
    assert lines[-1]["event"] == "done"


def test_json_tells_a_failure(alice):
    result = alice.run("put", "--progress", "json", "absent", code=4)
    events = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    assert [event["event"] for event in events] == ["failed"]
