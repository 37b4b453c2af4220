"""Each format has its page, and the line that the page shows is one that the code would write."""

import csv
import io
import json
import re
from pathlib import Path

import msgspec
import pytest
from django.conf import settings

from annotations.exports.table import COLUMNS
from tests.exports.test_formats import OURS, records, unpacked
from tests.exports.test_lines import ARTICLE, SPAN

FOLDER = Path(settings.BASE_DIR, "docs/formats")
OVERVIEW = Path(settings.BASE_DIR, "docs/export-format.md")


def page(format):
    return (FOLDER / f"{format}.md").read_text("utf-8")


def block(format, language):
    """The page's one block of that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", page(format), re.DOTALL | re.MULTILINE)
    return found


def shape(value):
    """Keys in order, and of a list its first item's; what labels bring of their own left out."""
    if isinstance(value, dict):
        if "spans" in value and isinstance(value["spans"], dict):  # by uid
            value = value | {"spans": list(value["spans"].values())}
        return [
            (key, None if key == "attributes" else shape(part))
            for key, part in value.items()
            if not key.startswith("tags_")
        ]
    if isinstance(value, list):
        return [shape(part) for part in value[:1]]
    return type(value).__name__ if isinstance(value, str | bool) else None


def written(format):
    """What the code writes of an article that, like the page's, lacks what is optional."""
    if format == "spacy":
        document = msgspec.msgpack.decode(unpacked((ARTICLE, [SPAN]))["user_data"][0])
        return document
    return records(format, (ARTICLE, [SPAN]))[0]


def keys(found):
    """A shape without what is null in one and filled in the other."""
    if isinstance(found, list):
        return [keys(part) for part in found]
    return (found[0], keys(found[1])) if isinstance(found, tuple) else None


@pytest.mark.parametrize("format", OURS)
def test_each_format_has_its_page_that_the_overview_leads_to(format):
    assert page(format).startswith(f"# `{format}`: ")
    assert f"(formats/{format}.md)" in OVERVIEW.read_text("utf-8")


@pytest.mark.parametrize("format", [format for format in OURS if format != "csv"])
def test_the_line_of_a_page_has_the_keys_that_the_code_writes(format):
    shown = block(format, "json")
    assert shown.count("\n") == 1
    expected, found = written(format), json.loads(shown)
    if format == "web_annotation":  # the seed articles have no address
        del expected["target"]["source"]["via"]
    assert keys(shape(found)) == keys(shape(expected))


def test_the_row_of_the_tables_page_has_its_columns():
    header, row = csv.reader(io.StringIO(block("csv", "csv")))
    assert tuple(header) == COLUMNS
    assert len(row) == len(COLUMNS)


def test_the_spans_of_the_pages_are_their_words():
    prodigy = json.loads(block("prodigy", "json"))
    texts = [prodigy["text"][span["start"] : span["end"]] for span in prodigy["spans"]]
    assert len(texts) == 2
    hugging_face = json.loads(block("hugging_face", "json"))
    assert [span["text"] for span in hugging_face["spans"]] == texts
    (annotation,) = json.loads(block("label_studio", "json"))["annotations"]
    assert [region["value"]["text"] for region in annotation["result"]] == texts
    document = json.loads(block("doccano", "json"))
    assert [document["text"][start:end] for start, end, _ in document["label"]] == texts
    annotation = json.loads(block("web_annotation", "json"))
    assert annotation["target"]["selector"][1]["exact"] == texts[0]


def test_no_page_is_of_a_format_that_there_is_not():
    assert {path.stem for path in FOLDER.glob("*.md")} <= {*OURS, "archive"}
