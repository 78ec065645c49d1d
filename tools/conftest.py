import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.proofs import proven_checks, pytest_configure  # noqa: E402, F401
