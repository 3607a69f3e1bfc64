"""A short fingerprint of a data folder: the same bytes give the same one on every machine."""

from __future__ import annotations

import hashlib
from pathlib import Path


def data_files(folder: Path) -> list[str]:
    """Paths of all files below the folder, relative and with forward slashes, sorted.

    Files and folders whose name begins with a dot are left out: desktops and editors put them there.
    """
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts))


def version_hash(folder: Path) -> str:
    """First eight hexadecimal digits of a SHA-256 over path, length and bytes of every data file."""
    digest = hashlib.sha256()
    for file in data_files(folder):
        data = (folder / file).read_bytes()
        digest.update(f"{file}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()[:8]
