"""What can go wrong, by whose fault it is. Every message says where, what was found, what to do."""

from __future__ import annotations


class PolicyError(Exception):
    """Base of all errors that are ours to explain: the command line prints them and exits with 2.

    >>> str(PolicyError("policy.txt", "the file is empty", "give a file with text in it"))
    'policy.txt: the file is empty; give a file with text in it'
    """

    def __init__(self, where: object, found: str, advice: str = "") -> None:
        self.where = str(where)
        self.found = found
        self.advice = advice
        super().__init__(f"{self.where}: {found}" + (f"; {advice}" if advice else ""))

    def __reduce__(self) -> tuple[type[PolicyError], tuple[str, str, str]]:
        """How it comes from another machine: with its parts, not with its message."""
        return type(self), (self.where, self.found, self.advice)


class ReadError(PolicyError):
    """A policy that cannot be read: missing, empty, too large, no text, unknown kind."""


class EmptyError(ReadError):
    """A policy without a text: an empty file, or a page that shows nothing without scripts."""


class LanguageError(ReadError):
    """A policy in a language that has no tables; `language` is its code, "" where it is unknown."""

    language = ""


class TableError(PolicyError):
    """A row of a table that is wrong: the place is file:row."""


class VocabularyError(PolicyError):
    """A term that the loaded release does not have, or a release that cannot be read."""


class GraphError(PolicyError):
    """A graph file that cannot be read or is not what the command needs."""


class PluginError(PolicyError):
    """Another package's addition that cannot be loaded, or that fails."""


class AnnotatorError(PolicyError):
    """An annotator that is not known or fails, or an annotation of it that cannot be used."""


class WriteError(PolicyError):
    """An output that cannot be written."""


class QueryError(PolicyError):
    """A query that cannot be run."""


class EstimateError(PolicyError):
    """A share that cannot be estimated: nobody judged what it needs, or counts that cannot be."""


class BatchError(PolicyError):
    """A batch that cannot be begun or gone on with: another run, other inputs, a lost worker."""
