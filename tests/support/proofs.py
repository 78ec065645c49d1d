"""`@pytest.mark.proves("R3.2")`: which checks of docs/requirements.md a test proves. A conftest.py imports both names."""

import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "proves(check, ...): the checks of docs/requirements.md that this test proves")


@pytest.fixture(autouse=True)
def proven_checks(request, record_property):
    """Into the results: tools/run_tests.py counts them for each requirement."""
    for mark in request.node.iter_markers("proves"):
        for check in mark.args:
            record_property("proves", check)
