"""Which tool, tables and vocabulary made a result: the version and the hashes."""

from __future__ import annotations

import hashlib
from functools import cache

from policy2dpv import __version__
from policy2dpv.data import data_folder


@cache
def hash_tables() -> str:
    """Return the SHA-256 over names and contents of all files in mappings/.

    >>> len(hash_tables())
    64
    """
    folder = data_folder("mappings")
    digest = hashlib.sha256()
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    for name in sorted(name for name in files if not name.split("/")[-1].startswith(".")):
        digest.update(f"{name}\0{files[name].stat().st_size}\0".encode())
        digest.update(files[name].read_bytes())
    return digest.hexdigest()


def is_compiled() -> bool:
    """Return whether the package was compiled, as CONTRIBUTING.md tells, or runs as it is written.

    >>> is_compiled()
    False
    """
    from policy2dpv.knowledge import phrases

    return not str(phrases.__file__).endswith(".py")


def describe_versions() -> str:
    """Return the lines that `policy2dpv --version` prints.

    >>> [line.split()[0] for line in describe_versions().splitlines()]
    ['policy2dpv', 'vocabulary', 'tables']
    """
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    vocabulary = load_vocabulary()
    return "\n".join(
        [
            f"policy2dpv {__version__}" + (" (compiled)" if is_compiled() else ""),
            f"vocabulary DPV {vocabulary.release} sha256:{vocabulary.sha256}",
            f"tables sha256:{hash_tables()}",
        ]
    )
