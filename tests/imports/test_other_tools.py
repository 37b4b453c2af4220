"""What the exports of doccano, Label Studio and Prodigy become."""

import io
import json
from datetime import UTC, datetime

import pytest

from annotations.imports import FORMATS
from annotations.imports.rows import ArticleRow, BadRow, Remark, SpanRow

TEXT = "“We won,” she said."
SPAN = SpanRow("quote", 0, 9, "“We won,”")
KNOWN = {"slug": "cup", "outlet": "Daily", "title": "The  cup\n", "url": "https://example.org/cup"}
READ = {"slug": "cup", "outlet": "Daily", "title": "The cup", "url": "https://example.org/cup"}


def read(format, *values):
    raw = "\n".join(json.dumps(value) for value in values).encode()
    return list(FORMATS[format].read(io.BytesIO(raw), "wire"))


@pytest.mark.parametrize(
    "spans",
    [
        {"label": [[0, 9, "quote"]]},
        {"labels": [[0, 9, "quote"]]},
        {"label": [[0, 9, " quote "]], "Comments": []},
        {"entities": [{"id": 7, "label": "quote", "start_offset": 0, "end_offset": 9}]},
    ],
)
def test_doccano_lines_are_read(spans):
    assert read("doccano", {"id": 1, "text": TEXT, **spans}) == [ArticleRow(1, TEXT, spans=(SPAN,))]


def test_what_else_doccano_keeps_is_told():
    line = {"text": TEXT, "label": ["sport", [0, 9, "quote"]], "relations": [{}, {}]}
    remark, row = read("doccano", line | {"Comments": ["why?"]})
    assert remark.what == (
        "Passed over: 1 × label of the whole text (sport), 2 × relation, 1 × comment."
    )
    assert row.spans == (SPAN,)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"text": TEXT, "label": "quote"}, "“label” must be a list"),
        ({"text": TEXT, "label": [[0, 9]]}, "Span 1 must be [start, end, label], not [0, 9]"),
        ({"text": TEXT, "label": [5]}, "Span 1 must be [start, end, label]"),
        ({"text": "🌉 " + TEXT, "label": [[2, 11, "quote"]]}, "Add “offset_unit”"),
        ({"text": TEXT, "label": [[0, 9, "quote"]], "offset_unit": "bytes"}, "“offset_unit” is"),
        ({"label": []}, "needs a “text”"),
    ],
)
def test_what_doccano_never_wrote_is_refused(line, why):
    (row,) = read("doccano", line)
    assert why in row.why


@pytest.mark.parametrize("declared", [{"offset_unit": "utf16"}, {"meta": {"offset_unit": "utf16"}}])
@pytest.mark.parametrize("format", ["doccano", "prodigy"])
def test_a_line_may_declare_its_unit(format, declared):
    spans = {
        "doccano": {"label": [[3, 12, "quote"]]},
        "prodigy": {"spans": [{"start": 3, "end": 12, "label": "quote"}]},
    }
    remark, row = read(format, {"text": "🌉 " + TEXT, **spans[format], **declared})
    assert remark.what == "Its offsets count UTF-16 units; converted."
    assert row.spans == (SpanRow("quote", 2, 11, "“We won,”"),)


@pytest.mark.parametrize("format", ["doccano", "prodigy"])
@pytest.mark.parametrize("nested", [False, True])
def test_what_a_line_says_of_its_article_under_our_keys_is_read(format, nested):
    known = {"meta": KNOWN} if nested else KNOWN
    (row,) = read(format, {"text": TEXT, "spans": [], "label": [], **known})
    assert row == ArticleRow(1, TEXT, **READ)


def test_what_does_not_fit_is_told_and_left_out():
    known = {"slug": 5, "published_at": "yesterday", "title": "x" * 600, "language": "x" * 40}
    *remarks, row = read("prodigy", {"text": TEXT, "url": "http://[", **known})
    assert [remark.what.split("”")[0] for remark in remarks] == [
        "“slug",
        "“language",
        "“published_at",
    ]
    assert row == ArticleRow(1, TEXT, title="x" * 499 + "…")


@pytest.mark.parametrize("words", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_moment_at_the_end_of_the_calendar_is_told_and_left_out(words):
    remark, row = read("prodigy", {"text": TEXT, "meta": {"published_at": words}})
    assert remark.what.startswith("“published_at” was left out")
    assert row.published_at is None


@pytest.mark.parametrize("words", ["2024-05-28T19:30:00+02:00", "Tue, 28 May 2024 17:30:00 GMT"])
def test_a_moment_with_its_zone_is_read(words):
    (row,) = read("prodigy", {"text": TEXT, "meta": {"published_at": words}})
    assert row.published_at == datetime(2024, 5, 28, 17, 30, tzinfo=UTC)


def test_nobody_is_read_from_another_tool():
    line = {"text": TEXT, "spans": [{"start": 0, "end": 9, "label": "quote"}], "author": "eve"}
    line |= {"_annotator_id": "eve", "state": "approved", "_session_id": "eve", "replaces": "x"}
    assert read("prodigy", line) == [ArticleRow(1, TEXT, spans=(SPAN,))]


@pytest.mark.parametrize("answer", ["reject", "ignore", None, 5])
def test_only_what_was_accepted_in_prodigy_comes_in(answer):
    (row,) = read("prodigy", {"text": TEXT, "spans": [], "answer": answer})
    assert row == BadRow(
        1, f"The answer is {json.dumps(answer)}; only lines that were accepted come in."
    )


def test_the_tokens_of_prodigy_prove_the_unit():
    span = {"start": 3, "end": 12, "label": "quote", "token_start": 1}
    tokens = [
        {"text": "🌉", "start": 0, "end": 2, "id": 0},
        {"text": "“We won,”", "start": 3, "end": 12, "id": 1},
        {"text": " ", "start": 12, "end": 13, "id": 2},
    ]
    line = {"text": "🌉 " + TEXT, "spans": [span], "tokens": tokens}
    remark, row = read("prodigy", line)
    assert "UTF-16" in remark.what
    assert row.spans == (SpanRow("quote", 2, 11, "“We won,”"),)
    (refused,) = read("prodigy", {key: line[key] for key in ("text", "spans")})
    assert "Add “offset_unit”" in refused.why


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"image": "a.png", "spans": []}, "needs a “text”"),
        ({"text": TEXT, "spans": {}}, "“spans” must be a list"),
        ({"text": TEXT, "spans": [5]}, "Span 1 must be an object"),
        ({"text": TEXT, "spans": [], "tokens": 5}, "“tokens” must be a list"),
        (
            {"text": TEXT, "spans": [{"start": 0, "end": 9, "label": "quote", "text": "We"}]},
            "Span 1: its words, “We”, are not those at 0–9 of the text, ““We won,””.",
        ),
    ],
)
def test_what_prodigy_never_wrote_is_refused(line, why):
    (row,) = read("prodigy", line)
    assert why in row.why


def test_choices_and_relations_of_prodigy_are_told():
    remark, row = read("prodigy", {"text": TEXT, "accept": ["A", "B"], "relations": [{}]})
    assert remark.what == "Passed over: 1 × relation, 2 × choice."
    assert row.spans == ()


def region(start, end, text, *labels, **more):
    value = {"start": start, "end": end, "text": text, "labels": list(labels)}
    return {"type": "labels", "from_name": "label", "to_name": "text", "value": value, **more}


def task(*results, **more):
    return {"id": 3, "data": {"text": TEXT}, "annotations": [{"result": list(results)}], **more}


def test_a_task_of_label_studio_is_read():
    rows = read("label_studio", task(region(0, 9, "“We won,”", "quote", "claim")))
    assert rows == [ArticleRow(1, TEXT, spans=(SPAN, SpanRow("claim", 0, 9, "“We won,”")))]


def test_json_min_of_label_studio_is_read():
    line = {
        "id": 3,
        "text": TEXT,
        "label": [{"start": 0, "end": 9, "text": "“We won,”", "labels": ["quote"]}],
        "annotator": 1,
        "annotation_id": 1,
        "note": ["fine"],
    }
    remark, row = read("label_studio", line)
    assert row == ArticleRow(1, TEXT, spans=(SPAN,))
    assert remark.what == "Passed over: 1 × answer (note)."


def test_what_label_studio_knows_besides_is_told():
    choice = {"type": "choices", "from_name": "tone", "to_name": "text", "value": {}}
    relation = {"type": "relation", "from_id": "a", "to_id": "b"}
    remark, row = read("label_studio", task(choice, choice, relation, region(0, 9, TEXT[:9])))
    assert remark.what == (
        "Passed over: 2 × choices (tone), 1 × relation, 1 × span without a label."
    )
    assert row.spans == ()


def test_cancelled_annotations_are_told_and_predictions_read_only_where_nobody_annotated():
    result = [region(0, 9, "“We won,”", "quote")]
    cancelled = {"result": [region(1, 3, "We", "claim")], "was_cancelled": True}
    value = {"data": {"text": TEXT}, "predictions": [{"result": result}]}
    assert read("label_studio", value)[-1].spans == (SPAN,)
    remark, row = read("label_studio", value | {"annotations": [cancelled]})
    assert remark.what == "Passed over: 1 × prediction, 1 × cancelled annotation."
    assert row.spans == ()


def test_spans_of_another_text_of_the_task_are_told():
    value = task(region(0, 3, "The", "quote", to_name="title"))
    value["data"]["title"] = "The cup"
    remark, row = read("label_studio", value)
    assert remark.what == "Passed over: 1 × span of “title”."
    assert (row.title, row.spans) == ("The cup", ())


@pytest.mark.parametrize("kept", ["We won. Again.", "We won.\\nAgain.", "We won.\nAgain."])
def test_line_breaks_that_label_studio_lost_are_found_in_the_text(kept):
    value = task(region(0, 14, kept, "quote"))
    value["data"]["text"] = "We won.\nAgain. End"
    (row,) = read("label_studio", value)
    assert row.spans == (SpanRow("quote", 0, 14, "We won.\nAgain."),)


def test_the_text_of_a_task_may_have_another_name_if_it_is_the_only_string():
    value = {"data": {"body": TEXT, "id": 5}, "annotations": []}
    assert read("label_studio", value) == [ArticleRow(1, TEXT)]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"data": {"a": "x", "b": "y"}}, "call it “text” (there are a, b)"),
        ({"data": {"image": 5}}, "A task needs a “text”"),
        ({"data": []}, "“data” must be an object"),
        (task() | {"annotations": 5}, "“annotations” of the task must be a list"),
        (task() | {"annotations": [5]}, "An annotation must be an object"),
        (task(5), "A result must be an object"),
        (task({"type": "labels", "value": 5}), "Span 1 must be an object"),
        (task(region("/p[1]", 9, "x", "quote")), "Span 1 needs “start”, a whole number"),
        (task(region(0, 9, "We won", "quote")), "its words, “We won”, are not those at 0–9"),
    ],
)
def test_a_task_that_is_none_is_refused(value, why):
    (row,) = read("label_studio", value)
    assert why in row.why


def test_a_remark_is_made_once_a_line():
    rows = read("label_studio", task(region(0, 9, "“We won,”", "quote")), task())
    assert not any(isinstance(row, Remark) for row in rows)
