"""The build hook of a compiled wheel; pyproject.toml says how it is switched on and what it reads.

It is hatch-mypyc's, save that an editable install stays Python and that nothing compiled is left
behind in the sources: Python would run it in place of what a developer edits.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import hatch_mypyc.plugin


class CompiledWheel(hatch_mypyc.plugin.MypycBuildHook):  # type: ignore[misc]  # comes without types
    """Compiles the modules that pyproject.toml names, for a wheel that is to be installed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, unless the wheel is of an editable install."""
        if version == "standard":
            super().initialize(version, build_data)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled, it is in the wheel now, and the setup file that mypyc wrote."""
        self.clean([version])
        setup = Path(self.root) / "build" / "setup.py"
        setup.unlink(missing_ok=True)
        with suppress(OSError):  # somebody else's files are in the folder, or it is not there
            setup.parent.rmdir()
