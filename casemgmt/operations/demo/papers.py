"""Papers of the demo: one page of plain words each, as PDF or as text. Every one says that it is made up."""

NOTICE = "Fictional paper, made for the demo. It concerns nobody."
_WIDTH, _HEIGHT, _MARGIN, _LEADING = 595, 842, 72, 18


def text(*lines: str) -> bytes:
    """A text file."""
    return "\n".join((*lines, "", NOTICE, "")).encode()


def pdf(heading: str, *lines: str) -> bytes:
    """One page A4 in PDF 1.4, which every viewer opens. Latin letters only."""
    written = [f"BT /F1 16 Tf {_MARGIN} {_HEIGHT - _MARGIN} Td ({_escaped(heading)}) Tj ET"]
    written += [
        f"BT /F1 11 Tf {_MARGIN} {_HEIGHT - _MARGIN - 2 * _LEADING - number * _LEADING} Td ({_escaped(line)}) Tj ET"
        for number, line in enumerate((*lines, "", NOTICE))
    ]
    content = "\n".join(written).encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
        % (_WIDTH, _HEIGHT),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
