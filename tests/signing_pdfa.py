"""A small document as an archive wants it: PDF/A-1b or -2b, written object by object."""

from __future__ import annotations

import hashlib

from PIL import ImageCms

_META = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>{part}</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def archive_document(part: int = 2) -> bytes:
    """One page with a drawing, no text; part: 1 (PDF 1.4, no transparency) or 2."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if part == 1:
        profile = profile[:8] + b"\x02\x10\x00\x00" + profile[12:]  # PDF 1.4 knows profiles up to version 2
    drawing = b"0.7 0.1 0.1 rg 100 600 300 60 re f 0 0 0 RG 2 w 100 500 m 400 520 l S"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R /OutputIntents [6 0 R] >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << >> >>",
        _stream(b"", drawing),
        _stream(b"/Type /Metadata /Subtype /XML ", _META.format(part=part).encode()),
        b"<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /DestOutputProfile 7 0 R >>",
        _stream(b"/N 3 ", profile),
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" if part == 1 else b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, name = len(out), hashlib.sha256(out).hexdigest()[:32].encode()
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /ID [<%s> <%s>] >>\n" % (len(objects) + 1, name, name)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _stream(words: bytes, data: bytes) -> bytes:
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (words, len(data), data)
