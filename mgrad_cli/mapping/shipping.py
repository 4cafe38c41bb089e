"""Pack the package as bytes with a digest, for workers that lack it or have another version."""

import os
import zipfile
from functools import cache
from hashlib import sha256
from io import BytesIO

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def files() -> list[str]:
    """Return the paths of the package's files relative to its parent folder, sorted."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name != "__pycache__"]
        inner = os.path.relpath(folder, os.path.dirname(ROOT))
        found += [f"{inner}/{name}" for name in names if not name.endswith(".pyc")]
    return sorted(found)


@cache
def package_digest() -> str:
    """Return a fingerprint of every file of the package."""
    digest = sha256()
    for name in files():
        with open(os.path.join(os.path.dirname(ROOT), name), "rb") as file:
            content = file.read()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def package_bytes() -> bytes:
    """Return the package as a zip archive."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in files():
            archive.write(os.path.join(os.path.dirname(ROOT), name), name)
    return buffer.getvalue()
