"""Format `hugging_face`: tokens with IOB tags and the features file that `datasets` reads.

One flat layer a label: a token has one tag there. Of spans of one label that overlap, the
longest stands in the layer; `spans` lists all, and says of each whether it does.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from annotations.exports import _carried, _json
from annotations.exports._tokens import places, tokens
from annotations.exports._zip import zipped
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan

Run = tuple[int, int]  # of tokens, half-open


def lines(
    rows: Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]],
    labels: Sequence[ExportedLabel] = (),
) -> Iterator[bytes]:
    """A zip archive of `features.json` and `tokens.jsonl`, a line an article, in code points."""
    slugs = [label.slug for label in labels]
    features = _json.line(_features(slugs))
    records = (_json.line(_record(article, spans, slugs)) for article, spans in rows)
    return zipped([("features.json", [features]), ("tokens.jsonl", records)])


def _record(
    article: ExportedArticle, spans: Sequence[ExportedSpan], labels: list[str]
) -> dict[str, Any]:
    text = article.text
    words = [token for token in tokens(text, spans) if not token.blank]
    runs = list(places(words, spans))
    layers, standing = {}, set()
    for label in labels:
        chosen = _longest_first(
            [(at, span) for at, span in enumerate(spans) if span.label == label], runs
        )
        layers[f"tags_{label}"] = _tags(label, len(words), [runs[at] for at in chosen])
        standing.update(chosen)
    return {
        **_carried.by_article(article),
        "text": text,
        "tokens": [text[token.start : token.end] for token in words],
        "starts": [token.start for token in words],
        "ends": [token.end for token in words],
        **layers,
        "spans": [_listed(span, runs[at], at in standing) for at, span in enumerate(spans)],
    }


def _longest_first(numbered: list[tuple[int, ExportedSpan]], runs: list[Run]) -> list[int]:
    """Those of the spans that can stand in one layer: the longest, then what it leaves room for.

    numbered: spans with their places in `runs`. Of two of one length the first stands.
    """
    taken: set[int] = set()
    chosen = []
    for at, _ in sorted(numbered, key=lambda pair: pair[1].start - pair[1].end):
        tokens_of_it = range(*runs[at])
        if taken.isdisjoint(tokens_of_it):
            taken.update(tokens_of_it)
            chosen.append(at)
    return chosen


def _tags(label: str, length: int, runs: list[Run]) -> list[str]:
    tags = ["O"] * length
    for first, behind in runs:
        tags[first:behind] = [f"I-{label}"] * (behind - first)
        tags[first] = f"B-{label}"
    return tags


def _listed(span: ExportedSpan, run: Run, standing: bool) -> dict[str, Any]:
    """A span with its place; its attributes, which differ by label, as JSON in a string."""
    known = _carried.by_span(span)
    known["attributes"] = msgspec.json.encode(span.attributes).decode()
    return {
        "label": span.label,
        "start": span.start,
        "end": span.end,
        "text": span.text,
        "token_start": run[0],
        "token_end": run[1],
        "in_layer": standing,
        **known,
    }


def _value(dtype: str) -> dict[str, str]:
    return {"dtype": dtype, "_type": "Value"}


def _features(labels: list[str]) -> dict[str, Any]:
    """The types of a record's keys, as `datasets.Features.from_dict` takes them."""
    string, number, boolean = _value("string"), _value("int32"), _value("bool")
    of_article = "slug outlet title url published_at language story state text_sha256 text"
    of_span = (
        *("label", "start", "end", "text", "token_start", "token_end", "in_layer", "uid"),
        *("attributes", "state", "amended", "revision", "origin", "author", "last_editor"),
        *("decided_by", "decided_at", "reason", "guideline_revision", "text_group"),
    )
    numbers = {"start", "end", "token_start", "token_end", "revision", "guideline_revision"}
    types = dict.fromkeys(numbers, number) | {"in_layer": boolean, "amended": boolean}
    return {
        **dict.fromkeys(of_article.split(), string),
        "tokens": [string],
        "starts": [number],
        "ends": [number],
        **{
            f"tags_{label}": [{"names": ["O", f"B-{label}", f"I-{label}"], "_type": "ClassLabel"}]
            for label in labels
        },
        "spans": [{key: types.get(key, string) for key in of_span}],
    }
