"""Waiting for something that announces itself to nobody: looked at again and again, with an end."""

import time
from typing import Callable

from . import limits


def wait_until(condition: Callable[[], object], what: str, timeout: float = limits.REPLY) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout} s for {what}"
        time.sleep(limits.POLL_INTERVAL)
