"""Other people's formats, key by key, as docs/formats/ has them; tests/readers loads them."""

import csv
import io
import json
import sys
import zipfile
import zlib
from uuid import UUID

import msgspec
import pytest

from annotations.exports import FORMATS
from annotations.exports._spacy_strings import murmur, number_of
from annotations.exports._utf16 import units_of
from annotations.exports.table import COLUMNS
from annotations.queries.exports import ExportedLabel
from tests.exports.test_lines import ARTICLE, BARE, SPAN, SPAN_LINE, SUGGESTED

LABELS = [ExportedLabel("claim", "Claim"), ExportedLabel("quote", "Quote")]
OURS = [format for format in FORMATS if format not in ("spans", "articles", "archive")]
OF_ARTICLE = {key: SPAN_LINE["article"][key] for key in SPAN_LINE["article"] if key != "replaces"}
OF_SPAN = {
    key: SPAN_LINE[key]
    for key in (
        *("uid", "attributes", "state", "amended", "revision", "origin", "author"),
        *("last_editor", "decided_by", "decided_at", "reason", "guideline_revision"),
        "text_group",
    )
}


def changed(row, **parts):
    """An article or a span like that one, but for these parts."""
    return type(row)(**{name: getattr(row, name) for name in type(row).__match_args__} | parts)


def pieces(format, *rows):
    return FORMATS[format].lines(iter(rows), LABELS)


def written(format, *rows):
    return b"".join(pieces(format, *rows))


def records(format, *rows):
    """What a file of one JSON value, or of a JSON value a line, holds."""
    raw = written(format, *rows)
    if format in ("label_studio", "web_annotation"):
        return json.loads(raw)
    if format == "hugging_face":
        raw = zipfile.ZipFile(io.BytesIO(raw)).read("tokens.jsonl")
    return [json.loads(line) for line in raw.split(b"\n")[:-1]]


def table(*rows):
    return list(csv.DictReader(io.StringIO(written("csv", *rows).decode("utf-8-sig"), newline="")))


def unpacked(*rows):
    return msgspec.msgpack.decode(zlib.decompress(written("spacy", *rows)))


def at(start, end, *, label="quote", article=ARTICLE, number=0):
    return changed(
        SPAN,
        article=article,
        uid=UUID(int=number or start * 1000 + end),
        label=label,
        start=start,
        end=end,
        text=article.text[start:end],
    )


def test_doccano_counts_in_utf_16_units_and_says_so():
    (record,) = records("doccano", (BARE, [SUGGESTED, at(7, 8, article=BARE)]))
    assert BARE.text[7:8] == "."
    assert record["text"] == BARE.text
    assert record["offset_unit"] == "utf16"
    assert record["label"] == [[0, 10, "quote"], [8, 9, "quote"]]
    assert [span["text"] for span in record["spans"]] == [BARE.text, "."]


@pytest.mark.parametrize("text", ["abc", "äöü\uffff", "a😀b🌉🇺🇦c"])
def test_units_are_what_a_browser_counts(text):
    units = units_of(text)
    for offset in range(len(text) + 1):
        assert units(offset) == len(text[:offset].encode("utf-16-le")) // 2


def test_a_doccano_line_has_these_keys():
    (record,) = records("doccano", (ARTICLE, [SPAN]))
    assert record == {
        "text": ARTICLE.text,
        "label": [[40, 43, "quote"]],
        **OF_ARTICLE,
        "offset_unit": "utf16",
        "spans": [{"label": "quote", "text": "010", **OF_SPAN}],
    }


def test_a_prodigy_line_has_tokens_and_spans_that_name_their_first_and_last():
    (record,) = records("prodigy", (ARTICLE, [at(36, 43)]))
    assert record["tokens"][9] == {"text": "009", "start": 36, "end": 39, "id": 9, "ws": True}
    (span,) = record["spans"]
    assert list(span)[:5] == ["start", "end", "token_start", "token_end", "label"]
    assert [span[key] for key in list(span)[:5]] == [36, 43, 9, 10, "quote"]
    assert span.keys() >= OF_SPAN.keys()
    assert record["meta"] == OF_ARTICLE
    assert (record["answer"], record["_view_id"]) == ("accept", "spans_manual")


def test_label_studio_gets_suggestions_as_predictions_and_all_else_as_one_annotation():
    article = ARTICLE
    machine = [
        changed(at(0, 3), state="suggested", author=None, origin=f"suggester:{name}/1")
        for name in ("b", "a")
    ]
    (task,) = records("label_studio", (article, [SPAN, *machine]))
    assert task["data"] == {"text": article.text, **OF_ARTICLE}
    assert [len(each["result"]) for each in task["annotations"]] == [1]
    assert [each["model_version"] for each in task["predictions"]] == [
        "suggester:a/1",
        "suggester:b/1",
    ]
    assert task["annotations"][0]["result"][0] == {
        "id": SPAN_LINE["uid"],
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {"start": 40, "end": 43, "text": "010", "labels": ["quote"]},
        "meta": OF_SPAN,
    }


@pytest.mark.parametrize(
    ("state", "annotations"), [("reviewed", [{"result": []}]), ("in_progress", [])]
)
def test_label_studio_hears_that_nothing_is_there_only_where_that_was_reviewed(state, annotations):
    (task,) = records("label_studio", (changed(BARE, state=state), []))
    assert (task["annotations"], task["predictions"]) == (annotations, [])


def test_a_web_annotation_names_the_text_by_its_hash_and_the_words_twice():
    (record,) = records("web_annotation", (ARTICLE, [SPAN]))
    assert record["id"] == f"urn:uuid:{SPAN_LINE['uid']}"
    assert record["creator"] == {"type": "Person", "nickname": "ann"}
    assert record["body"] == [{"type": "TextualBody", "purpose": "tagging", "value": "quote"}]
    assert record["target"] == {
        "source": {
            "id": "ni:///sha-256;" + 43 * "A",
            "type": "Text",
            "format": "text/plain",
            "language": "en",
            "via": "https://example.org/",
        },
        "selector": [
            {"type": "TextPositionSelector", "start": 40, "end": 43},
            {
                "type": "TextQuoteSelector",
                "exact": "010",
                "prefix": ARTICLE.text[8:40],
                "suffix": ARTICLE.text[43:75],
            },
        ],
    }
    assert record["newsroom"] == {**OF_SPAN, "article": OF_ARTICLE}


def test_a_web_annotation_of_a_machine_says_so_and_leaves_out_what_is_not_known():
    (record,) = records("web_annotation", (changed(BARE, url="not an address"), [SUGGESTED]))
    assert record["creator"] == {"type": "Software", "name": "suggester:quotes/1"}
    assert record["target"]["source"].keys() == {"id", "type", "format"}


def test_of_spans_of_one_label_that_overlap_the_longest_stand_in_the_layer():
    spans = [
        at(0, 7),  # 000 001
        at(4, 19),  # 001 … 004: the longest
        at(16, 23),  # 004 005
        at(20, 27),  # 005 006: as long as the one before, but free
        at(28, 31),
        at(28, 31, label="claim"),
    ]
    (record,) = records("hugging_face", (ARTICLE, spans))
    assert [span["in_layer"] for span in record["spans"]] == [False, True, False, True, True, True]
    assert record["tags_quote"][:9] == [
        *("O", "B-quote", "I-quote", "I-quote", "I-quote", "B-quote", "I-quote", "B-quote", "O")
    ]
    assert record["tags_claim"][6:9] == ["O", "B-claim", "O"]
    assert len(record["tags_claim"]) == len(record["tokens"]) == len(record["starts"])


def test_of_two_of_one_length_the_first_stands():
    (record,) = records("hugging_face", (ARTICLE, [at(0, 7), at(4, 11)]))
    assert [span["in_layer"] for span in record["spans"]] == [True, False]


def test_a_hugging_face_record_has_these_keys_and_features_name_each_of_them():
    archive = zipfile.ZipFile(io.BytesIO(written("hugging_face", (ARTICLE, [SPAN]))))
    features = json.loads(archive.read("features.json"))
    record = json.loads(archive.read("tokens.jsonl"))
    assert list(features) == list(record)
    assert features["spans"][0].keys() == record["spans"][0].keys()
    assert features["tags_quote"] == [{"names": ["O", "B-quote", "I-quote"], "_type": "ClassLabel"}]
    assert json.loads(record["spans"][0]["attributes"]) == OF_SPAN["attributes"]


def test_a_label_that_came_up_meanwhile_is_listed_and_has_no_layer():
    (record,) = records("hugging_face", (ARTICLE, [at(0, 3, label="new")]))
    assert "tags_new" not in record
    assert [(span["label"], span["in_layer"]) for span in record["spans"]] == [("new", False)]


def test_the_same_rows_give_the_same_archive_on_every_day():
    assert written("hugging_face", (ARTICLE, [SPAN])) == written("hugging_face", (ARTICLE, [SPAN]))
    archive = zipfile.ZipFile(io.BytesIO(written("hugging_face")))
    assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_a_row_of_the_table_has_these_cells():
    (row,) = table((ARTICLE, [SPAN]))
    assert tuple(row) == COLUMNS
    assert row == {
        "label": "quote",
        "text": "010",
        "attributes": "speaker: Ä; continues: no",
        "before": ARTICLE.text[:40],
        "after": ARTICLE.text[43:103],
        "title": ARTICLE.title,
        "outlet": "daily",
        "story": "numbers",
        "published_at": "2024-06-03T07:44:46.000000Z",
        "url": "https://example.org/",
        "article": "counting",
        "article_state": "reviewed",
        "state": "approved",
        "reason": "",
        "author": "ann",
        "decided_by": "rob",
        "decided_at": "2024-06-03T07:44:46.000005Z",
        "amended": "yes",
        "origin": "human",
        "start": "40",
        "end": "43",
        "text_group": "1:0123456789abcdef",
        "uid": SPAN_LINE["uid"],
    }


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@home", "'@home"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("＝1", "'＝1"),
        ("'tis", "''tis"),
        ("''", "'''"),
        (" 'tis", " 'tis"),
        ("a=1", "a=1"),
        ('say "a",\nb', 'say "a",\nb'),
        ("5", "5"),
    ],
)
def test_a_cell_that_might_run_gets_an_apostrophe_and_one_off_gives_the_text_back(text, cell):
    (row,) = table((ARTICLE, [changed(SPAN, text=text)]))
    assert row["text"] == cell
    assert row["text"].removeprefix("'") == text


def test_nothing_is_an_empty_cell():
    (row,) = table((BARE, [SUGGESTED]))
    empty = [key for key in row if not row[key]]
    assert empty == [
        *("attributes", "before", "after", "outlet", "story", "published_at", "url"),
        *("reason", "author", "decided_by", "decided_at"),
    ]


def test_a_docbin_holds_the_documents_column_by_column():
    document = unpacked((BARE, []), (ARTICLE, [SPAN]))
    assert document["version"] == "0.1"
    assert document["attrs"] == [65]
    counts = [len(document[name]) for name in ("cats", "flags", "span_groups", "user_data")]
    assert counts == [2, 2, 2, 2]
    assert len(document["tokens"]) == 8 * len(document["spaces"])
    bare, marked = map(msgspec.msgpack.decode, document["user_data"])
    assert bare["spans"] == {}
    assert marked == {"article": OF_ARTICLE, "spans": {SPAN_LINE["uid"]: OF_SPAN}}


def test_a_docbin_names_each_word_once_unless_it_forgets(monkeypatch):
    monkeypatch.setattr("annotations.exports.spacy._KNOWN_WORDS", 1000)
    assert unpacked((ARTICLE, [SPAN]), (ARTICLE, [SPAN]))["strings"].count("001") == 1
    monkeypatch.setattr("annotations.exports.spacy._KNOWN_WORDS", 10)
    forgetful = unpacked((ARTICLE, [SPAN]), (ARTICLE, [SPAN]))
    assert forgetful["strings"].count("001") == 2


def test_a_string_has_the_number_that_spacy_gives_it():
    # As its documentation shows: nlp.vocab.strings["coffee"].
    assert number_of("coffee") == 3197928453018144401
    assert number_of("agent") == 401
    assert number_of("") == 0
    assert murmur(b"agent") != 401


@pytest.mark.parametrize("format", ["spans", "articles", *OURS])
def test_no_more_than_two_articles_are_held_at_a_time(format):
    texts = []

    def rows():
        for number in range(20):
            # Its place in the list and getrefcount's own argument are two; more is somebody's.
            held = sum(sys.getrefcount(texts[at]) > 2 for at in range(len(texts)))
            assert held <= 2
            texts.append(f"{ARTICLE.text} and {number}")
            article = changed(ARTICLE, slug=f"number-{number}", text=texts[-1])
            yield article, [changed(SPAN, article=article)]
            del article

    for _ in FORMATS[format].lines(rows(), LABELS):
        pass
    assert len(texts) == 20
