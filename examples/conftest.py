import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))


@pytest.fixture
def folder():
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sampan-lesson-") as path:
        yield Path(path)
