"""Compile the grammar when hatchling builds or installs the package."""

import os
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GrammarHook(BuildHookInterface):  # type: ignore[misc,type-arg,unused-ignore]
    """Writes the tables beside the grammar before the files of a distribution are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the grammar. `version` and `build_data` are hatchling's."""
        folder = os.path.join(self.root, "mgrad_cli", "language")
        sys.path.insert(0, folder)
        try:
            from compile_grammar import main  # type: ignore[import-not-found,unused-ignore]

            main()
        finally:
            sys.path.remove(folder)
