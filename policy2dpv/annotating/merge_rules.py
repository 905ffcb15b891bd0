"""The rules by which several annotators become one reading; `merge` applies them."""

from __future__ import annotations

from typing import Literal, get_args

from policy2dpv.errors import AnnotatorError

Rule = Literal["all", "union", "majority"]
RULES: tuple[str, ...] = get_args(Rule)
ONE = "one:"  # and the name of an annotator


def check_rule(rule: str) -> str:
    """Return a rule of merging. AnnotatorError: there is no such rule.

    >>> check_rule("one:121")
    'one:121'
    """
    if rule in RULES or (rule.startswith(ONE) and len(rule) > len(ONE)):
        return rule
    raise AnnotatorError(rule, "no rule of merging", f"use {', '.join(RULES)} or {ONE}NAME")
