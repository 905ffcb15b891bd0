"""The fields of TILT as a tree, read from vocab/bridges/tilt.tsv."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal, get_args

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import TableError
from policy2dpv.knowledge.rows import Row, read_table

Type = Literal["object", "array", "string", "boolean", "number", "integer"]
TABLE = "tilt.tsv"
ITEM = "[]"


class Field(msgspec.Struct, frozen=True):
    """One field with the fields under it; see the table for what each column means."""

    path: str
    name: str
    type: Type
    needed: bool
    limits: str
    source: str
    terms: tuple[str, ...]
    code: tuple[str, str] | None
    unstated: str
    kind: str
    tie: bool
    below: tuple[Field, ...] = ()

    def walk(self) -> Iterator[Field]:
        """Yield the field and all below it."""
        yield self
        for field in self.below:
            yield from field.walk()

    def coded(self, term: str) -> str:
        """Return a term as the field writes it, "" where it has a code that does not fit."""
        if self.code is None:
            return term
        start, written = self.code
        return written + term.removeprefix(start) if term.startswith(start) else ""

    def decoded(self, text: str) -> str:
        """Return the CURIE that a text of the field stands for, the text itself without a code.

        >>> [f.decoded("GDPR-6-1-a") for f in load_tilt().walk() if f.name == "reference"]
        ['eu-gdpr:A6-1-a']
        """
        if self.code is None:
            return text
        start, written = self.code
        return start + text.removeprefix(written) if text.startswith(written) else text


@cache
def load_tilt() -> Field:
    """Return the tree of the fields, its root without a name.

    Raises TableError for a type that is none, or a field that comes before the one it lies in.

    >>> [field.name for field in load_tilt().below][:3]
    ['meta', 'controller', 'dataProtectionOfficer']
    """
    return build_tree(read_table(data_folder("vocab") / "bridges" / TABLE))


def build_tree(rows: list[Row]) -> Field:
    """Return the tree of a table's rows. Raises TableError as `load_tilt` does.

    >>> build_tree([]).below
    ()
    """
    below: dict[str, list[Row]] = {"": []}
    for row in rows:
        if row["type"] not in get_args(Type):
            raise TableError(row.place, f"no such type: {row['type']}", "use one of JSON Schema's")
        path = row["path"]
        above = path.removesuffix(ITEM) if path.endswith(ITEM) else path.rpartition(".")[0]
        if above not in below:
            raise TableError(row.place, f"no field {above} before it", "put its row above")
        below[above].append(row)
        below[path] = []

    def build(path: str, row: Row | None) -> Field:
        inside = tuple(build(one["path"], one) for one in below[path])
        if row is None:
            return Field("", "", "object", True, "", "", (), None, "", "", False, inside)
        start, sign, written = row["code"].partition("=")
        return Field(
            path, ITEM if path.endswith(ITEM) else path.rpartition(".")[2],
            row["type"],  # type: ignore[arg-type]  # looked at above
            bool(row["needed"]), row["limits"], row["from"], tuple(row["terms"].split()),
            (start, written) if sign else None, row["unstated"], row["kind"], bool(row["tie"]),
            inside,
        )  # fmt: skip

    return build("", None)
