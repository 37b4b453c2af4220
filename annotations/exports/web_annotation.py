"""Format `web_annotation`: a JSON-LD array of annotations after the W3C's model."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from typing import Any

from annotations.exports import _carried, _json
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan

# Our own record goes along as one JSON value, under a name that nobody else has.
_TERMS = [
    "http://www.w3.org/ns/anno.jsonld",
    {"@version": 1.1, "newsroom": {"@id": "urn:x-newsroom:record", "@type": "@json"}},
]
_ADDRESS = re.compile(r"""https?://[^\s<>"{}|\\^`]+""")


def lines(
    rows: Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]],
    labels: Sequence[ExportedLabel] = (),
) -> Iterator[bytes]:
    """One array, an annotation (a span) a line, in code points, as the model asks."""
    before = b"[\n"
    for article, spans in rows:
        source, known = _source(article), _carried.by_article(article)
        for span in spans:
            annotation = _annotation(span, source, known)
            yield before + _json.line(annotation).rstrip(b"\n")
            before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def _source(article: ExportedArticle) -> dict[str, Any]:
    """The stored text, named by its hash (RFC 6920): the positions count in it and in no page."""
    hashed = urlsafe_b64encode(bytes.fromhex(article.text_sha256)).decode().rstrip("=")
    source = {"id": f"ni:///sha-256;{hashed}", "type": "Text", "format": "text/plain"}
    if article.language:
        source["language"] = article.language
    if _ADDRESS.fullmatch(article.url):
        source["via"] = article.url
    return source


def _annotation(
    span: ExportedSpan, source: dict[str, Any], known: dict[str, Any]
) -> dict[str, Any]:
    creator = {"type": "Person", "nickname": span.author}
    if span.author is None:
        creator = {"type": "Software", "name": span.origin}
    return {
        "@context": _TERMS,
        "id": f"urn:uuid:{span.uid}",
        "type": "Annotation",
        "motivation": "tagging",
        "creator": creator,
        "body": [{"type": "TextualBody", "purpose": "tagging", "value": span.label}],
        "target": {
            "source": source,
            "selector": [
                {"type": "TextPositionSelector", "start": span.start, "end": span.end},
                {
                    "type": "TextQuoteSelector",
                    "exact": span.text,
                    "prefix": span.prefix,
                    "suffix": span.suffix,
                },
            ],
        },
        "newsroom": {**_carried.by_span(span), "article": known},
    }
