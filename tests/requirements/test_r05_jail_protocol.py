"""The jail, attacked by a client that sends whatever it likes: 34 attempts x every operation that takes a path."""

import os
import stat

import pytest

from support.files import b3sum
from support.jail import PASSWORD, House, attempts
from support.native import path_field, signed_in

MTIME = "2024-01-01T00:00:00Z"
SMALL = b"put by the attacker\n"
LARGE = os.urandom(300_000)  # two chunks
READING = ("stat", "list", "get", "digest")


@pytest.fixture(scope="module")
def house(house_folder):
    with House.open(house_folder) as house:
        yield house


@pytest.fixture(scope="module")
def digests(house_folder):
    """Of SMALL and LARGE, as a stranger's tool says them."""
    said = {}
    for content in (SMALL, LARGE):
        (house_folder / "content").write_bytes(content)
        said[content] = "blake3:" + b3sum(house_folder / "content")
    (house_folder / "content").unlink()
    return said


class Attacker:
    """Two sessions of alice's, so that one can take up what the other has begun."""

    def __init__(self, house: House, digests: dict[bytes, str]):
        self.house = house
        self.digests = digests
        self.first, self.second = (signed_in(house.server.port, "alice", PASSWORD) for _ in range(2))
        self.first.heard = self.second.heard = bytearray()

    def close(self):
        self.first.stream.close()
        self.second.stream.close()

    def request(self, op, path, **fields):
        return self.first.request(op, **path_field(path), **fields)

    def stat(self, path):
        return self.request("stat", path)

    def list(self, path):
        return self.request("list", path)

    def get(self, path):
        return self.request("get", path)

    def digest(self, path):
        return self.request("digest", path)

    def set(self, path):
        return self.request("set", path, mode="0700", mtime=MTIME)

    def mkdir(self, path):
        return self.request("mkdir", path)

    def mkdir_parents(self, path):
        return self.request("mkdir", path, parents=True)

    def rmdir(self, path):
        return self.request("rmdir", path)

    def remove(self, path):
        return self.request("remove", path)

    def rename_from(self, path):
        return self.first.request("rename", **path_field(path, "from"), to="moved")

    def rename_to(self, path):
        return self.first.request("rename", **path_field(path, "to"), **{"from": "own"}, replace=True)

    def put(self, path):
        return self.request("put", path, body=SMALL, digest=self.digests[SMALL], mtime=MTIME)

    def resume(self, path):
        """An upload that one session begins and another one takes up and finishes."""
        plan = {**path_field(path), "size": len(LARGE), "mtime": MTIME}
        begun = self.first.request("upload.begin", **plan)
        if not begun["ok"]:
            return begun
        half = begun["chunk_size"]
        assert self.first.request("upload.chunk", body=LARGE[:half], upload=begun["upload"], index=0)["ok"]
        begun = self.second.request("upload.begin", **plan)
        assert [(run["first"], run["count"]) for run in begun["have"]] == [(0, 1)]
        assert self.second.request("upload.chunk", body=LARGE[half:], upload=begun["upload"], index=1)["ok"]
        done = self.second.request("upload.commit", upload=begun["upload"], digest=self.digests[LARGE])
        if not done["ok"]:
            assert self.second.request("upload.abort", **path_field(path))["ok"]
        return done

    def abort(self, path):
        return self.request("upload.abort", path)


OPERATIONS = [*READING, "set", "mkdir", "mkdir_parents", "rmdir", "remove", "rename_from", "rename_to", "put", "resume", "abort"]


@pytest.fixture(scope="module")
def attacker(house, digests):
    attacker = Attacker(house, digests)
    yield attacker
    attacker.close()


def happened_inside(house: House, operation: str, relative: str, answer: dict) -> bool:
    """That an operation said yes is fine where the disk says that it was done in alice's home."""
    place = os.path.join(house.home, relative)
    parent_inside = house.stays_inside(os.path.dirname(relative))
    if operation in ("get", "digest"):
        # The hard link is the policy of SECURITY.md: what an operator links into a home can be read there.
        with open(place, "rb") as file:
            content = file.read()
        return house.stays_inside(relative) and operation == "digest" or answer["content"] == content
    if operation in ("stat", "list", "set"):
        return house.stays_inside(relative)
    if operation in ("mkdir", "mkdir_parents"):
        return house.stays_inside(relative) and os.path.isdir(place)
    if operation in ("rmdir", "remove", "rename_from"):
        return parent_inside and not os.path.lexists(place)
    written = {"put": SMALL, "resume": LARGE, "rename_to": b"alice's own\n"}[operation]
    with open(place, "rb") as file:
        return parent_inside and file.read() == written and stat.S_ISREG(os.lstat(place).st_mode)


@pytest.mark.proves("R5.2", "R5.4", "R8.7", "R9.6")
@pytest.mark.parametrize("attempt", attempts(), ids=lambda attempt: attempt.name)
def test_no_operation_gets_out(house, attacker, attempt):
    for operation in OPERATIONS:
        house.furnish()
        del attacker.first.heard[:]
        answer = getattr(attacker, operation)(attempt.path)
        house.check_answer(bytes(attacker.first.heard))
        house.check_untouched()
        if not attempt.plain:
            assert not answer["ok"] and answer["error"] == "invalid", (operation, answer)
        if answer["ok"]:
            assert happened_inside(house, operation, os.fsdecode(attempt.path).strip("/"), answer), (operation, answer)


@pytest.mark.proves("R5.2", "R9.6")
def test_the_home_itself_stays(house, attacker):
    """J34: what changes things is refused for the home itself, and says why."""
    house.furnish()
    for path in (b"", b"/", b"//"):
        words = {operation: getattr(attacker, operation)(path).get("error") for operation in OPERATIONS}
        assert words == {"stat": None, "list": None, "get": "is_a_directory", "digest": "is_a_directory", "set": "denied",
                         "mkdir": "exists", "mkdir_parents": None, "rmdir": "denied", "remove": "is_a_directory",
                         "rename_from": "denied", "rename_to": "denied", "put": "is_a_directory",
                         "resume": "is_a_directory", "abort": "not_found"}
    house.check_untouched()


@pytest.mark.proves("R5.2")
def test_links_that_lead_out_are_refused_by_name(house, attacker):
    """J19 to J22, J25: denied for what follows them; what names the link itself does so."""
    for link in (b"link-to-file", b"link-to-canary", b"link-to-bob", b"chain", b"dangling", b"link-to-proc", b"link-to-fd"):
        for operation in READING:
            house.furnish()
            answer = getattr(attacker, operation)(link)
            assert not answer["ok"] and answer["error"] in ("denied", "not_found"), (link, operation, answer)
        for operation in ("put", "remove", "rename_from"):  # the link goes, its target stays
            house.furnish()
            assert getattr(attacker, operation)(link)["ok"], (link, operation)
    for operation in OPERATIONS:
        house.furnish()
        answer = getattr(attacker, operation)(b"link-to-bob/secret")
        assert answer.get("error") in ("denied", "not_found"), (operation, answer)
    house.check_untouched()


@pytest.mark.proves("R5.2")
def test_what_is_no_file_is_never_served_and_never_blocks(house, attacker):
    """J30. The listing shows what it is; nobody waits for a FIFO's other end."""
    for name in (b"fifo", b"device", b"socket"):
        house.furnish()
        assert attacker.stat(name)["type"] == "other"
        for operation in ("get", "digest"):
            assert getattr(attacker, operation)(name)["error"] == "not_a_file"
        assert attacker.put(name)["ok"], "the name can be replaced"
        house.furnish()
        assert attacker.remove(name)["ok"], "and removed"
    house.check_untouched()


@pytest.mark.proves("R5.2")
def test_hard_links_follow_the_written_policy(house, attacker):
    """J24, SECURITY.md: read, replaced and removed as a name of the home; the other file is never changed through it."""
    shared = house.outside / "hard"
    before = shared.read_bytes(), os.stat(shared).st_mode, os.stat(shared).st_mtime_ns
    for operation in OPERATIONS:
        house.furnish()
        answer = getattr(attacker, operation)(b"hard")
        assert answer["ok"] == (operation in ("stat", "get", "digest", "remove", "rename_from", "rename_to", "put", "resume")), \
            (operation, answer)
        assert (shared.read_bytes(), os.stat(shared).st_mode, os.stat(shared).st_mtime_ns) == before, operation
    house.furnish()
    assert attacker.set(b"hard")["error"] == "denied"


@pytest.mark.proves("R5.2")
def test_transfer_ids_are_no_names(house, attacker):
    """J33: what a client says in the place of an id is looked up among the ids given out, and nowhere else."""
    house.furnish()
    peer = attacker.first
    for name in ("../../bob/secret", "../alice2", "/etc/passwd", "", ".", "..", "*", "secret", "x.part", "\0", "a" * 4000):
        assert peer.request("upload.chunk", body=b"x", upload=name, index=0)["error"] == "no_such_transfer"
        assert peer.request("upload.commit", upload=name, digest=attacker.digests[SMALL])["error"] == "no_such_transfer"
        assert peer.request("download.read", download=name, offset=0, length=1)["error"] == "no_such_transfer"
        assert peer.request("download.end", download=name)["error"] == "no_such_transfer"
        assert peer.request("list", path="", cursor=name)["error"] == "invalid"
    house.check_untouched()


@pytest.mark.proves("R5.2")
def test_another_users_transfer_is_not_found(house, attacker):
    """An id of alice's means nothing in bob's session."""
    house.furnish()
    begun = attacker.first.request("upload.begin", path="big", size=len(LARGE), mtime=MTIME)
    with signed_in(house.server.port, "bob", PASSWORD) as bob:
        for op in ("upload.commit", "upload.chunk"):
            answer = bob.request(op, upload=begun["upload"], index=0, digest=attacker.digests[LARGE], body=b"")
            assert answer["error"] == "no_such_transfer"
        assert bob.request("upload.abort", path="big")["error"] == "not_found"
        assert bob.request("upload.list")["content"] == b"[]"
    assert attacker.first.request("upload.abort", path="big")["ok"]


@pytest.mark.proves("R5.2")
def test_a_parent_that_becomes_a_link_between_begin_and_commit(house, attacker):
    house.furnish()
    peer = attacker.first
    begun = peer.request("upload.begin", path="sub/x", size=len(LARGE), mtime=MTIME)
    for index, start in enumerate(range(0, len(LARGE), begun["chunk_size"])):
        piece = LARGE[start:start + begun["chunk_size"]]
        assert peer.request("upload.chunk", body=piece, upload=begun["upload"], index=index)["ok"]
    (house.home / "sub").rename(house.home / "moved")
    (house.home / "sub").symlink_to("../bob")
    assert peer.request("upload.commit", upload=begun["upload"], digest=attacker.digests[LARGE])["error"] == "denied"
    house.check_untouched()
    assert peer.request("upload.abort", path="sub/x")["ok"]


@pytest.mark.proves("R5.2")
def test_an_attribute_that_was_planted_is_not_believed(house, attacker):
    """The kept digest lies in an extended attribute; what does not fit the file, or is no digest at all, is computed again."""
    house.furnish()
    own = house.home / "own"
    right = attacker.digest(b"own")["digest"]
    for value in (b"", b"blake3:" + b"0" * 64, b"blake3:" + b"0" * 64 + b" 12 0.000000000 1", b"x" * 3000, b"\0" * 64):
        os.setxattr(own, "user.sampan.digest", value)
        assert attacker.digest(b"own")["digest"] == right
        assert attacker.get(b"own")["content"] == b"alice's own\n"
