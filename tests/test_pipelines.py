"""Files in and files out, the whole way: exact to the character, or refused with a sentence."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions, pipelines
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import State
from annotations.domain.refusals import Illegal, Invalid
from annotations.domain.text import clean
from annotations.models import Article, Deed, Event, Outlet, Span
from annotations.queries.exports import ExportFilter
from tests.factories import load_labels, make_article, make_deed, make_span, make_user

NASTY = Path(__file__).parent / "data/nasty"
with (NASTY / "texts.jsonl").open(encoding="utf-8", newline="\n") as file:
    CASES = [json.loads(line) for line in file]
OK = [pytest.param(case, id=case["id"]) for case in CASES if case["expect"] == "ok"]
REJECTED = [pytest.param(case, id=case["id"]) for case in CASES if case["expect"] == "reject"]
SPANS = json.loads((NASTY / "spans.json").read_text("utf-8"))
BAD_SPANS = [pytest.param(span, id=span["why"]) for span in SPANS["bad"]]
# What each label asks before approval.
ATTRIBUTES = {"quote": {"form": "scare"}, "boilerplate": {"kind": "other"}, "claim": {}}


@pytest.fixture
def labels(db):
    load_labels()


def bring_in(*lines, name="wire.jsonl", format=None, **options):
    raw = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return pipelines.import_file(io.BytesIO(raw), name, format, **options)


def export(format="spans", **chosen):
    exported = b"".join(pipelines.export(format, ExportFilter(**chosen)))
    return [json.loads(line) for line in exported.split(b"\n")[:-1]]


def place(span):
    return {key: span[key] for key in ("label", "start", "end", "text")}


def nothing_is_stored():
    return not any(model.objects.exists() for model in (Article, Span, Event, Deed, Outlet))


@pytest.mark.parametrize("case", OK)
def test_every_span_of_a_nasty_text_goes_in_and_comes_out_exactly(case, labels):
    report = bring_in({"slug": case["id"], "text": case["text"]})
    assert (len(report.added), report.refused) == (1, [])
    article = Article.objects.get(slug=case["id"])
    assert article.text == case["text"].replace("\r\n", "\n").replace("\r", "\n")

    annotator, reviewer = make_user(annotator=True), make_user(reviewer=True)
    moved = clean(case["text"]).moved
    for span in case["spans"]:
        proposed = actions.propose(
            article=article.slug,
            label=span["label"],
            extent=Extent(moved(span["start"]), moved(span["end"])),
            text=span["text"],
            attributes=ATTRIBUTES[span["label"]],
            deed=make_deed(annotator),
        ).span
        actions.approve(span=proposed.uid, seen=1, deed=make_deed(reviewer))

    lines = export()
    assert [line["text"] for line in lines] == [
        span["text"] for span in sorted(case["spans"], key=lambda span: span["start"])
    ]
    assert all(line["text"] == article.text[line["start"] : line["end"]] for line in lines)
    (whole,) = export("articles")
    assert whole["text"] == article.text
    assert [place(span) for span in whole["spans"]] == [place(line) for line in lines]


@pytest.mark.parametrize("case", OK)
def test_every_span_of_a_nasty_text_comes_in_as_a_suggestion_at_its_place(case, labels):
    report = bring_in({"text": case["text"], "spans": [place(span) for span in case["spans"]]})
    assert report.refused == []
    spans = Span.objects.order_by("pk")
    assert [span.text for span in spans] == [span["text"] for span in case["spans"]]
    assert {span.state for span in spans} == {State.SUGGESTED}
    assert {span.origin for span in spans} == {"import:wire.jsonl"}


@pytest.mark.parametrize("case", OK)
def test_a_nasty_text_comes_in_as_a_file_of_its_own(case, db):
    pipelines.import_file(io.BytesIO(case["text"].encode()), f"{case['id']}.txt")
    article = Article.objects.get(slug=case["id"])
    assert article.text == clean(case["text"]).text


@pytest.mark.parametrize("case", REJECTED)
def test_a_text_that_cannot_be_stored_is_refused_and_leaves_nothing(case, db):
    report = bring_in({"text": case["text"], "outlet": "Daily"})
    assert [row.line for row in report.refused] == [1]
    assert report.refused[0].why.endswith(".")
    assert nothing_is_stored()


@pytest.mark.parametrize("case", REJECTED)
def test_the_action_refuses_such_a_text_too(case, db):
    with pytest.raises(Invalid):
        actions.add_article(
            text=case["text"],
            particulars=actions.Particulars(outlet="Daily"),
            deed=actions.deed_of_machine("import:test"),
        )
    assert nothing_is_stored()


@pytest.mark.parametrize("span", [*BAD_SPANS, pytest.param(SPANS["text_mismatch"], id="mismatch")])
def test_a_bad_span_refuses_its_line_and_leaves_nothing(span, labels):
    text, good = SPANS["text"], SPANS["ok"]
    bad = {"text": "x"} | span
    report = bring_in({"text": text, "outlet": "Daily", "spans": [good, bad]}, {"text": "Good."})
    assert [row.line for row in report.refused] == [1]
    assert [added.line for added in report.added] == [2]
    assert not Span.objects.exists()
    assert not Outlet.objects.exists()
    assert Article.objects.get().text == "Good."


@pytest.mark.parametrize("label", ["\0", "\ud800", "x" * 300])
def test_a_label_that_no_database_could_name_is_refused(label, labels):
    report = bring_in({"text": "We won.", "spans": [SPANS["ok"] | {"label": label}]})
    assert len(report.refused) == 1


def test_anchored_attributes_move_with_the_line_ends(labels):
    text = "Headline\r\n\r\nShe said:\r\n“We won.”"
    speaker = {"value": "She", "start": 12, "end": 15}
    start = text.index("“")
    span = {"label": "quote", "start": start, "end": len(text), "text": "“We won.”"}
    report = bring_in({"text": text, "spans": [span | {"attributes": {"speaker": speaker}}]})
    assert report.refused == []
    stored, article = Span.objects.get(), Article.objects.get()
    said = stored.attributes["speaker"]
    assert article.text[said["start"] : said["end"]] == "She"
    assert stored.extent.of(article.text) == "“We won.”"


def test_an_unknown_attribute_refuses_the_line(labels):
    report = bring_in({"text": SPANS["text"], "spans": [SPANS["ok"] | {"attributes": {"x": "y"}}]})
    assert report.refused[0].why == "This label has no attribute “x”."


def test_a_span_that_stands_twice_in_a_file_comes_once_and_is_told(labels):
    report = bring_in({"text": SPANS["text"], "spans": [SPANS["ok"], SPANS["ok"]]})
    assert report.added[0].suggestions == 1
    assert [remark.what for remark in report.remarks] == ["1 span(s) stood there twice."]


def test_an_article_comes_in_with_its_spans_in_one_deed(labels):
    bring_in({"text": SPANS["text"], "spans": [SPANS["ok"]]}, name="folder/wire.jsonl")
    deed = Deed.objects.get()
    assert (deed.machine, deed.actor) == ("import:wire.jsonl", None)
    assert [event.action for event in deed.events.all()] == ["import", "suggest"]
    assert Article.objects.get().revision == 1


def test_what_is_known_is_reported_and_left_alone(labels):
    first = {"slug": "cup", "title": "We won", "text": "We won."}
    bring_in(first)
    span = {"label": "quote", "start": 0, "end": 2, "text": "We"}
    report = bring_in(
        first | {"title": "They lost", "spans": [span]}, first | {"text": "They lost."}
    )
    assert [(known.slug, known.differs) for known in report.known] == [
        ("cup", False),
        ("cup", True),
    ]
    assert Article.objects.get().title == "We won"
    assert not Span.objects.exists()


def test_a_label_is_meant_by_its_name_too_and_one_that_there_is_not_refuses_its_line(labels):
    spans = [SPANS["ok"] | {"label": label} for label in ("Quote", "QUOTE", "quote")]
    rumour = SPANS["ok"] | {"label": "Rumour"}
    report = bring_in(
        {"text": SPANS["text"], "spans": spans},
        {"text": SPANS["text"] + "!", "spans": [SPANS["ok"], rumour]},
    )
    assert [span.label.slug for span in Span.objects.select_related("label")] == ["quote"]
    assert [row.what for row in report.remarks] == ["2 span(s) stood there twice."]
    assert [(row.line, row.why) for row in report.refused] == [
        (2, "There is no label “Rumour”; there are boilerplate, claim, quote.")
    ]


def test_a_file_cannot_forge_an_approval(labels):
    span = make_span(state=State.APPROVED, label="claim")
    (line,) = export("articles")
    forged = line | {"slug": "forged", "url": None, "outlet": "Elsewhere"}
    assert bring_in(forged).refused == []
    copy = Span.objects.exclude(pk=span.pk).get()
    assert (copy.state, copy.author, copy.decided_by) == (State.SUGGESTED, None, None)
    assert (copy.article.state, copy.revision) == ("open", 1)
    assert copy.uid != span.uid


def test_what_was_exported_comes_in_again_with_the_same_spans(labels):
    made = make_span(state=State.APPROVED, label="claim", attributes={"worthiness": "unknown"})
    (line,) = export("articles")
    bring_in(line | {"slug": "copy", "outlet": "Elsewhere"})
    copy = Span.objects.get(article__slug="copy")
    assert (copy.text, copy.extent, copy.attributes) == (made.text, made.extent, made.attributes)


def test_a_trial_sees_what_it_would_have_done_and_stores_nothing(labels):
    line = {"text": SPANS["text"], "spans": [SPANS["ok"]]}
    report = bring_in(line, line, {"text": "\0"}, trial=True)
    assert [(added.slug, added.suggestions) for added in report.added] == [
        (slug_of_it := report.added[0].slug, 1)
    ]
    assert [(known.line, known.slug) for known in report.known] == [(2, slug_of_it)]
    assert [row.line for row in report.refused] == [3]
    assert nothing_is_stored()


def test_one_that_is_nearly_the_same_as_another_is_told_of_and_comes_in(labels):
    text = " ".join(f"word{number}" for number in range(200))
    bring_in({"slug": "first", "text": text}, {"slug": "other", "text": SPANS["text"]})
    report = bring_in(
        {"slug": "second", "text": f"{text} And no more."},
        {"slug": "third", "text": f"Stop press: {text}"},
        {"slug": "fourth", "text": f"{text} {text.upper()[::-1]}"},
    )
    assert [(near.line, near.slug, near.other) for near in report.near] == [
        (1, "second", "first"),
        (2, "third", "first"),
    ]
    assert len(report.added) == 3


def test_one_that_is_near_to_another_of_its_own_file_is_told_of(labels):
    text = " ".join(f"word{number}" for number in range(200))
    report = bring_in({"slug": "first", "text": text}, {"slug": "second", "text": f"{text} More."})
    assert [(near.slug, near.other) for near in report.near] == [("second", "first")]


def test_texts_are_compared_before_anything_is_locked(labels):
    text = " ".join(f"word{number}" for number in range(200))
    bring_in({"slug": "first", "text": text})
    with CaptureQueriesContext(connection) as made:
        report = bring_in(*({"slug": f"s{n}", "text": f"{text} More {n}."} for n in range(3)))
    assert (report.near[0].slug, report.near[0].other) == ("s0", "first")
    statements = [each["sql"] for each in made]
    locked = next(n for n, sql in enumerate(statements) if sql.startswith("SAVEPOINT"))
    selects = [n for n, sql in enumerate(statements) if sql.startswith("SELECT")]
    read = [n for n in selects if "annotations_sketch" in statements[n]]
    assert [n < locked for n in read] == [True]
    assert not [sql for sql in statements[locked:] if "LEFT(" in sql or "SUBSTR(" in sql]


def test_the_most_alike_is_told_of_be_it_here_or_earlier_in_the_file(labels):
    text = " ".join(f"word{number}" for number in range(200))
    bring_in({"slug": "first", "text": f"{text} {'So it goes. ' * 3}"})
    words = " ".join([text, *(f"other{number}" for number in range(30))])
    report = bring_in({"slug": "second", "text": f"{words}."}, {"slug": "third", "text": words})
    assert [(near.slug, near.other) for near in report.near] == [
        ("second", "first"),
        ("third", "second"),
    ]


def test_what_is_near_is_told_by_the_slug_that_it_got(labels, monkeypatch):
    text = " ".join(f"word{number}" for number in range(200))
    add = pipelines.imports.actions.add_articles

    def somebody_is_first(drafts):
        make_article("Another.", slug="one")
        return add(drafts)

    monkeypatch.setattr("annotations.pipelines.imports.actions.add_articles", somebody_is_first)
    report = bring_in({"title": "One", "text": text}, {"title": "One", "text": f"{text} More."})
    assert [added.slug for added in report.added] == ["one-2", "one-3"]
    assert [(near.slug, near.other) for near in report.near] == [("one-3", "one-2")]


def test_nothing_is_near_to_what_the_database_refused(labels, monkeypatch):
    text = " ".join(f"word{number}" for number in range(200))
    add = pipelines.imports.actions.add_articles

    def refuse_the_first(drafts):
        return [Illegal("No."), *add(drafts[1:])]

    monkeypatch.setattr("annotations.pipelines.imports.actions.add_articles", refuse_the_first)
    report = bring_in({"slug": "one", "text": text}, {"slug": "two", "text": f"{text} More."})
    assert ([row.why for row in report.refused], report.near) == (["No."], [])


def test_a_trial_tells_of_one_that_is_near_to_what_is_here(labels):
    text = " ".join(f"word{number}" for number in range(200))
    bring_in({"slug": "first", "text": text})
    report = bring_in({"slug": "second", "text": f"{text} More."}, trial=True)
    assert [(near.slug, near.other) for near in report.near] == [("second", "first")]


def test_a_seed_article_is_found_by_one_that_is_nearly_the_same(labels):
    call_command("loaddata", "seed_articles", verbosity=0)
    seed = Article.objects.first()
    report = bring_in({"slug": "copy", "text": f"{seed.text}\nOne line more."})
    assert [(near.slug, near.other) for near in report.near] == [("copy", seed.slug)]


@pytest.mark.parametrize("articles", [5, 30])
def test_what_came_in_is_the_same_however_it_is_cut_into_batches(articles, labels, monkeypatch):
    monkeypatch.setattr("annotations.pipelines.imports.MOST_ARTICLES", articles)
    lines = [{"title": f"T {number % 4}", "text": f"Words {number % 7}."} for number in range(20)]
    report = bring_in(*lines)
    assert [added.slug for added in report.added] == [
        "t-0", "t-1", "t-2", "t-3", "t-0-2", "t-1-2", "t-2-2",
    ]  # fmt: skip
    assert [known.line for known in report.known] == list(range(8, 21))


def test_a_file_that_is_gone_on_with_brings_what_comes_after(labels):
    raw = b"".join(json.dumps({"slug": f"s{n}", "text": "x"}).encode() + b"\n" for n in range(4))
    found = list(pipelines.batches(io.BytesIO(raw), "wire.jsonl", "articles", after=2))
    assert [told.line for batch in found for told in batch.told] == [3, 4]
    assert found[-1].line == 4


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Europe/Berlin"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_date_at_the_end_of_the_calendar_is_refused(moment, zone, labels, settings):
    settings.TIME_ZONE = zone
    report = bring_in({"text": "We won.", "published_at": moment}, {"text": "We lost."})
    assert [(row.line, row.why) for row in report.refused] == [
        (1, "The date of publication must be of the years 1900 to 9998.")
    ]
    assert len(report.added) == 1


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("moment", ["1900-01-01T00:00:00Z", "9998-12-31T23:59:59Z"])
def test_a_date_within_the_calendar_is_shown_everywhere(moment, zone, labels, settings, client):
    settings.TIME_ZONE = zone
    bring_in({"slug": "new", "text": "We won.", "published_at": moment})
    client.force_login(make_user(annotator=True))
    assert client.get("/articles/new/").status_code == 200


def test_a_long_or_broken_file_name_is_kept_as_far_as_it_can_be(db):
    bring_in({"text": "We won."}, name="folder/" + "x" * 300 + "\udcff.jsonl")
    machine = Deed.objects.get().machine
    assert machine.startswith("import:…xxx")
    assert machine.endswith("x?.jsonl")
    assert len(machine) <= 200


def test_an_export_comes_in_chunks(labels, monkeypatch):
    monkeypatch.setattr("annotations.pipelines.exports.CHUNK", 1500)
    for _ in range(5):
        make_span(state=State.APPROVED, label="claim")
    chunks = list(pipelines.export("spans", ExportFilter()))
    assert 1 < len(chunks) < 5
    assert all(len(chunk) >= 1500 for chunk in chunks[:-1])
    assert b"".join(chunks).count(b"\n") == 5


def test_an_export_of_nothing_has_no_chunks(db):
    assert list(pipelines.export("spans", ExportFilter())) == []


def test_a_format_that_is_not_there_is_a_key_error(db):
    with pytest.raises(KeyError):
        pipelines.export("word", ExportFilter())
