#!/usr/bin/python3
"""Runs the tests with the requirements' whole counts (20 kills, 10,000 swaps), over and over: a race that loses once in a
hundred shows itself in the night.

    tools/soak.py [ROUNDS]     stops at the first failure
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    environment = {**os.environ, "SAMPAN": str(ROOT / "build/sampan"), "SAMPAN_TEST_SOAK": "1",
                   "PYTHONDONTWRITEBYTECODE": "1"}
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}", flush=True)
        code = subprocess.run(["/usr/bin/python3", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
                               "requirements", "end_to_end/test_atomic_publication.py"],
                              cwd=ROOT / "tests", env=environment).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
