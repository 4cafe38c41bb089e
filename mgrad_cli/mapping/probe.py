"""Code that is sent to workers by value, since they may lack this package.

It reports versions and installs the package. This module must not import the package.
"""

import os
import sys
import zipfile
from contextlib import suppress
from importlib import import_module, metadata
from io import BytesIO
from typing import Any

PACKAGE = "mgrad_cli"
LIBRARIES = ("lark", "numpy", "polars", "pyarrow", "scipy", "llvmlite")


def versions() -> dict[str, str]:
    """Return the version of each library that can be imported, and the digest of this package if it can."""
    found = {"python": f"{sys.version_info[0]}.{sys.version_info[1]}"}
    for name in LIBRARIES:
        with suppress(Exception):  # not installed, or without a version
            found[name] = metadata.version(name)
    with suppress(Exception):
        found["mgrad"] = import_module(PACKAGE).__version__
        found["digest"] = import_module(f"{PACKAGE}.mapping.shipping").package_digest()
    return found


class Package:
    """A worker plugin that unpacks this package in the worker's directory and puts it first in the path.

    It does nothing if the worker has the same one.
    """

    idempotent = True

    def __init__(self, content: bytes, digest: str) -> None:
        self.content = content
        self.digest = digest
        self.name = f"mgrad-{digest}"

    def setup(self, worker: Any) -> None:
        if versions().get("digest") == self.digest:
            return
        folder = os.path.join(worker.local_directory, self.name)
        if not os.path.isdir(folder):
            with zipfile.ZipFile(BytesIO(self.content)) as archive:
                archive.extractall(folder)
        if folder not in sys.path:
            sys.path.insert(0, folder)
            for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
                del sys.modules[name]

    def teardown(self, worker: Any) -> None:
        pass
