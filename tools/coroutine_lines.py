"""The bodies of coroutines, for gcov.

g++ compiles a coroutine's body into a function of its own (`NAME.Frame.actor`), notes its lines and counts them as any other's, and
marks it as made by the compiler; gcov leaves out whatever has that mark. show() takes the mark off in an object's notes (.gcno),
whose format is in GCC's gcc/gcov-io.h: after a head, records of a tag, a length in bytes and that many bytes.
"""

import struct
from pathlib import Path

MAGIC = b"oncg"  # of a little-endian machine
MAJOR = b"2B"  # of the version, behind its minor number: g++ 12
HEAD = 16  # magic, version, stamp, checksum; then the compiler's folder and a flag
FUNCTION = 0x01000000
IDENTITY = 12  # of a function, in front of its name: ident and two checksums


class UnknownFormat(Exception):
    pass


def show(notes: Path) -> int:
    """How many coroutines' bodies will be counted now that were left out before."""
    data = bytearray(notes.read_bytes())
    if data[:4] != MAGIC or data[6:8] != MAJOR:
        raise UnknownFormat(f"{notes}: not the notes of g++ 12, but {bytes(data[:8])!r}")

    def number(at: int) -> int:
        return struct.unpack_from("<I", data, at)[0]

    def behind_text(at: int) -> int:
        return at + 4 + number(at)

    shown = 0
    at = behind_text(HEAD) + 4
    while at + 8 <= len(data) and number(at) != 0:
        tag, begin, at = number(at), at + 8, at + 8 + number(at + 4)
        if tag == FUNCTION:
            name = begin + IDENTITY
            mark = behind_text(name)
            if data[name + 4:mark].rstrip(b"\0").endswith(b".actor") and number(mark) != 0:
                struct.pack_into("<I", data, mark, 0)
                shown += 1
    if shown:
        notes.write_bytes(data)
    return shown
