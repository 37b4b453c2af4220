"""Corrections that come in a file: honoured where the importer says so, and told either way."""

import io
import json
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from annotations import pipelines
from annotations.models import Article, Span
from tests.factories import make_article, make_label, make_span, make_user

pytestmark = pytest.mark.django_db

FAR = "Of this nothing was said by anybody at all."
OLD = f"The bridge is safe. {FAR} It cost 5 million.\n"
NEW = f"The bridge is safe. {FAR} It cost 6 million.\n"


@pytest.fixture
def old():
    article = make_article(OLD, slug="old", outlet="Weekly", title="The bridge")
    make_span(article, text="The bridge")
    make_span(article, label="claim", text="It cost 5 million")
    return article


def bring_in(*lines, name="wire.jsonl", **how):
    raw = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return pipelines.import_file(io.BytesIO(raw), name, **how)


def told(report):
    return [remark.what for remark in report.remarks]


def test_without_leave_a_line_replaces_nothing_and_the_report_says_so(old):
    report = bring_in({"slug": "new", "text": NEW, "replaces": "old"})
    assert told(report) == [
        "It says it replaces old; nothing was replaced: corrections were not asked for."
    ]
    assert Article.objects.get(slug="new").replaces is None
    assert Article.objects.get(slug="old").state == "in_progress"


def test_with_leave_it_replaces_what_it_says(old):
    report = bring_in({"slug": "new", "text": NEW, "replaces": "old"}, corrections=True)
    new = Article.objects.get(slug="new")
    assert (new.replaces, new.title, new.outlet) == (old, "The bridge", old.outlet)
    assert told(report) == ["It replaces old: 1 span(s) came along as suggestions, 1 did not."]
    assert (report.added[0].suggestions, report.refused) == (1, [])
    assert new.events.get(action="import").deed.machine == "import:wire.jsonl"


def test_its_own_spans_come_beside_those_that_came_along(old):
    make_label("claim")
    start = NEW.index("It cost")
    spans = [
        {"label": "claim", "start": start, "end": start + 17, "text": "It cost 6 million"},
        {"label": "quote", "start": 0, "end": 10, "text": "The bridge"},
    ]
    bring_in({"slug": "new", "text": NEW, "replaces": "old", "spans": spans}, corrections=True)
    origins = Span.objects.filter(article__slug="new").order_by("start").values_list("origin")
    assert [origin.partition(":")[0] for (origin,) in origins] == ["carried", "import"]


def test_the_same_file_again_changes_nothing(old):
    lines = [{"text": NEW, "replaces": "old"}, {"text": NEW + "Again.", "replaces": "the-bridge"}]
    bring_in(*lines, corrections=True)
    articles = list(Article.objects.order_by("pk").values())
    report = bring_in(*lines, corrections=True)
    assert ([len(report.known), report.added, report.refused]) == [2, [], []]
    assert list(Article.objects.order_by("pk").values()) == articles


@pytest.mark.parametrize("slug", ["nowhere", "a b"])
@pytest.mark.parametrize("corrections", [True, False])
def test_what_is_not_here_is_not_replaced(db, slug, corrections):
    report = bring_in({"slug": "new", "text": NEW, "replaces": slug}, corrections=corrections)
    there = "nothing was replaced: there is no such article here"
    assert told(report) == [f"It says it replaces {slug}; {there}."]
    assert Article.objects.get().replaces is None


def test_what_was_replaced_is_replaced_no_more_and_costs_only_its_line(old):
    report = bring_in(
        {"slug": "new", "text": NEW, "replaces": "old"},
        {"slug": "newer", "text": "Another.", "replaces": "old"},
        {"slug": "other", "text": "Something else."},
        corrections=True,
    )
    assert [added.slug for added in report.added] == ["new", "other"]
    [bad] = report.refused
    assert (bad.line, bad.why) == (
        2,
        "This article was replaced by “new” already; correct that one.",
    )


@pytest.mark.parametrize("text", ["ab\ud800cd", "ab\0cd", "", " \n "])
def test_a_text_that_cannot_be_is_refused_as_everywhere_and_replaces_nothing(old, text):
    line = {"title": "", "text": text}
    [elsewhere] = bring_in(line).refused
    report = bring_in(line | {"replaces": "old"}, {"text": "Good."}, corrections=True)
    assert [(bad.line, bad.why) for bad in report.refused] == [(1, elsewhere.why)]
    assert [added.line for added in report.added] == [2]
    assert Article.objects.filter(replaces=old).count() == 0


def test_what_it_replaces_must_be_a_word():
    [bad] = bring_in({"text": NEW, "replaces": 5}).refused
    assert "“replaces” must be a string" in bad.why


def outcome(report):
    return (
        [(added.line, added.slug) for added in report.added],
        [known.line for known in report.known],
        [(bad.line, bad.why) for bad in report.refused],
        [near.line for near in report.near],
    )


def test_a_trial_refuses_what_would_be_refused_and_says_what_would_come_along(old):
    make_article("It is here.", slug="here")
    lines = (
        {"text": OLD, "replaces": "here", "slug": "fine", "url": "https://example.org/2"},
        {"slug": "here", "text": "It is here.", "replaces": "old"},
        {"text": OLD, "replaces": "old", "slug": "same", "url": "https://example.org/1"},
        {"text": "ab\0", "replaces": "old", "slug": "unfit"},
        {"slug": "new", "text": NEW, "replaces": "old"},
        {"slug": "newer", "text": "Another.", "replaces": "old"},
        {"slug": "newest", "text": "Yet another.", "replaces": "here"},
    )
    trial = bring_in(*lines, corrections=True, trial=True)
    assert Article.objects.count() == 2
    assert told(trial)[-1] == (
        "It would replace old: 1 span(s) would come along as suggestions, 1 would not."
    )
    really = bring_in(*lines, corrections=True)
    assert outcome(trial) == outcome(really)
    already = "already; correct that one."
    assert [bad.why.endswith(already) for bad in really.refused] == [False, False, True, True]
    again = bring_in(
        {"slug": "last", "text": "The last.", "replaces": "old"}, corrections=True, trial=True
    )
    [bad] = again.refused
    assert bad.why == "This article was replaced by “new” already; correct that one."


def test_a_trial_of_an_upload_knows_in_its_next_step_what_it_replaced(old, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    importer = make_user(importer=True)
    lines = [{"slug": f"new-{n}", "text": f"{NEW} {n}", "replaces": "old"} for n in range(3)]
    raw = "\n".join(map(json.dumps, lines)).encode()
    [upload] = pipelines.keep_uploads(
        [(io.BytesIO(raw), "wire.jsonl")],
        None,
        uid=uuid4(),
        importer=importer,
        trial=True,
        corrections=True,
    )
    while upload.going:
        pipelines.step(upload, importer, 0)
    assert (upload.added, upload.refused) == (1, 2)
    assert upload.lines.get(line=3).words.startswith("This article was replaced by “new-0” already")


@pytest.fixture
def run(tmp_path, capsys):
    def import_articles(*arguments, **files):
        for name, text in files.items():
            (tmp_path / f"{name}.txt").write_text(text)
        paths = [str(tmp_path / f"{name}.txt") for name in files]
        call_command("import_articles", *arguments, *paths)
        return capsys.readouterr().out

    return import_articles


def test_a_file_is_said_to_be_the_correction_of_an_article(old, run):
    said = run("--replaces", "old", old=NEW)
    new = Article.objects.get(replaces=old)
    assert (new.text, new.slug, new.title) == (NEW, "the-bridge", "The bridge")
    assert "It replaces old: 1 span(s) came along as suggestions, 1 did not." in said
    assert "0 article(s) came in" in run("--replaces", "old", old=NEW)


def test_in_a_rehearsal_nothing_is_replaced(old, run):
    run("--replaces", "old", "--dry-run", fixed=NEW)
    old.refresh_from_db()
    assert (old.state == "superseded", Article.objects.count()) == (False, 1)


@pytest.mark.parametrize(
    ("slug", "files", "words"),
    [
        ("nowhere", {"one": NEW}, "There is no article “nowhere” to replace."),
        ("old", {"one": NEW, "two": "Other."}, "A correction is one file."),
    ],
)
def test_one_file_replaces_one_article(old, run, slug, files, words):
    with pytest.raises(CommandError, match=words):
        run("--replaces", slug, **files)
    assert Article.objects.count() == 1


def test_of_a_file_of_several_articles_none_comes_in_as_a_correction(old):
    report = bring_in({"text": NEW}, {"text": "Other."}, {"text": "Third."}, replaces="old")
    assert [row.why for row in report.refused] == [
        "The file has several articles; a correction is one."
    ]
    assert Article.objects.count() == 1


def test_a_file_without_an_article_corrects_nothing(old):
    report = bring_in(5, replaces="old")
    assert (len(report.refused), Article.objects.count()) == (1, 1)


def test_a_line_is_honoured_by_the_command(old, tmp_path):
    path = tmp_path / "wire.jsonl"
    path.write_text(json.dumps({"text": NEW, "replaces": "old"}) + "\n")
    call_command("import_articles", "--corrections", str(path))
    assert Article.objects.get(replaces=old).text == NEW
