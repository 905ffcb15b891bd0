"""What becomes of an input that is no policy to convert: the gates' verdicts as statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy2dpv.batch.records import Status
from policy2dpv.errors import EmptyError, LanguageError, PolicyError

if TYPE_CHECKING:
    from policy2dpv.conversion import Conversion

NOTHING_SAID = "nothing in it is about personal data"


def status_of_error(error: PolicyError) -> Status:
    """Return what becomes of an input that cannot be read.

    >>> status_of_error(LanguageError("a.html", "it is in Latin"))
    'other-language'
    """
    if isinstance(error, EmptyError):
        return "empty"
    return "other-language" if isinstance(error, LanguageError) else "failed"


def status_of(conversion: Conversion) -> tuple[Status, str]:
    """Return whether what was read is a policy's graph (ok), else what it is, with the reason.

    >>> from policy2dpv.conversion import convert
    >>> status_of(convert(b"We use your email address to send you our newsletter."))
    ('ok', '')
    >>> status_of(convert(b"The weather will be fine tomorrow, and so will be the roads."))
    ('not-a-policy', 'nothing in it is about personal data')
    """
    return ("ok", "") if conversion.has_privacy_content else ("not-a-policy", NOTHING_SAID)
