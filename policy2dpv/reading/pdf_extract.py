"""PDF -> words with places, and the tags that say what they are. Run in a child process.

It imports nothing of the package. Places are points (1/72 inch) from a page's upper left corner.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

MOST_PAGES, MOST_CHARACTERS, MOST_TAGS = 2_000, 1_000_000, 100_000
DEEPEST, MOST_WORDS, MOST_SHAPES, MOST_LINKS = 60, 50_000, 5_000, 500
LOCKED = ["it is protected by a password", "save it without one"]
NO_PDF = ["it is no PDF, or a damaged one", "open it and save it as PDF again"]
BOLD_WEIGHT = 600
FORCE_BOLD, ITALIC = 1 << 18, 1 << 6
SPACES = frozenset((9, 10, 11, 12, 13, 32, 160, 0x2003, 0x2002, 0x2009, 0x202F))
HYPHENS = (2, 0xFFFE)
LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl",
             0xFB05: "st", 0xFB06: "st"}  # fmt: skip
DINGBATS = ("wingdings", "dingbats", "webdings")
BULLET = "•"
UNMARKED = -1

# text, left, top, right, bottom, size, bold, italic, marked content, space before, drawn apart
Word = list[Any]
Box = tuple[float, float, float, float]
Place = Callable[[float, float, float, float], list[float]]
Look = tuple[float, bool, bool, int, bool]


def extract(data: bytes) -> dict[str, Any]:
    """The pages with their words, tags and links, or {"fault": [found, advice]}."""
    import pypdfium2 as pdfium
    from pypdfium2 import raw

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        return {"fault": LOCKED if code == raw.FPDF_ERR_PASSWORD else NO_PDF}
    count = len(document)
    if count > MOST_PAGES:
        return {"fault": [f"it has {count:,} pages, more than {MOST_PAGES:,}", "give a part of it"]}
    pages: list[dict[str, Any]] = []
    characters = shapes = 0
    for number in range(count):
        try:
            page = document[number]
        except pdfium.PdfiumError:
            continue
        found = read_page(page)
        characters += sum(len(word[0]) for word in found["words"])
        if characters > MOST_CHARACTERS or len(found["words"]) > MOST_WORDS:
            return {"fault": ["it holds more text than a policy", "give the part that is one"]}
        shapes += len(found["shapes"])
        if shapes > 10 * MOST_SHAPES:
            found["shapes"] = []
        pages.append(found)
    return {"pages": pages, "title": document.get_metadata_value("Title"),
            "language": _language(document)}  # fmt: skip


def read_page(page: Any) -> dict[str, Any]:
    """One page: its size, words in the order in which they are drawn, tags, links, pictures."""
    from pypdfium2 import raw

    width, height = page.get_size()
    place = placer(page.get_bbox(), page.get_rotation())
    text = page.get_textpage()
    words = list(read_words(text.raw, place))
    return {
        "width": width, "height": height, "words": words, "tags": read_tags(page.raw),
        "links": list(_links(page, place)), "shapes": list(_shapes(page, place)),
        "pictures": sum(1 for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)),
    }  # fmt: skip


def placer(bounds: Box, rotation: int) -> Place:
    """What turns a box (left, bottom, right, top) of a file into left, top, right, bottom as seen.

    `bounds` is the page's box in the file, `rotation` how many degrees it is shown turned by.

    >>> placer((0, 0, 600, 800), 0)(10, 700, 20, 710), placer((0, 0, 600, 800), 90)(0, 0, 5, 9)
    ([10, 90, 20, 100], [0, 0, 9, 5])
    """
    x0, y0, x1, y1 = bounds
    width, height = x1 - x0, y1 - y0

    def turn(x: float, y: float) -> tuple[float, float]:
        if rotation == 90:
            return y, x
        if rotation == 180:
            return width - x, y
        return (height - y, width - x) if rotation == 270 else (x, height - y)

    def place(left: float, bottom: float, right: float, top: float) -> list[float]:
        one, other = turn(left - x0, bottom - y0), turn(right - x0, top - y0)
        places = (*map(min, one, other), *map(max, one, other))
        return [round(value, 2) for value in places]

    return place


def _shapes(page: Any, place: Place) -> Iterator[list[float]]:
    """What is drawn besides text: left, top, right, bottom of each path."""
    from pypdfium2 import raw

    paths = page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=3)
    for _, path in zip(range(MOST_SHAPES), paths, strict=False):
        yield place(*path.get_bounds())


def read_words(text: Any, place: Place) -> Iterator[Word]:
    """The words of a page: what spaces, line ends and changes of the type part."""
    from pypdfium2 import raw

    unicode, of_object = raw.FPDFText_GetUnicode, raw.FPDFText_GetTextObject
    looks: dict[int, Look] = {}
    letters: list[str] = []
    first = last = 0
    held = drawn_last = -1
    spaced = False
    for index in range(max(raw.FPDFText_CountChars(text), 0)):
        code = unicode(text, index)
        drawn = of_object(text, index)
        owner = ctypes.addressof(drawn.contents) if drawn else 0
        blank = code in SPACES or (code < 32 and code not in HYPHENS)
        if letters and (blank or owner != held):
            yield _word(text, place, letters, first, last, looks[held], spaced, held != drawn_last)
            drawn_last, letters, spaced = held, [], False
        if blank:
            spaced = True
            continue
        if owner not in looks:
            looks[owner] = _look(text, index, drawn)
        if not letters:
            first, held = index, owner
        last = index
        letters.append(BULLET if looks[owner][4] else _letter(code))
    if letters:
        yield _word(text, place, letters, first, last, looks[held], spaced, held != drawn_last)


def _letter(code: int) -> str:
    """The characters that a code point stands for; a ligature is its letters.

    >>> _letter(0xFB01), _letter(2), _letter(65)
    ('fi', '-', 'A')
    """
    if code in HYPHENS:
        return "-"
    return LIGATURES.get(code) or (chr(code) if code < 0x110000 else "\ufffd")


def _word(
    text: Any, place: Place, letters: list[str], first: int, last: int,
    look: Look, spaced: bool, apart: bool,
) -> Word:  # fmt: skip
    box = _box(text, first, place)
    if last != first:
        other = _box(text, last, place)
        box = [*map(min, box[:2], other[:2]), *map(max, box[2:], other[2:])]
    size, bold, italic, mark, _ = look
    return ["".join(letters), *box, size, bold, italic, mark, spaced, apart]


def _box(text: Any, index: int, place: Place) -> list[float]:
    from pypdfium2 import raw

    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text, index, box)
    return place(box.left, box.bottom, box.right, box.top)


def _look(text: Any, index: int, drawn: Any) -> Look:
    """Its size in points, whether it is bold or italic, its marked content, whether a dingbat."""
    from pypdfium2 import raw

    size = raw.FPDFText_GetFontSize(text, index)
    matrix = raw.FS_MATRIX()
    if raw.FPDFText_GetMatrix(text, index, matrix):
        size *= (matrix.c**2 + matrix.d**2) ** 0.5
    flags = ctypes.c_int(0)
    name = _string(
        lambda buffer, room: raw.FPDFText_GetFontInfo(text, index, buffer, room, flags), "utf-8"
    ).casefold()
    weight = raw.FPDFText_GetFontWeight(text, index)
    bold = weight >= BOLD_WEIGHT or bool(flags.value & FORCE_BOLD) or "bold" in name
    italic = bool(flags.value & ITALIC) or "italic" in name or "oblique" in name
    mark = raw.FPDFPageObj_GetMarkedContentID(drawn) if drawn else UNMARKED
    return round(size, 2), bold, italic, mark, any(sign in name for sign in DINGBATS)


def read_tags(page: Any) -> list[Any]:
    """The page's part of the structure tree: [type, rows, columns, [child or number, ...]]."""
    from pypdfium2 import raw

    tree = raw.FPDF_StructTree_GetForPage(page)
    if not tree:
        return []
    left = [MOST_TAGS]
    try:
        count = raw.FPDF_StructTree_CountChildren(tree)
        tops = (raw.FPDF_StructTree_GetChildAtIndex(tree, index) for index in range(count))
        return [_tag(top, left, 0) for top in tops if top]
    finally:
        raw.FPDF_StructTree_Close(tree)


def _tag(element: Any, left: list[int], depth: int) -> list[Any]:
    from pypdfium2 import raw

    left[0] -= 1
    kind = _string(partial(raw.FPDF_StructElement_GetType, element), "utf-16-le")
    children: list[Any] = []
    if depth < DEEPEST:
        for index in range(max(raw.FPDF_StructElement_CountChildren(element), 0)):
            if left[0] <= 0:
                break
            child = raw.FPDF_StructElement_GetChildAtIndex(element, index)
            mark = raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
            if child:
                children.append(_tag(child, left, depth + 1))
            elif mark >= 0:
                children.append(mark)
    rows, columns = _span(element, b"RowSpan"), _span(element, b"ColSpan")
    return [kind, rows, columns, children]


def _span(element: Any, name: bytes) -> int:
    from pypdfium2 import raw

    for index in range(max(raw.FPDF_StructElement_GetAttributeCount(element), 0)):
        attribute = raw.FPDF_StructElement_GetAttributeAtIndex(element, index)
        value = attribute and raw.FPDF_StructElement_Attr_GetValue(attribute, name)
        number = ctypes.c_float(0)
        if value and raw.FPDF_StructElement_Attr_GetNumberValue(value, number):
            return max(1, min(int(number.value), 1000))
    return 1


def _links(page: Any, place: Place) -> Iterator[list[Any]]:
    """The web and mail addresses that are linked: left, top, right, bottom, address."""
    from pypdfium2 import raw

    document, position = page.pdf.raw, ctypes.c_int(0)
    link = raw.FPDF_LINK()
    for _ in range(MOST_LINKS):
        if not raw.FPDFLink_Enumerate(page.raw, position, link):
            break
        action = raw.FPDFLink_GetAction(link)
        box = raw.FS_RECTF()
        if not action or not raw.FPDFLink_GetAnnotRect(link, box):
            continue
        address = _string(partial(raw.FPDFAction_GetURIPath, document, action), "utf-8")
        if address:
            yield [*place(box.left, box.bottom, box.right, box.top), address[:2000]]


def _language(document: Any) -> str:
    from pypdfium2 import raw

    get = getattr(raw, "FPDFCatalog_GetLanguage", None)
    if get is None:
        return ""

    def ask(buffer: Any, room: int) -> int:
        wide = buffer and ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR))
        length: int = get(document.raw, wide, room)
        return length

    return _string(ask, "utf-16-le")


def _string(ask: Callable[[Any, int], int], encoding: str) -> str:
    """A string that the library writes into a buffer of the length that it names first."""
    length = ask(None, 0)
    if length <= 0 or length > 1_000_000:
        return ""
    buffer = ctypes.create_string_buffer(length)
    ask(buffer, length)
    return buffer.raw.decode(encoding, "replace").rstrip("\0")
