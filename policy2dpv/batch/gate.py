"""What the gates say of an input, as a status of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy2dpv.batch.gates import judge, judge_error, judge_text
from policy2dpv.batch.records import Status
from policy2dpv.errors import PolicyError
from policy2dpv.model import Document

if TYPE_CHECKING:
    from policy2dpv.conversion import Conversion


def status_of_error(error: PolicyError) -> tuple[Status, str]:
    """Return what an input that cannot be read is, and why.

    >>> from policy2dpv.errors import LanguageError, ReadError
    >>> status_of_error(LanguageError("a.html", "it is in Latin"))
    ('other-language', 'it is in Latin')
    >>> status_of_error(ReadError("a.pdf", "it is damaged"))
    ('failed', 'it is damaged')
    """
    verdict = judge_error(error)
    return ("failed", error.found) if verdict is None else (verdict.kind, verdict.reason)


def status_of_text(document: Document) -> tuple[Status, str]:
    """Return whether a text goes on to be converted (ok), else what it is, and why.

    >>> from policy2dpv.reading.read import read_document
    >>> status_of_text(read_document(b"Privacy."))[0]
    'empty'
    """
    verdict = judge_text(document)
    return verdict.kind, verdict.reason


def status_of(conversion: Conversion) -> tuple[Status, str]:
    """Return whether what was read is a policy (ok), else what it is, and why."""
    verdict = judge(conversion.document, conversion)
    return verdict.kind, verdict.reason
