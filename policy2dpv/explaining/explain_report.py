"""An explanation as text for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import shorten

import msgspec

from policy2dpv.explaining.clause_views import ClauseView
from policy2dpv.explaining.explain import Explanation, SegmentView
from policy2dpv.explaining.fates import Fate

SHOWN = 200  # characters of a clause that a line shows
SAID = "said"
KNOWN = 12  # rows that could say a term


def format_explanation(told: Explanation, *, limit: int | None = None) -> str:
    r"""Return an explanation as indented text, of at most `limit` clauses.

    >>> format_explanation(Explanation(asked="fax", sort="words", segments=()))
    'nothing in the policy is read as fax\n'
    """
    shown = told.segments[:limit]
    lines = [line for view in shown for line in (*_segment(view), "")]
    left = len(told.segments) - len(shown)
    if left:
        lines.append(f"{left} more clauses; --limit shows them")
    if not told.segments:
        lines.append(f"nothing in the policy is read as {told.asked}")
        lines += [f"  a row could: {row}" for row in told.known[:KNOWN]]
        if len(told.known) > KNOWN:
            lines.append(f"  and {len(told.known) - KNOWN} more rows")
    return "\n".join(lines).rstrip("\n") + "\n"


def format_explanation_json(told: Explanation) -> str:
    """Return an explanation as indented JSON.

    >>> told = Explanation(asked="fax", sort="words", segments=())
    >>> '"sort": "words"' in format_explanation_json(told)
    True
    """
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode("utf-8") + "\n"


def _segment(view: SegmentView) -> Iterator[str]:
    yield f"{view.kind} {view.id} [{view.start}:{view.end}] {_words(view.quote)}"
    for heading in view.headings:
        about = f"  (about {', '.join(heading.topics)}: {' '.join(heading.rows)})"
        yield f"  under    {_words(heading.quote)}{about if heading.topics else ''}"
    for words in view.lead_in:
        yield f"  lead-in  {_words(words)}"
    if view.opens:
        yield f"  opens    {', '.join(view.opens)}"
    if view.muted:
        yield "  muted    nothing here counts as a practice"
    for clause in view.clauses:
        yield from _clause(clause)
    for fate in view.phrases:
        yield from _fate(fate)
    if view.others:
        yield f"  {view.others} more phrases in this clause; --all shows them"


def _clause(clause: ClauseView) -> Iterator[str]:
    verbs = ", ".join(_with_row(verb.quote, verb.row) for verb in clause.verbs)
    who = f"{clause.actor} ({clause.agent})" if clause.agent else clause.actor
    signs = [("denied", clause.denied), ("passive", clause.passive), ("unable", clause.unable)]
    scope = [name for name, holds in signs if holds]
    scope += [clause.modality] if clause.modality else []
    yield f"  clause   {_words(clause.quote)}"
    yield f"    {', '.join([who, *scope])}: {verbs}"
    for name in ("condition", "exception", "excluded"):
        if words := getattr(clause, name):
            yield f"    {name}: {_words(words)}"
    for one in clause.decisions:
        yield f"    {one.what} by {one.cue} {_with_row(repr(one.quote), one.row)}"


def _fate(fate: Fate) -> Iterator[str]:
    asks = f", requires {fate.requires}" if fate.requires else ""
    denied = " (denied)" if fate.polarity == "denied" else ""
    yield f"  {fate.outcome:<11}{_words(fate.quote)!r} as {fate.kind} {fate.term}{denied}"
    yield f"    row {_with_row(fate.row, fate.phrase)}{asks}"
    if fate.why:
        yield f"    {fate.why}"
    if fate.rival:
        rival = fate.rival
        yield f"    gives way to {rival.quote!r}, {rival.kind} {rival.term}, {rival.row}"
    if fate.outcome != SAID:
        return
    if fate.definition:
        yield f"    stands for {_words(fate.definition)!r}"
    for said in _lines(fate.statements):
        yield f"    in {said}"
    for triple in fate.triples:
        yield f"    {triple}"


def _lines(said: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(said))


def _with_row(words: str, row: str) -> str:
    return f"{words} [{row}]" if row else words


def _words(text: str) -> str:
    return shorten(" ".join(text.split()), SHOWN, placeholder=" ...")
