"""A file, an address, bytes or a text -> Document: the canonical text and its blocks."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from policy2dpv.data import data_folder
from policy2dpv.errors import EmptyError, LanguageError, ReadError
from policy2dpv.knowledge.patterns import load_languages
from policy2dpv.model import Document
from policy2dpv.reading.addresses import Fetched, is_web_address
from policy2dpv.reading.decode import decode_text
from policy2dpv.reading.draft import Draft, assemble_text, finish_blocks
from policy2dpv.reading.media_types import (
    ENDINGS,
    HTML,
    MARKDOWN,
    PDF,
    SAME,
    TEXT,
    check_format,
    find_media_type,
    find_text_type,
)
from policy2dpv.reading.page_facts import UNKNOWN_LANGUAGE, find_dates, find_language, find_title
from policy2dpv.reading.read_html import Page, read_html
from policy2dpv.reading.read_text import read_text
from policy2dpv.reading.structure import infer_structure

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 20_000_000
RAISE_LIMIT = "if it is a policy, raise the limit with convert --limit"
READERS = "policy2dpv.readers"
FEW_WORDS = 30
MARKS = "[`*_~"  # of links, code and emphasis in Markdown
# What no policy has more of; a greater limit raises them with it.
MOST = {"characters": 1_000_000, "tags": 500_000, "marks": 30_000, "blocks": 50_000,
        "clauses": 8_000}  # fmt: skip


def read_document(
    source: str | Path | bytes | Document | Fetched,
    *,
    media_type: str | None = None,
    language: str | None = None,
    uri: str | None = None,
    limit: int = LIMIT,
) -> Document:
    r"""Read a policy: a path, ``-`` for standard input, an http(s) address, bytes, or a text.

    Bytes with what is said of them (their address, media type and charset) are a `Fetched`.

    A `str` with a line break is the text itself. `media_type` and `language` override what the
    source seems to be; `uri` names it in the graph; `limit` is its greatest size in bytes. Raises
    ReadError for what is missing, empty, too large, no text or unreadable, LanguageError for a
    language without tables.

    >>> document = read_document("# Privacy\n\nWe share **no** data.\n")
    >>> document.title, [document.text[b.start:b.end] for b in document.blocks]
    ('Privacy', ['Privacy', 'We share no data.'])
    """
    if isinstance(source, Document):
        return source
    language = language and language.replace("_", "-").split("-")[0].lower()
    data, where, address, charset, told = _load(source, limit)
    kind = SAME.get(media_type or "", media_type or "") or find_media_type(data, told)
    if kind not in ("", HTML, MARKDOWN, TEXT):
        plugin = _find_plugin(kind)
        if plugin:
            return plugin(data)
    if not data.strip():
        raise EmptyError(where, "the file is empty", "give a file with text in it")
    text = _read_markup(data, kind, where)
    if text is None:
        text = decode_text(data, where=where, charset=charset, markup=kind in (HTML, ""))
        if not media_type:
            kind = find_text_type(text, kind, told)
    _check_size(text, kind, where, limit)
    if kind == TEXT:
        canonical, page, drafts, spoken = _read_plain(text, language)
    else:
        page = _read_page(text, kind, where)
        _check_drafts(page.drafts, where, limit)
        spoken = language or find_language(_sample(page.drafts), page.language)
        drafts = infer_structure(page.drafts, spoken)
        canonical = assemble_text(drafts)
    _check_drafts(drafts, where, limit)
    _check_words(drafts, page, where)
    _check_language(spoken, where)
    blocks, links = finish_blocks(drafts)
    return Document(
        uri=address if uri is None else uri, text=canonical, blocks=blocks,
        title=find_title(drafts, page.title), language=spoken,
        sha256=hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest(),
        source_sha256=hashlib.sha256(data).hexdigest(), media_type=kind, page=page.address,
        dates=find_dates(drafts, spoken), links=links,
    )  # fmt: skip


def _load(source: str | Path | bytes | Fetched, limit: int) -> tuple[bytes, str, str, str, str]:
    """The bytes of a source, its name in messages, its URI, charset and media type as told."""
    if isinstance(source, Fetched):
        data = _within(source.data, limit, source.uri)
        return data, source.uri, source.uri, source.charset, source.media_type
    if isinstance(source, bytes):
        return _within(source, limit, "the given bytes"), "the given bytes", "", "", ""
    if isinstance(source, str):
        if source == "-":
            data = sys.stdin.buffer.read(limit + 1)
            return _within(data, limit, "standard input"), "standard input", "", "", ""
        if is_web_address(source) and not any(map(str.isspace, source)):
            from policy2dpv.reading.fetch import fetch_page

            page = fetch_page(source, limit=limit)
            return page.data, source, page.uri, page.charset, page.media_type
        if "\n" in source or not source.strip():
            data = source.encode("utf-8", "surrogatepass")
            return _within(data, limit, "the given text"), "the given text", "", "utf-8", ""
    path = Path(source)
    data = _read_file(path, limit)
    return data, str(path), path.name, "", ENDINGS.get(path.suffix.lower(), "")


def _within(data: bytes, limit: int, where: str) -> bytes:
    if len(data) > limit:
        raise ReadError(where, f"larger than {limit:,} bytes", RAISE_LIMIT)
    return data


def _read_file(path: Path, limit: int) -> bytes:
    try:
        if path.is_dir():
            raise ReadError(path, "a folder, not a policy", "name the files in it")
        size = path.stat().st_size
        if size > limit:
            found = f"{size:,} bytes, more than the limit of {limit:,}"
            raise ReadError(path, found, RAISE_LIMIT)
        with path.open("rb") as file:
            return _within(file.read(limit + 1), limit, str(path))
    except FileNotFoundError as error:
        raise ReadError(path, "no such file", "check the path") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        found = f"cannot be read: {reason}"
        raise ReadError(path, found, "check the path and its rights") from error


def _find_plugin(kind: str) -> Callable[[bytes], Document] | None:
    """The reader that is installed for a format."""
    from importlib.metadata import entry_points

    for entry in entry_points(group=READERS, name=kind):
        reader: Callable[[bytes], Document] = entry.load()
        return reader
    return None


def _read_markup(data: bytes, kind: str, where: str) -> str | None:
    """The HTML that a PDF or Word file stands for; None for a text."""
    if kind in ("", HTML, MARKDOWN, TEXT):
        return None
    check_format(data, kind, where)
    if kind == PDF:
        from policy2dpv.reading.read_pdf import pdf_to_html

        return pdf_to_html(data, where=where)
    from policy2dpv.reading.read_docx import docx_to_html

    return docx_to_html(data, where=where)


def _read_plain(text: str, language: str | None) -> tuple[str, Page, list[Draft], str]:
    canonical = text.replace("\r\n", "\n").replace("\r", "\n")
    spoken = language or find_language(canonical)
    return canonical, Page([]), read_text(canonical, spoken), spoken


def _read_page(text: str, kind: str, where: str) -> Page:
    if kind == MARKDOWN:
        from policy2dpv.reading.read_markdown import markdown_to_html

        text = markdown_to_html(text, where=where)
    return read_html(text.encode("utf-8", "replace"), where=where)


def _check_size(text: str, kind: str, where: str, limit: int) -> None:
    """Refuse what no policy is, before it costs time and memory: by its characters or its tags."""
    if kind in (TEXT, MARKDOWN):
        check_count(len(text), "characters", where, limit)
    if kind == MARKDOWN:  # for the end of what a mark begins, its parser looks at length
        check_count(sum(map(text.count, MARKS)), "marks", where, limit)
    if kind != TEXT:
        check_count(text.count("<"), "tags", where, limit)


def _check_drafts(drafts: list[Draft], where: str, limit: int) -> None:
    """Refuse a page that says more than any policy, in characters or in blocks."""
    check_count(len(drafts), "blocks", where, limit)
    check_count(sum(len(draft.text) for draft in drafts), "characters", where, limit)


def check_count(count: int, what: str, where: str, limit: int = LIMIT) -> None:
    """Raise ReadError for more characters, tags, blocks or clauses than any policy has.

    `limit` is the greatest size in bytes that the source may have.

    >>> check_count(10_000_000, "clauses", "policy.html")
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: policy.html: 10,000,000 clauses, more than the limit of 8,000; ...
    """
    most = MOST[what] * max(limit, LIMIT) // LIMIT
    if count > most:
        raise ReadError(where, f"{count:,} {what}, more than the limit of {most:,}", RAISE_LIMIT)


def _sample(drafts: list[Draft]) -> str:
    """Words to tell the language by: prose first, for menus may be in another one."""
    prose = [draft.text for draft in drafts if len(draft.text) > 80]
    return "\n".join(prose[:40] or [draft.text for draft in drafts])


def _check_words(drafts: list[Draft], page: Page, where: str) -> None:
    words = sum(len(draft.text.split()) for draft in drafts)
    if page.scripted and words < FEW_WORDS:
        raise EmptyError(
            where,
            "the page is empty without scripts",
            "open it in a browser, save it as HTML or text, and give that file",
        )
    if not words:
        raise EmptyError(where, "no text in it", "give a file with the policy's text")


def _check_language(language: str, where: str) -> None:
    if language.isalpha() and (data_folder("mappings") / "lexicon" / language).is_dir():
        return
    name = next((known.name for known in load_languages() if known.code == language), "")
    spoken = f"{name} ({language})" if name else f'the language "{language}"'
    if language == UNKNOWN_LANGUAGE:
        spoken = "a script or language"
    error = LanguageError(
        where,
        f"it is in {spoken}{',' if name else ''} for which there are no tables",
        "if that is wrong, name its language with --language",
    )
    error.language = language
    raise error
