"""Every time-out, count and size of the whole-system tests, in one place.

SAMPAN_TEST_SCALE stretches the times and shrinks the bulk: a sanitized build is several times slower, and its tests look for
reports, not for throughput.
"""

import os

SCALE = float(os.environ.get("SAMPAN_TEST_SCALE", "1"))

SOAK = bool(os.environ.get("SAMPAN_TEST_SOAK"))


def soak(suite, whole):
    """A count of repetitions, or a list of cases: the suite's, or the whole of the requirement under `make soak`."""
    return whole if SOAK else suite


def only_soak(*values):
    """Parameters that are for `make soak` alone."""
    return values if os.environ.get("SAMPAN_TEST_SOAK") else ()


def bound(seconds: float) -> float:
    """A time that a requirement names, for four free cores: with the fewer ones of this machine under `make soak`; in the
    suite, where other tests run beside it, no more than a guard against a hang."""
    stretched = seconds * SCALE * max(1.0, 4 / (os.cpu_count() or 1))
    return stretched if os.environ.get("SAMPAN_TEST_SOAK") else max(10 * stretched, COMMAND)


KIB = 1024
MIB = 1024 * KIB

# Seconds. None of them is waited for when all is well.
START = 20 * SCALE         # the server's way to "ready"
STOP = 15 * SCALE          # the server's way out: its grace is 10 s
COMMAND = 30 * SCALE       # one client command
TRANSFER = 90 * SCALE      # one client command that moves bulk data
REPLY = 15 * SCALE         # one answer of the server, or its closing of a session
POLL_INTERVAL = 0.005      # the watcher of files: 5 ms

# Bytes and counts.
CHUNK = 256 * KIB                                   # what one cut may cost, at most, in bytes sent again ...
CUT_ALLOWANCE = CHUNK + 1 * MIB                     # ... and frames, handshakes and logins besides
FILM = 100 * MIB if SCALE <= 1 else 8 * MIB        # a file that processes are killed over
TREE_FILES = 5_000 if SCALE <= 1 else 300
TREE_BYTES = 200 * MIB if SCALE <= 1 else 8 * MIB
REFUSED_TRAFFIC = 64 * KIB                          # a refused upload's whole session
LISTING_GROWTH = 16 * MIB if SCALE <= 1 else 256 * MIB  # of the server's memory, by any listing
SERVER_RSS = 256 * MIB if SCALE <= 1 else 1024 * MIB
