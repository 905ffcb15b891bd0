"""Which policies are meant and where each one's results go, before anything is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from policy2dpv.errors import ReadError, WriteError

STANDARD_INPUT = "-"
STANDARD_OUTPUT = "-"
DEFAULT_FOLDER = Path("out")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def list_policies(inputs: Iterable[str], suffixes: Iterable[str]) -> list[str]:
    """Return the policies that the inputs name, each once: a folder stands for its files.

    `suffixes` are those of policy files (".html"). ReadError: a folder that holds none.

    >>> list_policies(["-", "https://acme.example/privacy", "-"], [".html"])
    ['-', 'https://acme.example/privacy']
    """
    wanted = frozenset(suffixes)
    found: list[str] = []
    for name in inputs:
        if name == STANDARD_INPUT or is_address(name) or not Path(name).is_dir():
            found.append(name)
            continue
        inside = [p for p in sorted(Path(name).rglob("*")) if p.suffix.lower() in wanted]
        if not inside:
            listed = ", ".join(sorted(wanted))
            raise ReadError(name, f"the folder holds no file with {listed}", "name the files")
        found.extend(str(path) for path in inside if path.is_file())
    return list(dict.fromkeys(found))


def is_address(name: str) -> bool:
    """Whether an input is an http(s) address.

    >>> is_address("https://acme.example/privacy"), is_address("privacy.html")
    (True, False)
    """
    return name.lower().startswith(("http://", "https://"))


def open_input(name: str) -> str | Path:
    """Return an input as the reader takes it: the name of a file is a path, never a text.

    ReadError: an address of another scheme than http(s).

    >>> open_input("-"), open_input("https://acme.example/privacy")
    ('-', 'https://acme.example/privacy')
    """
    if SCHEME.match(name) and not is_address(name):
        scheme = name.partition(":")[0]
        advice = "give an http:// or https:// address, or a file"
        raise ReadError(name, f"addresses with {scheme}: are not read", advice)
    return name if name == STANDARD_INPUT or is_address(name) else Path(name)


def describe_input(name: str) -> str:
    """Return what messages call an input.

    >>> describe_input("-"), describe_input("privacy.html")
    ('standard input', 'privacy.html')
    """
    return "standard input" if name == STANDARD_INPUT else name


def name_results(policies: Sequence[str]) -> list[str]:
    """Return one file name (without suffix) for each policy, no two of them equal.

    Files of one folder that differ in their suffix keep it; other equal names get their folder's
    name in front, then those of the folders above.

    >>> name_results(["a/privacy.html", "b/privacy.html", "b/terms.html", "-"])
    ['a-privacy', 'b-privacy', 'terms', 'stdin']
    >>> name_results(["privacy.html", "privacy.md"])
    ['privacy-html', 'privacy-md']
    """
    parts = [_name_parts(policy) for policy in policies]
    for at in _doubled("/".join(words) for words in parts):
        parts[at][-1] += _suffix_word(policies[at])
    names = [words[-1] for words in parts]
    for depth in range(2, max(map(len, parts), default=1) + 1):
        for at in _doubled(names):
            names[at] = "-".join(parts[at][-depth:])
    while doubled := _doubled(names):
        for at in doubled:
            names[at] += f"-{at + 1}"
    return names


def place_results(
    policies: Sequence[str], suffixes: Mapping[str, str], output: str | None
) -> list[dict[str, Path | None]]:
    """Return for each policy its place by format; None stands for standard output.

    `suffixes` are the wanted formats with the suffix of each. Without `output` results go to the
    folder out; `output` is a file for one result, else (and if it has no suffix) a folder.
    WriteError: an output that cannot hold them all.

    >>> place_results(["policy.html"], {"turtle": ".ttl"}, None)
    [{'turtle': PosixPath('out/policy.ttl')}]
    """
    single = len(policies) == 1 and len(suffixes) == 1
    if output == STANDARD_OUTPUT:
        if not single:
            raise WriteError(
                "standard output", "more than one result for one stream", "name a folder with -o"
            )
        return [dict.fromkeys(suffixes)]
    if output and single and not _is_folder(output):
        return [{name: Path(output) for name in suffixes}]
    folder = Path(output) if output else DEFAULT_FOLDER
    if folder.is_file():
        raise WriteError(folder, "a file stands where a folder is needed", "name a folder with -o")
    return [
        {format: folder / f"{name}{suffix}" for format, suffix in suffixes.items()}
        for name in name_results(policies)
    ]


def make_folder(path: Path) -> None:
    """Make the folder that a result goes to. WriteError: it cannot be made.

    >>> make_folder(Path("result.jsonld"))
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            path.parent, f"the folder cannot be made ({error.strerror})", "name another with -o"
        ) from error


def _is_folder(output: str) -> bool:
    path = Path(output)
    return output.endswith(("/", "\\")) or path.is_dir() or not (path.suffix or path.exists())


def _name_parts(policy: str) -> list[str]:
    """Return the words that can name a policy's results, the last being the nearest."""
    if policy == STANDARD_INPUT:
        return ["stdin"]
    if is_address(policy):
        address = urlsplit(policy)
        steps = [unquote(step) for step in address.path.split("/") if step]
        words = [address.hostname or "", *steps[:-1], *(Path(step).stem for step in steps[-1:])]
        return [_file_word("-".join(word for word in words if word))]
    path = Path(policy)
    parents = [part for part in path.absolute().parent.parts if part.strip("/\\:")]
    return [*map(_file_word, parents), _file_word(path.stem)]


def _file_word(word: str) -> str:
    """Return a word that is a safe part of a file's name everywhere."""
    kept = "".join(c if c.isalnum() or c in "-_. " else "-" for c in word)
    return kept.strip(" .") or "policy"


def _suffix_word(policy: str) -> str:
    suffix = Path(policy).suffix.lstrip(".")
    return f"-{_file_word(suffix)}" if suffix else ""


def _doubled(names: Iterable[str]) -> list[int]:
    """Return the places of the names that stand more than once, letters' case left aside."""
    folded = [name.casefold() for name in names]
    count = Counter(folded)
    return [at for at, name in enumerate(folded) if count[name] > 1]
