"""Files to send: real ones where their variety matters, random ones where their size does."""

import os
import shutil
import subprocess
from pathlib import Path

from . import limits


def random_file(path: Path, size: int) -> Path:
    """Bytes that do not compress and do not repeat."""
    with path.open("wb") as out:
        while size > 0:
            size -= out.write(os.urandom(min(size, limits.MIB)))
    return path


def b3sum(path: Path) -> str:
    """The digest as a stranger's tool says it."""
    return subprocess.run(["b3sum", "--no-names", str(path)], capture_output=True, text=True, check=True).stdout.strip()


def blake3(data: bytes) -> bytes:
    return bytes.fromhex(subprocess.run(["b3sum", "--no-names"], input=data, capture_output=True, check=True).stdout.decode())


def real_tree(target: Path, files: int = limits.TREE_FILES, size: int = limits.TREE_BYTES) -> Path:
    """Copies real files of this machine until there are at least `files` of them and `size` bytes in all."""
    count = total = 0
    for top in ("/usr/include", "/usr/share", "/usr/lib"):
        for parent, folders, names in os.walk(top):
            folders.sort()
            inside = target / Path(parent).relative_to("/usr")
            for name in sorted(names):
                source = Path(parent, name)
                # Small ones until there are enough, then large ones until they weigh enough.
                if source.is_symlink() or not source.is_file() or (count >= files and source.stat().st_size < limits.MIB):
                    continue
                inside.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, inside / name)
                count += 1
                total += source.stat().st_size
                if count >= files and total >= size:
                    return target
    raise AssertionError(f"this machine has only {count} files with {total} bytes")


def attributes(top: Path) -> dict[str, tuple]:
    """What a copy must keep: of each file mode, size and modification time to the nanosecond, of each folder its mode."""
    kept = {}
    for parent, _, names in os.walk(top):
        relative = os.path.relpath(parent, top)
        kept[relative] = (os.lstat(parent).st_mode,)
        for name in names:
            status = os.lstat(os.path.join(parent, name))
            kept[os.path.join(relative, name)] = (status.st_mode, status.st_size, status.st_mtime_ns)
    return kept
