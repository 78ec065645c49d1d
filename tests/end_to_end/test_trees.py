"""A tree of real files goes there and back: every byte, every mode, every time."""

import subprocess

from support import limits
from support.files import attributes, real_tree


def test_a_real_tree_there_and_back(alice, server, folder):
    tree = real_tree(alice.work / "tree")
    alice.run("put", "-r", "tree", timeout=limits.TRANSFER)
    back = alice.work / "back"
    back.mkdir()
    alice.run("get", "-r", "--to", back, "tree", timeout=limits.TRANSFER)
    for copy in (server.home("alice") / "tree", back / "tree"):
        subprocess.run(["diff", "-r", str(tree), str(copy)], check=True)
    assert attributes(tree) == attributes(back / "tree")
    quota = alice.json("quota")
    assert quota["used"] == sum(kept[1] for kept in attributes(tree).values() if len(kept) == 3)


def test_a_second_put_of_the_same_tree_changes_nothing(alice):
    tree = alice.work / "tree"
    (tree / "deep" / "er").mkdir(parents=True)
    (tree / "empty").mkdir()
    (tree / "deep" / "a").write_text("one")
    (tree / "deep" / "er" / "b").write_text("two")
    alice.run("put", "-r", "tree")
    (tree / "deep" / "a").write_text("three")
    alice.run("put", "-r", "tree")
    back = alice.work / "back"
    back.mkdir()
    alice.run("get", "-r", "--to", back, "tree")
    assert attributes(tree) == attributes(back / "tree")
    assert (back / "tree" / "deep" / "a").read_text() == "three"


def test_a_folder_needs_the_option(alice):
    (alice.work / "tree").mkdir()
    assert alice.run("put", "tree", code=None).returncode in (1, 2, 8)
