"""What a user keeps, three times over: as the server tells him, as it tells the operator, and as it is on the disk."""

import json
import os

from .client import Client
from .server import Server


def bytes_on_disk(server: Server, user: str) -> int:
    """All that the user's files take, the ones on their way included; a part's journal is the server's own."""
    total = 0
    # The homes first: what moves from the staging directory into one meanwhile is then not seen twice.
    for top in (server.home(user), server.data / "staging" / user):
        for parent, _, names in os.walk(top):
            for name in names:
                if ".journal" not in name:
                    try:
                        total += os.lstat(os.path.join(parent, name)).st_size
                    except FileNotFoundError:
                        pass
    return total


def figures(server: Server, client: Client) -> dict:
    """`quota --json`; insists that it is what the operator is shown and what the disk holds."""
    told = client.json("quota")
    shown = json.loads(server.user("show", client.user, "--json").stdout)
    assert (shown["used"], shown["quota"], shown["files"], shown["max_files"]) == \
        (told["used"], told["limit"], told["files"], told["max_files"])
    assert told["used"] == bytes_on_disk(server, client.user)
    return told
