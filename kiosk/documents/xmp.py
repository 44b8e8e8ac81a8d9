"""The metadata packet of a PDF/A, written by us: the writer's own stamps the time of writing into every file."""

from __future__ import annotations

from datetime import date
from xml.sax.saxutils import escape

# PDF/A wants each schema in its own description; validators reject the attribute style for the pdf schema.
_PACKET = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language></rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:CreatorTool>{tool}</xmp:CreatorTool>
<xmp:CreateDate>{day}T00:00:00+00:00</xmp:CreateDate><xmp:ModifyDate>{day}T00:00:00+00:00</xmp:ModifyDate>
<xmp:MetadataDate>{day}T00:00:00+00:00</xmp:MetadataDate></rdf:Description>
</rdf:RDF></x:xmpmeta>"""


def packet(*, title: str, creator: str, language: str, day: date) -> str:
    """XMP for PDF/A-2U; `day` stands for all three dates, so the same record gives the same bytes."""
    return _PACKET.format(
        title=escape(title), creator=escape(creator), language=language, tool="registration-kiosk", day=day.isoformat()
    )
