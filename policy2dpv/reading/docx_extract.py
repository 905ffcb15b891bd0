"""DOCX -> HTML by mammoth. Run in a child process: it imports nothing of the package."""

from __future__ import annotations

import io
import zipfile
from typing import Any

MOST_PARTS, MOST_TAGS = 5_000, 400_000
LARGEST = 100_000_000
PLAIN = "save it again from the program that made it"
# What mammoth's own map leaves out: titles, captions, and lists whose depth is in the style's name.
STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='caption'] => figcaption:fresh
p[style-name='Caption'] => figcaption:fresh
p[style-name='Heading 7'] => h6:fresh
p[style-name='Heading 8'] => h6:fresh
p[style-name='Heading 9'] => h6:fresh
p[style-name='List Bullet'] => ul > li:fresh
p[style-name='List Bullet 2'] => ul|ol > li > ul > li:fresh
p[style-name='List Bullet 3'] => ul|ol > li > ul|ol > li > ul > li:fresh
p[style-name='List Number'] => ol > li:fresh
p[style-name='List Number 2'] => ul|ol > li > ol > li:fresh
p[style-name='List Number 3'] => ul|ol > li > ul|ol > li > ol > li:fresh
u => u
"""


def extract(data: bytes) -> dict[str, Any]:
    """The document as HTML, {"html": ...}, or why it is refused, {"fault": [found, advice]}.

    Pictures are left out, external files are not opened, no entity is resolved.
    """
    import mammoth
    from mammoth.images import img_element

    fault = check_archive(data)
    if fault:
        return {"fault": [fault, PLAIN]}

    made = mammoth.convert_to_html(
        io.BytesIO(data), style_map=STYLES, convert_image=img_element(no_picture),
        external_file_access=False,
        include_embedded_style_map=False,
    )  # fmt: skip
    return {"html": made.value}


def no_picture(image: object) -> dict[str, str]:
    """What stands for a picture: no bytes of it."""
    return {"src": ""}


def check_archive(data: bytes) -> str:
    """What is wrong with the archive, or nothing.

    It may not unpack to more than `LARGEST` bytes, and its parts may not declare entities:
    no word processor writes them.

    >>> import io, zipfile
    >>> file = io.BytesIO()
    >>> with zipfile.ZipFile(file, "w") as archive:
    ...     archive.writestr("word/document.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    >>> check_archive(file.getvalue())
    'its part word/document.xml declares XML entities'
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        if len(parts) > MOST_PARTS or size > LARGEST:
            return f"it unpacks to {len(parts):,} parts with {size:,} bytes"
        if any(part.flag_bits & 1 for part in parts):
            return "its parts are encrypted"
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                words = archive.read(part).replace(b"\0", b"")
                if words.count(b"<") > MOST_TAGS:
                    return f"its part {part.filename[:80]} has more than {MOST_TAGS:,} tags"
                if b"<!DOCTYPE" in words or b"<!ENTITY" in words:
                    return f"its part {part.filename[:80]} declares XML entities"
        if "word/document.xml" not in archive.namelist() and not any(
            part.filename.startswith("word/") for part in parts
        ):
            return "it is an archive, but no Word document"
    return ""
