"""What spans and articles look like when they leave: one module for each format.

docs/export-format.md and docs/formats/ describe them for whoever reads the files. A new format
is one module here with its line in FORMATS, and one page there.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from annotations.exports import (
    articles,
    doccano,
    hugging_face,
    label_studio,
    prodigy,
    spacy,
    spans,
    table,
    web_annotation,
)
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan

Rows = Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]]


class Format(NamedTuple):
    """A format: what it is called and its words on the screen, its file, how rows become bytes.

    bare: articles come along in which no span was chosen (see queries.exports).
    lines: takes the articles with their chosen spans, in order, and the labels that may come up;
    gives the file piece by piece, holding no more than an article or so of it.
    """

    title: str
    words: str
    file_name: str
    media_type: str
    bare: bool
    lines: Callable[[Rows, Sequence[ExportedLabel]], Iterator[bytes]]


_JSON_LINES = "application/jsonl; charset=utf-8"

FORMATS = {
    "spans": Format("Spans", "one line a span", "spans.jsonl", _JSON_LINES, False, spans.lines),
    "articles": Format(
        "Articles",
        "one line an article, with its text and spans",
        "articles.jsonl",
        _JSON_LINES,
        True,
        articles.lines,
    ),
    "csv": Format(
        "CSV",
        "one row a span, for a spreadsheet",
        "spans.csv",
        "text/csv; charset=utf-8",
        False,
        table.lines,
    ),
    "spacy": Format(
        "spaCy",
        "for training, all spans in a span group",
        "spans.spacy",
        "application/octet-stream",
        True,
        spacy.lines,
    ),
    "hugging_face": Format(
        "Hugging Face",
        "tokens with tags, for its datasets",
        "hugging-face.zip",
        "application/zip",
        True,
        hugging_face.lines,
    ),
    "prodigy": Format(
        "Prodigy", "examples, for its db-in", "prodigy.jsonl", _JSON_LINES, True, prodigy.lines
    ),
    "doccano": Format(
        "doccano", "to import as JSONL", "doccano.jsonl", _JSON_LINES, True, doccano.lines
    ),
    "label_studio": Format(
        "Label Studio",
        "to import as tasks",
        "label-studio.json",
        "application/json",
        True,
        label_studio.lines,
    ),
    "web_annotation": Format(
        "Web Annotation",
        "one W3C annotation a span, for other tools",
        "web-annotations.jsonld",
        'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"',
        False,
        web_annotation.lines,
    ),
}
