"""What a published site says of itself (site.json): its base, its versions, its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from policy2dpv import __version__
from policy2dpv.errors import WriteError
from policy2dpv.publishing.published_version import VersionRecord
from policy2dpv.versions import hash_tables

NAME = "site.json"
FORMAT = 1
NOT_SERVED = (".", "server/")  # for servers and their keepers, not for readers


class SiteRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A site: the IRI it stands under, its versions in their order, the SHA-256 of its files."""

    format: int = FORMAT
    base: str
    tool: str = __version__
    tables: str = msgspec.field(default_factory=hash_tables)
    versions: tuple[VersionRecord, ...]
    files: Mapping[str, str]

    def of(self, name: str) -> list[VersionRecord]:
        """The versions of a policy, the first one first."""
        return [version for version in self.versions if version.name == name]

    def latest(self) -> list[VersionRecord]:
        """The last version of each policy, by the policy's name."""
        return [self.of(name)[-1] for name in sorted({v.name for v in self.versions})]


def record_site(base: str, versions: Sequence[VersionRecord], files: Mapping[str, bytes]) -> bytes:
    """Return the text of site.json for these files, those that readers see.

    >>> msgspec.json.decode(record_site("https://a.example/", [], {"a": b""}))["files"]["a"][:6]
    'e3b0c4'
    """
    served = [name for name in sorted(files) if not name.startswith(NOT_SERVED)]
    hashes = {name: hashlib.sha256(files[name]).hexdigest() for name in served}
    made = SiteRecord(base=base, versions=tuple(versions), files=hashes)
    return msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n"


def read_site(folder: Path) -> SiteRecord | None:
    """Return the record of a site in a folder; None for a folder that is empty or not there.

    WriteError: the folder holds something else, which would be lost.

    >>> read_site(Path("no-such-folder")) is None
    True
    """
    if not folder.exists():
        return None
    path = folder / NAME
    if folder.is_dir() and not path.exists() and not any(folder.iterdir()):
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=SiteRecord)
    except (OSError, msgspec.MsgspecError) as error:
        raise WriteError(
            folder, "it is not empty and not a site of ours", "name a new folder with -o"
        ) from error
    if found.format != FORMAT:
        raise WriteError(path, f"it has format {found.format}, not {FORMAT}", "name a new folder")
    return found
