"""Format `doccano`: JSON Lines as doccano's sequence labeling imports them."""

import json
from collections.abc import Iterator, Sequence

from annotations.exports import _carried
from annotations.exports._utf16 import units_of
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan

# In ASCII: unless told, doccano guesses a file's encoding, and this is right under every guess.
_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def lines(
    rows: Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]],
    labels: Sequence[ExportedLabel] = (),
) -> Iterator[bytes]:
    """A line for each article. doccano's screen counts in UTF-16 units, so these offsets do."""
    for article, spans in rows:
        units = units_of(article.text)
        marked = [[units(span.start), units(span.end), span.label] for span in spans]
        yield (
            _encode(
                {
                    "text": article.text,
                    "label": marked,
                    **_carried.by_article(article),
                    "offset_unit": "utf16",
                    "spans": [
                        {"label": span.label, "text": span.text, **_carried.by_span(span)}
                        for span in spans
                    ],
                }
            ).encode()
            + b"\n"
        )
