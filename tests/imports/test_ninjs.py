"""What an IPTC ninjs item becomes, in the shapes that its versions have."""

import io
import json
from datetime import UTC, datetime

import pytest

from annotations.imports import FORMATS
from annotations.imports.rows import ArticleRow

NOON = datetime(2024, 5, 28, 12, 0, tzinfo=UTC)
ITEM = {"uri": "https://example.org/1", "body_text": "We won.\n\nThey lost."}
ROW = ArticleRow(1, "We won.\n\nThey lost.", url="https://example.org/1")
HTML = "<p>We <b>won</b>.</p><p>They&nbsp;lost.</p>"


def read(item):
    return list(FORMATS["ninjs"].read(io.BytesIO(json.dumps(item).encode()), "item.json"))


def test_an_item_of_version_1_is_read():
    item = ITEM | {
        "type": "text",
        "headline": "We won",
        "language": "en-GB",
        "versioncreated": "2024-05-28T14:00:00+02:00",
        "source": "The Agency",
        "byline": "Anna Smith",
        "body_xhtml": "<p>other</p>",
    }
    assert read(item) == [
        ArticleRow(
            1,
            ITEM["body_text"],
            url=ITEM["uri"],
            title="We won",
            language="en-GB",
            published_at=NOON,
            outlet="The Agency",
        )
    ]


@pytest.mark.parametrize("kind", ["contenttype", "contentType"])
@pytest.mark.parametrize("created", ["contentcreated", "contentCreated", "versionCreated"])
def test_an_item_of_version_2_or_3_is_read(kind, created):
    item = {
        "uri": "urn:newsml:example.org:1",
        "headlines": [
            {"role": "short", "value": "Won"},
            {"role": "main", kind: "text/html", "value": "We <i>won</i>"},
        ],
        "bodies": [
            {"role": "summary", "value": "Short."},
            {"role": "main", kind: "text/html; charset=utf-8", "value": HTML},
        ],
        created: "2024-05-28T12:00:00Z",
        "infosources": [{"name": "The Agency", "role": "origin"}],
    }
    (row,) = read(item)
    assert row == ArticleRow(
        1, "We won.\n\nThey\xa0lost.", title="We won", published_at=NOON, outlet="The Agency"
    )


@pytest.mark.parametrize("key", ["body_xhtml", "body_html", "body_html5"])
def test_a_body_in_html_becomes_what_a_reader_sees(key):
    assert read({key: HTML})[0].text == "We won.\n\nThey\xa0lost."


def test_a_plain_body_is_taken_before_one_in_html():
    bodies = [{"contenttype": "text/html", "value": HTML}, {"value": "Plain."}]
    assert read({"bodies": bodies})[0].text == "Plain."


@pytest.mark.parametrize("items", [ITEM, [ITEM]])
def test_an_item_stands_alone_or_in_a_list(items):
    assert read(items) == [ROW]


@pytest.mark.parametrize("provider", ["Agency", {"name": "Agency"}, [{"name": "Agency"}]])
def test_a_provider_is_the_outlet(provider):
    assert read(ITEM | {"provider": provider, "source": "Other"})[0].outlet == "Agency"


def test_what_does_not_fit_is_told():
    remark, row = read(ITEM | {"versioncreated": "2024-05-28"})
    assert remark.what == '“versioncreated” was left out: "2024-05-28" does not fit.'
    assert row == ROW


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"uri": "a", "type": "picture"}, 'no body, so there is no text. It is of type "picture".'),
        ({"uri": "a", "type": "text"}, "The item has no body, so there is no text."),
        ({"uri": "a", "bodies": [5, {"value": 5}]}, "The item has no body"),
        ({"uri": "a", "body_text": 5}, "“body_text” must be a string, not 5"),
        (ITEM | {"pubstatus": "canceled"}, 'not to be used: its status is "canceled"'),
        (ITEM | {"pubStatus": "withheld"}, 'not to be used: its status is "withheld"'),
    ],
)
def test_an_item_without_text_or_not_for_use_is_refused(item, why):
    (row,) = read(item)
    assert why in row.why
