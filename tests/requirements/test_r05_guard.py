"""The guard itself: attacks on the jail are refused where they could harm the machine."""

import os
import subprocess

import pytest

from support.guard import Guard, NotGuarded, check_rights

RIGHTS = "Uid:\t{0}\t{0}\t{0}\t{0}\nCapInh:\t0000\nCapPrm:\t0000\nCapEff:\t{1}\nCapAmb:\t0000\nNoNewPrivs:\t{2}\n"


class NoGuard(Guard):
    """Runs everything with the rights of the tests."""

    def command(self, *words):
        return list(map(str, words))


def test_the_guard_is_in_place(folder):
    guard = Guard(folder)
    (folder / "inside").write_text("ours")
    guard.give(folder)
    done = subprocess.run(guard.command("sh", "-c", 'rm "$0" && id -u', folder / "inside"), capture_output=True, text=True)
    assert done.stdout.strip() == str(guard.uid) != "0", "inside the folder an escape would do its harm, and be seen"


@pytest.mark.parametrize("rights", [RIGHTS.format(0, "0000", 1), RIGHTS.format(1000, "0000", 1),
                                    RIGHTS.format(61234, "0001", 1), RIGHTS.format(61234, "0000", 0), ""])
def test_wrong_rights_are_refused(rights):
    check_rights(RIGHTS.format(61234, "0000", 1), 61234)
    with pytest.raises(NotGuarded):
        check_rights(rights, 61234)


def test_without_a_guard_nothing_runs(folder):
    with pytest.raises(NotGuarded):
        NoGuard(folder)


def test_a_server_with_more_rights_is_refused(folder):
    """Whatever started it: the rights that count are those of the running process."""
    guard = Guard(folder)
    with pytest.raises(NotGuarded):
        guard.check_process(os.getpid())
