"""What articles and spans carry with them in other people's formats, under our own keys.

The keys are those of docs/export-format.md; a trainer needs them to split by story or text
group, and an editor to find the way back.
"""

from typing import Any

from annotations.exports import _json
from annotations.exports.spans import known_of
from annotations.queries.exports import ExportedArticle, ExportedSpan


def by_article(article: ExportedArticle) -> dict[str, Any]:
    """What is known of the article beside its text; null where there is nothing."""
    known = known_of(article)
    del known["replaces"]  # what trains on it has no use for that
    return known | {"text_sha256": article.text_sha256}


def by_span(span: ExportedSpan) -> dict[str, Any]:
    """What is known of the span beside its label, its place and its words."""
    return {
        "uid": str(span.uid),
        "attributes": span.attributes,
        "state": span.state,
        "amended": span.amended,
        "revision": span.revision,
        "origin": span.origin,
        "author": span.author,
        "last_editor": span.last_editor,
        "decided_by": span.decided_by,
        "decided_at": _json.instant(span.decided_at),
        "reason": span.reason,
        "guideline_revision": span.guideline_revision,
        "text_group": span.text_group,
    }
