"""Makers of hostile PDF and Word files; as those of hostile_files.py."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from office_samples import assemble_pdf, make_docx, make_pdf, paragraph

WORDS = [(50, 60, 12, "plain", "We collect your name and your email address.")]
SPACE = "http://schemas.openxmlformats.org/package/2006/relationships"


def pdf_with(*objects: str, trailer: str = "") -> bytes:
    return assemble_pdf(objects, trailer)


def pdf_page_cycle(head: str, piece: str, tail: str, size: int) -> bytes:
    """A tree of pages whose node is its own child, `size` times."""
    kids = " ".join(["2 0 R"] * size)
    return pdf_with(
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {size} /Parent 2 0 R >>",
    )


def pdf_tag_cycle(head: str, piece: str, tail: str, size: int) -> bytes:
    """A tree of tags whose elements are their own children."""
    text = "/P << /MCID 0 >> BDC BT /F 12 Tf 50 700 Td (We collect your name.) Tj ET EMC"
    kids = " ".join(["6 0 R"] * size)
    return pdf_with(
        "<< /Type /Catalog /Pages 2 0 R /StructTreeRoot 5 0 R /MarkInfo << /Marked true >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /StructParents 0 "
        "/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /StructTreeRoot /K 6 0 R /ParentTree << /Nums [0 [6 0 R]] >> >>",
        f"<< /Type /StructElem /S /P /P 5 0 R /Pg 3 0 R /K [0 {kids}] >>",
    )


def pdf_form_cycle(head: str, piece: str, tail: str, size: int) -> bytes:
    """Forms that draw themselves."""
    drawn = "/X Do " * size
    form = f"<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /X 5 0 R >> >> /Length {len(drawn)} >>\nstream\n{drawn}\nendstream"  # noqa: E501
    return pdf_with(
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        "/Resources << /XObject << /X 5 0 R >> >> >>",
        f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream", form,
    )  # fmt: skip


def pdf_form_tree(head: str, piece: str, tail: str, size: int) -> bytes:
    """Forms of which each draws the next ten times: ten to the power of `size`."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        "/Resources << /XObject << /X 5 0 R >> >> >>",
        "<< /Length 5 >>\nstream\n/X Do\nendstream",
    ]  # fmt: skip
    for depth in range(size):
        last = depth == size - 1
        drawn = "BT /F 12 Tf 50 700 Td (We collect your name.) Tj ET" if last else "/X Do " * 10
        needs = ("/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>" if last
                 else f"/XObject << /X {6 + depth} 0 R >>")  # fmt: skip
        objects.append(f"<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << {needs}"
                       f" >> /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")  # fmt: skip
    return assemble_pdf(objects)


def pdf_bomb(head: str, piece: str, tail: str, size: int) -> bytes:
    """A page whose contents unpack to `size` million bytes, packed `tail` times over."""
    data = b"(We collect your name.) Tj " * (size * 1_000_000 // 27)
    times = int(tail or 1)
    for _ in range(times):
        data = zlib.compress(data, 9)
    return _stream_page(data, "/FlateDecode " * times)


def pdf_page_of_words(head: str, piece: str, tail: str, size: int) -> bytes:
    """A page of that many words."""
    lines = "".join(
        f"BT /F 8 Tf {20 + 60 * (n % 9)} {780 - n // 9 % 95 * 8} Td (name{n}) Tj ET\n"
        for n in range(size)
    )
    return _stream_page(zlib.compress(lines.encode()), "/FlateDecode")


def pdf_one_word(head: str, piece: str, tail: str, size: int) -> bytes:
    """A word of that many letters."""
    drawn = b"BT /F 8 Tf 20 700 Td (" + b"A" * size + b") Tj ET"
    return _stream_page(zlib.compress(drawn), "/FlateDecode")


def pdf_leaders(head: str, piece: str, tail: str, size: int) -> bytes:
    """Lines of points, as tables of contents have them."""
    line = piece * 80
    shown = (f"BT /F 6 Tf 20 {790 - 8 * n} Td (Part {n} {line} {n}x y) Tj ET" for n in range(size))
    lines = "\n".join(shown)
    return _stream_page(lines.encode(), "")


def pdf_paths(head: str, piece: str, tail: str, size: int) -> bytes:
    """A page with that many lines drawn on it."""
    drawn = "".join(f"{n % 600} {n // 600} m {n % 590} {n // 590} l S\n" for n in range(size))
    text = "BT /F 12 Tf 50 700 Td (We collect your name.) Tj ET"
    return _stream_page(zlib.compress((drawn + text).encode()), "/FlateDecode")


def _stream_page(data: bytes, filters: str) -> bytes:
    head = assemble_pdf([
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font "
        "<< /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
    ])  # fmt: skip
    body, _, end = head.partition(b"xref\n")
    told = f"4 0 obj\n<< /Filter [{filters}] /Length {len(data)} >>\nstream\n".encode()
    return body + told + data + b"\nendstream\nendobj\n" + b"xref\n" + end


def pdf_object_stream(head: str, piece: str, tail: str, size: int) -> bytes:
    """A stream that says it holds `size` objects, and a cross-reference stream of as many."""
    inner = zlib.compress(b"0 " * 1000)
    table = zlib.compress(b"\x02\x00\x00\x00\x04\x00\x00" * 1000)
    objects = [
        b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
        b"4 0 obj\n<< /Type /ObjStm /N %d /First 4 /Extends 4 0 R /Filter /FlateDecode /Length %d "
        b">>\nstream\n%b\nendstream\nendobj\n" % (size, len(inner), inner),
    ]
    data = b"%PDF-1.7\n" + b"".join(objects)
    return data + (
        b"5 0 obj\n<< /Type /XRef /Size %d /W [1 4 2] /Root 1 0 R /Prev %d /Filter /FlateDecode "
        b"/Length %d >>\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
        % (size, len(data), len(table), table, len(data))
    )


def pdf_reference_loop(head: str, piece: str, tail: str, size: int) -> bytes:
    """A file whose cross-references point back to themselves."""
    made = make_pdf([WORDS], trailer="/Prev 0")
    place = made.rindex(b"startxref\n") + len(b"startxref\n")
    start = int(made[place:].split()[0])
    return made.replace(b"/Prev 0", b"/Prev %d" % start) * size


def pdf_deep_arrays(head: str, piece: str, tail: str, size: int) -> bytes:
    """Arrays in arrays, to that depth."""
    return make_pdf([WORDS], trailer=f"/Deep {'[' * size}{']' * size}")


def pdf_pages(head: str, piece: str, tail: str, size: int) -> bytes:
    """That many pages of one line."""
    return make_pdf([[(50, 60, 12, "plain", f"We collect your name for {_letters(n)}.")]
                     for n in range(size)])  # fmt: skip


def pdf_cut(head: str, piece: str, tail: str, size: int) -> bytes:
    """The first `size` thousandths of a good file."""
    made = make_pdf([WORDS] * 3)
    return made[: len(made) * size // 1000]


def pdf_numbers(head: str, piece: str, tail: str, size: int) -> bytes:
    """Sizes and places that no page has."""
    many = "9" * size
    return make_pdf([[(50, 60, 12, "plain", "We collect your name.")]],
                    drawn=f"\nBT /plain {many} Tf {many} -{many} Td (x) Tj ET")  # fmt: skip


def pdf_script(head: str, piece: str, tail: str, size: int) -> bytes:
    """A file that would run a program and open an address when it is opened."""
    act = "<< /S /Launch /F (/bin/sh) /Next << /S /URI /URI (http://127.0.0.1:9/) >> >>" * size
    made = make_pdf([WORDS])
    return made.replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction " + act.encode())


def docx_text(head: str, piece: str, tail: str, size: int) -> bytes:
    """A body of the head, the piece `size` times, the tail."""
    return make_docx(head + piece * size + tail)


def docx_bomb(head: str, piece: str, tail: str, size: int) -> bytes:
    """An archive whose part unpacks to `size` million bytes."""
    return make_docx(paragraph("We collect your name."), {"word/media.xml": "0" * size * 1_000_000})


def docx_liar(head: str, piece: str, tail: str, size: int) -> bytes:
    """An archive that says its part is small, and it is not."""
    made = bytearray(docx_bomb(head, piece, tail, size))
    place = made.rindex(b"word/media.xml") - 46
    struct.pack_into("<I", made, place + 24, 10)
    return bytes(made)


def docx_parts(head: str, piece: str, tail: str, size: int) -> bytes:
    """An archive of that many parts."""
    parts = {f"word/a{n}.xml": "" for n in range(size)}
    return make_docx(paragraph("We collect your name."), parts)


def docx_twins(head: str, piece: str, tail: str, size: int) -> bytes:
    """An archive whose directory names one large part `size` times."""
    made = docx_bomb(head, piece, tail, 10)
    end = made.rindex(b"PK\x05\x06")
    start = struct.unpack_from("<I", made, end + 16)[0]
    entry = made[made.rindex(b"PK\x01\x02", 0, end) : end]
    directory = made[start:end] + entry * size
    count = struct.unpack_from("<H", made, end + 10)[0] + size
    tail_ = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(directory), start, 0)
    return made[:start] + directory + tail_


def docx_external(head: str, piece: str, tail: str, size: int) -> bytes:
    """Relations to files and addresses outside, used by pictures, frames and links."""
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    targets = ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "\\\\127.0.0.1\\x", "../../x"]
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{base}/{kind}" Target="{targets[n % 4]}" '
        'TargetMode="External"/>'
        for n, kind in enumerate(["image", "hyperlink", "attachedTemplate", "frame"] * size)
    )
    drawing = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006'
        '/wordprocessingDrawing"><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/'
        '2006/main"><a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml'
        '/2006/picture"><pic:blipFill><a:blip r:link="r0"/></pic:blipFill></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    link = '<w:p><w:hyperlink r:id="r1"><w:r><w:t>names</w:t></w:r></w:hyperlink></w:p>'
    body = paragraph("We collect your name.") + (drawing + link) * size
    rels = f'<Relationships xmlns="{SPACE}">{relations}</Relationships>'
    return make_docx(body, {"word/_rels/document.xml.rels": rels})


def docx_entities(head: str, piece: str, tail: str, size: int) -> bytes:
    """A part with a billion laughs; the tail is its encoding."""
    lines = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(size + 1)]
    part = f'<?xml version="1.0" encoding="{tail}"?><!DOCTYPE a [{"".join(lines)}]><a>&l{size};</a>'
    file = io.BytesIO(make_docx(paragraph("We collect your name.")))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("word/styles.xml", part.encode(tail))
    return file.getvalue()


def docx_names(head: str, piece: str, tail: str, size: int) -> bytes:
    """Parts whose names lead out of the archive."""
    names = ["../../../../etc/x.xml", "/etc/x.xml", "C:\\x.xml", "word/" + "a" * 60_000 + ".xml"]
    return make_docx(paragraph("We collect your name."), {name * size: "<a/>" for name in names[:3]}
                     | {names[3]: "<a/>"})  # fmt: skip


def zip_of(head: str, piece: str, tail: str, size: int) -> bytes:
    """An archive that is no Word file: `size` million bytes of zeros under the name in the tail."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(tail, bytes(size * 1_000_000))
    return file.getvalue()


def docx_nested(head: str, piece: str, tail: str, size: int) -> bytes:
    """A body of the head within the piece and the tail, `size` times around it."""
    return make_docx(piece * size + head + tail * size)


def _letters(number: int) -> str:
    """A word for a number, without digits."""
    return "".join(chr(97 + int(digit)) for digit in str(number))
