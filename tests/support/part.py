"""What an interrupted transfer leaves on the disk: the bytes (X.part) and the journal beside them (X.journal), made to lie.

The journal's format is in src/disk/part_journal.h; this is written from that comment alone.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from .files import blake3

RECORD = struct.Struct("<Q32s8s")
PREFIX_BIT = 1 << 63


def part_below(folder: Path) -> Path:
    """The one interrupted transfer in a folder."""
    parts = list(folder.rglob("*.part"))
    assert len(parts) == 1, parts
    return parts[0]


def flip_byte(path: Path, at: int) -> None:
    """Changes one byte; the file's time stays, as where a disk forgets."""
    times = path.stat()
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 0x10]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@dataclass
class Journal:
    head: bytes
    chunk_size: int
    records: list[tuple[int, bool]]  # chunk, and whether its digest is of everything up to it


def read_journal(part: Path) -> Journal:
    data = part.with_suffix(".journal").read_bytes()
    assert data[:8] == b"SAMPANJ1"
    (length,) = struct.unpack_from("<I", data, 8)
    plan = data[12:12 + length]
    _, chunk_size = struct.unpack_from("<QI", plan)
    start = 12 + length + 8
    assert data[12 + length:start] == blake3(plan)[:8]
    records = []
    for at in range(start, len(data), RECORD.size):
        index, digest, check = RECORD.unpack_from(data, at)
        assert check == blake3(data[at:at + 40])[:8]
        records.append((index & ~PREFIX_BIT, bool(index & PREFIX_BIT)))
    return Journal(data[:start], chunk_size, records)


def make_journal_agree(part: Path) -> int:
    """Writes the digests of the bytes as they are now into the journal; the number of bytes that it vouches for."""
    journal = read_journal(part)
    content = part.read_bytes()
    data = journal.head
    for index, prefix in journal.records:
        end = (index + 1) * journal.chunk_size
        digest = blake3(content[0 if prefix else end - journal.chunk_size:end])
        record = struct.pack("<Q", index | (PREFIX_BIT if prefix else 0)) + digest
        data += record + blake3(record)[:8]
    part.with_suffix(".journal").write_bytes(data)
    return min(len(content), len(journal.records) * journal.chunk_size)
