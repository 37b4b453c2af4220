"""The check finds what went wrong beneath the constraints, and nothing where all is well."""

from collections import Counter
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F

from annotations import actions, triggers
from annotations.actions import Change, Particulars
from annotations.domain.extents import Extent
from annotations.domain.fingerprints import attributes_group
from annotations.domain.lifecycle import ArticleState, State
from annotations.domain.text import digest
from annotations.models import (
    Article,
    Comment,
    Deed,
    Event,
    Outlet,
    Span,
    SpotCheck,
    Story,
    TextGroup,
    Upload,
)
from annotations.queries.integrity import breaches
from tests.factories import (
    load_labels,
    make_article,
    make_comment,
    make_deed,
    make_span,
    make_spot_check,
    make_user,
)


@pytest.fixture
def desk(db):
    """Work of every kind that there is."""
    load_labels()
    annotator, reviewer = make_user(annotator=True), make_user(reviewer=True, annotator=True)
    article = make_article("The mayor said “fine” and left.\n\nComments\n", slug="main")
    speaker = {"value": "The mayor", "start": 0, "end": 9}
    quote = make_span(article, annotator, text="“fine”", attributes={"speaker": speaker})
    quote = actions.approve(span=quote.uid, seen=1, deed=make_deed(reviewer)).span
    change = Change(extent=Extent(0, 14), text="The mayor said")
    actions.edit(span=quote.uid, seen=2, change=change, deed=make_deed(annotator))
    stub = make_span(article, annotator, "boilerplate", text="Comments", state=State.SENT_BACK)
    actions.answer(span=stub.uid, seen=2, comment="It is one.", deed=make_deed(annotator))
    withdrawn = make_deed(annotator)
    actions.withdraw(span=stub.uid, seen=3, deed=withdrawn)
    undone = actions.undo(target=withdrawn.pk, deed=make_deed(annotator)).deed
    actions.undo(target=undone.pk, deed=make_deed(annotator))
    make_span(article, label="claim", text="left", state=State.DISMISSED)
    known = {"outlet": "Weekly", "story": "A bridge"}
    waiting = make_article(slug="waiting", state=ArticleState.SUBMITTED, **known)
    for state in (State.PROPOSED, State.SENT_BACK):
        make_span(waiting, annotator, "claim", state=state)
    make_article(slug="reviewed", state=ArticleState.REVIEWED)
    looked_at = make_span(article, annotator, "claim", text="mayor", state=State.APPROVED)
    make_spot_check(looked_at)
    reopener = make_deed(reviewer)
    actions.reopen(span=looked_at.uid, seen=2, deed=reopener)
    approver = make_deed(make_user(reviewer=True))
    actions.approve(span=looked_at.uid, seen=3, deed=approver)
    make_spot_check(looked_at, finding="wrong")
    make_article(slug="aside", state=ArticleState.SET_ASIDE)
    for place in (None, quote):
        root = make_comment(article, place)
        make_comment(article, place, reply_to=root, text="A reply.")
    actions.describe_article(
        article="aside",
        seen=2,
        particulars=Particulars(title="Aside", outlet="Daily"),
        deed=make_deed(make_user(importer=True)),
    )
    Article.objects.bulk_create(  # as a fixture does
        [Article(slug="seed", title="Seed", text="Seed.", text_sha256=digest("Seed."))]
    )
    triggers.drop(connection)  # until the test's transaction is rolled back


def found():
    """The breaches, save that of the triggers, which had to go for there to be any."""
    return [line for line in breaches(Counter()) if not line.startswith("trigger ")]


def test_there_is_no_breach_in_what_the_deeds_wrote(desk):
    checked = Counter()
    triggers.create(connection)
    assert list(breaches(checked)) == []
    assert checked == {
        "article": 5,
        "span": 6,
        "event": Event.objects.count(),
        "deed": Deed.objects.count(),
        "comment": 4,
        "spot check": 2,
    }


def test_triggers_that_are_missing_are_told(desk):
    lines = [line for line in breaches(Counter()) if line not in found()]
    assert lines == [f"trigger {trigger.name} is missing" for trigger in triggers.TRIGGERS]


def quote():
    return Span.objects.filter(label__slug="quote")


def waiting():
    return Span.objects.filter(article__slug="waiting", state="proposed")


def events_of_quote():
    return Event.objects.filter(span__label__slug="quote").order_by("revision")


def rewrite(event, part, **values):
    kept = getattr(event, part) | values
    Event.objects.filter(pk=event.pk).update(**{part: kept})


def looked_at():
    return Span.objects.filter(article__slug="main", text="mayor")


def checks(revision):
    return SpotCheck.objects.filter(revision=revision)


BROKEN = {
    "that it is checked": (
        lambda: looked_at().update(checked=False),
        ["it is called not checked, and its spot checks say otherwise"],
    ),
    "that nobody has checked it": (
        lambda: checks(4).delete(),
        ["it is called checked, and its spot checks say otherwise"],
    ),
    "a spot check of what was not approved": (
        lambda: checks(2).update(revision=3),
        ["the span was not approved at revision 3"],
    ),
    "a spot check of what never was": (
        lambda: checks(2).update(revision=9),
        ["the span was not approved at revision 9"],
    ),
    "a spot check of another decider's": (
        lambda: checks(2).update(decided_by=looked_at().get().author),
        ["it is not of the span as that was at revision 2"],
    ),
    "a spot check of something amended": (
        lambda: checks(4).update(amended=True),
        ["it is not of the span as that was at revision 4"],
    ),
    "a spot check by its author": (
        lambda: checks(4).update(checker=looked_at().get().author),
        ["who looked had a hand in it"],
    ),
    "a text": (
        lambda: Article.objects.filter(slug="seed").update(text="Seeds."),
        ["its text is not the one its sha256 was made of"],
    ),
    "line ends": (
        lambda: Article.objects.filter(slug="seed").update(
            text="Seed.\r\n", text_sha256=digest("Seed.\r\n")
        ),
        ["its text has line ends other than LF"],
    ),
    "a blank text": (
        lambda: Article.objects.filter(slug="seed").update(text=" ", text_sha256=digest(" ")),
        ["The text is empty or only blank"],
    ),
    "a place": (
        lambda: quote().update(start=F("start") + 1, end=F("end") + 1),
        ["its text is not what stands at 1–15", "in: end, start"],
    ),
    "past the end": (
        lambda: quote().update(start=30, end=44),
        ["it ends at 44, the text at 42", "not what stands", "in: end, start"],
    ),
    "a text group": (
        lambda: quote().update(text_group="1:0"),
        ["its text group is not that of its text"],
    ),
    "an attribute's value": (
        lambda: quote().update(attributes={"form": "verse"}),
        ["attribute form: Form is one of", "in: attributes"],
    ),
    "an anchor past the end": (
        lambda: quote().update(attributes={"cue": {"value": "x", "start": 0, "end": 900}}),
        ["attribute cue: Cue: The span ends at 900", "in: attributes"],
    ),
    "an empty attribute": (
        lambda: quote().update(attributes={"cue": None}),
        ["its attributes are not stored as they should be", "in: attributes"],
    ),
    "a row without an event": (
        lambda: quote().update(revision=4),
        ["it is at revision 4, and of its events there are: 1, 2, 3"],
    ),
    "a gap": (
        lambda: events_of_quote().filter(revision=2).delete(),
        ["there are: 1, 3", "it does not begin where event", "it left no event"],
    ),
    "no events at all": (
        lambda: events_of_quote().delete(),
        ["of its events there are: none", "it left no event"],
    ),
    "a first event with a past": (
        lambda: events_of_quote().filter(revision=1).update(before={}),
        ["it is the first, but something was before it"],
    ),
    "an event that was rewritten": (
        lambda: rewrite(events_of_quote()[1], "after", reason="other"),
        ["it does not begin where event"],
    ),
    "a last event that was rewritten": (
        lambda: rewrite(events_of_quote()[2], "after", state="approved"),
        ["in: state", "it brings a decision that nobody took", "does not lead to “approved”"],
    ),
    "a state that there is not": (
        lambda: rewrite(events_of_quote()[2], "before", state="lost"),
        ["it does not begin where event", "'lost' is not a valid State"],
    ),
    "a deed that its state did not allow": (
        lambda: events_of_quote().filter(revision=3).update(action="accept"),
        ["This span is approved, so it cannot be accepted."],
    ),
    "an article's deed that its state did not allow": (
        lambda: Event.objects.filter(span=None, action="set_aside").update(action="review"),
        ["This article is open, so it cannot be signed off."],
    ),
    "a decision in another's name": (
        lambda: Deed.objects.filter(events__in=events_of_quote().filter(revision=2)).update(
            actor=make_user("somebody", reviewer=True)
        ),
        ["it decides in the name of another"],
    ),
    "a column that an event lacks": (
        lambda: _forget(events_of_quote()[2], "reason"),
        ["in: reason"],
    ),
    "a column that is not there": (
        lambda: rewrite(events_of_quote()[2], "after", mood="good"),
        ["in: mood"],
    ),
    "a judge of one's own": (
        lambda: Deed.objects.filter(events__in=events_of_quote().filter(revision=2)).update(
            actor=quote().get().author
        ),
        ["who decided had the last hand on it", "it decides in the name of another"],
    ),
    "an article's last event": (
        lambda: Article.objects.filter(slug="aside").update(title="Other"),
        ["in: title"],
    ),
    "an article's time": (
        lambda: Article.objects.filter(slug="reviewed").update(submitted_at="2020-01-01T00:00Z"),
        ["in: submitted_at"],
    ),
    "an article without an event": (
        lambda: Article.objects.filter(slug="seed").update(state="in_progress"),
        ["it is in progress, but no deed made it so"],
    ),
    "an article's revision": (
        lambda: Article.objects.filter(slug="aside").update(revision=1),
        ["it is at revision 1, an event at 3", "it is at revision 1, after 3 deeds"],
    ),
    "where an article came in": (
        lambda: _come_in_late("late"),
        ["it came in at revision 2"],
    ),
    "a reviewed article that is not settled": (
        lambda: _sign_off("main"),
        ["it is reviewed, but a span of it is not settled", "in: ", "it waits for “early”, not"],
    ),
    "a superseded article that nothing replaces": (
        lambda: Article.objects.filter(slug="aside").update(state="superseded"),
        ["it is superseded, but nothing replaces it", "in: state"],
    ),
    "a replaced article that is not superseded": (
        lambda: Article.objects.filter(slug="seed").update(
            replaces=Article.objects.get(slug="aside")
        ),
        ["it was replaced, but is set aside"],
    ),
    "an open article that was worked in": (
        lambda: Article.objects.filter(slug="main").update(state="open"),
        ["it is open, but has been worked in", "in: state"],
    ),
    "a span's outlet": (
        lambda: waiting().update(outlet=None),
        ["its outlet or story is not its article's"],
    ),
    "a span's outlet, of an article that has none": (
        lambda: quote().update(outlet=Outlet.objects.get(slug="weekly")),
        ["its outlet or story is not its article's"],
    ),
    "an article's outlet": (
        lambda: Article.objects.filter(slug="waiting").update(
            outlet=Outlet.objects.get(slug="daily")
        ),
        ["its outlet or story is not its article's", "in: outlet_id"],
    ),
    "a span's story": (
        lambda: waiting().update(story_rank=F("story_rank") + 1),
        ["its outlet or story is not its article's"],
    ),
    "a span's story, of an article that has none": (
        lambda: quote().update(story_rank=Story.objects.get().pk),
        ["its outlet or story is not its article's"],
    ),
    "a span that fell out of the queue": (
        lambda: waiting().update(waiting="", waiting_since=None, group=None),
        ["it waits for “”, not for “review”", "it counts 1 waiting spans, and has 0"],
    ),
    "a span that waits too early": (
        lambda: waiting().update(waiting="early", waiting_since=None, group=None),
        ["it waits for “early”, not for “review”", "it counts 1 waiting spans, and has 0"],
    ),
    "a span that does not wait yet": (
        lambda: quote().update(waiting=""),
        ["it waits for “”, not for “early”"],
    ),
    "a span that is in the queue of an article in progress": (
        lambda: quote().update(
            waiting="review",
            waiting_since="2024-01-01T00:00Z",
            group=_group_of(quote().get(), waiting=1),
        ),
        ["it waits for “review”, not for “early”"],
    ),
    **{
        f"a span in a group of other {what}": (
            lambda change=change: waiting().update(group=_group_of(waiting().get(), **change())),
            [
                "it waits in the text group of others",
                "it counts 0 waiting spans, and has 1",
                "it counts 1 waiting spans, and has 0",
            ],
        )
        for what, change in {
            "words": lambda: {"text_group": "1:0"},
            "attributes": lambda: {"attributes_group": "0" * 16},
            "label": lambda: {"label": quote().get().label},
        }.items()
    },
    "a text group that counts too many": (
        lambda: TextGroup.objects.filter(waiting=1).update(waiting=7),
        ["it counts 7 waiting spans, and has 1"],
    ),
    "a text group that counts none": (
        lambda: TextGroup.objects.filter(waiting=1).update(waiting=0),
        ["it counts 0 waiting spans, and has 1"],
    ),
    "an empty text group that counts one": (
        lambda: _group_of(quote().get(), waiting=1),
        ["it counts 1 waiting spans, and has 0"],
    ),
    "an article that counts too many proposed": (
        lambda: Article.objects.filter(slug="reviewed").update(proposed=1),
        ["it counts 1 proposed spans, and has 0"],
    ),
    "an article that counts no proposed": (
        lambda: Article.objects.filter(slug="waiting").update(proposed=0),
        ["it counts 0 proposed spans, and has 1"],
    ),
    "an article that counts none sent back": (
        lambda: Article.objects.filter(slug="waiting").update(sent_back=0),
        ["it counts 0 sent back spans, and has 1"],
    ),
    "a verdict said to be answered": (
        lambda: quote().update(fresh=False),
        ["in: fresh"],
    ),
    "a deed without a trace": (
        lambda: Deed.objects.create(request_id=uuid4(), machine="import:none", action="import"),
        ["it left no event"],
    ),
    "an undone deed that was not": (
        lambda: Deed.objects.filter(action="answer").update(undone=True),
        ["it is called undone, after 0 undo(s)"],
    ),
    "a deed that was undone and redone": (
        lambda: Deed.objects.filter(action="withdraw").update(undone=True),
        ["it is called undone, after 2 undo(s)"],
    ),
    "a comment on another article's span": (
        lambda: Comment.objects.exclude(span=None).update(
            article=Article.objects.get(slug="aside")
        ),
        ["(article aside): its span is another article's"],
    ),
    "a reply elsewhere": (
        lambda: replies().filter(span=None).update(span=quote().get()),
        ["it replies to what was said elsewhere"],
    ),
    "a reply to a reply": (
        lambda: _nest_replies(),
        ["it replies to a reply"],
    ),
}


def replies():
    return Comment.objects.exclude(reply_to=None)


def _group_of(span, **values):
    """A text group made for that span, but for these columns."""
    own = {
        "label": span.label,
        "text_group": span.text_group,
        "attributes_group": attributes_group(span.attributes),
    }
    return TextGroup.objects.create(**own | values)


def _nest_replies():
    first = replies().get(span=None)
    make_comment(first.article, reply_to=first, text="Deeper.")
    replies().filter(text="Deeper.").update(reply_to=first)


def _forget(event, name):
    kept = {key: value for key, value in event.after.items() if key != name}
    Event.objects.filter(pk=event.pk).update(after=kept)


def _come_in_late(slug):
    make_article(slug=slug)
    Event.objects.filter(article__slug=slug).update(revision=2)
    Article.objects.filter(slug=slug).update(revision=2)


def _sign_off(slug):
    Article.objects.filter(slug=slug).update(
        state="reviewed",
        reviewed_by=Article.objects.get(slug="reviewed").reviewed_by,
        reviewed_at="2024-01-01T00:00Z",
    )


@pytest.mark.parametrize(("break_it", "sentences"), BROKEN.values(), ids=BROKEN)
def test_what_was_changed_beneath_the_deeds_is_found(break_it, sentences, desk):
    break_it()
    lines = found()
    for sentence in sentences:
        assert any(sentence in line for line in lines), lines
    for line in lines:
        assert any(sentence in line for sentence in sentences), line


@pytest.mark.sqlite
def test_a_decision_without_a_second_pair_of_eyes_is_found(desk):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        author = quote().get().author_id
        quote().update(state="approved", decided_by=author)
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert any("approved without a second pair of eyes" in line for line in found())
    assert any("CHECK constraint failed in annotations_span" in line for line in found())


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_row_that_refers_to_nothing_is_found():
    make_span()
    triggers.drop(connection)
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute("UPDATE annotations_span SET label_id = 900")
        lines = found()
        cursor.execute("UPDATE annotations_span SET label_id = (SELECT id FROM annotations_label)")
    assert any("refers to a row that annotations_label does not have" in line for line in lines)


@pytest.mark.postgresql
def test_a_constraint_that_was_dropped_is_found(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE annotations_span DROP CONSTRAINT span_not_empty")
    assert found() == ["constraint span_not_empty of annotations_span is missing"]


def test_any_number_of_articles_is_checked(desk, monkeypatch):
    monkeypatch.setattr("annotations.queries.integrity.ARTICLES_AT_ONCE", 1)
    checked = Counter()
    list(breaches(checked))
    assert checked["article"] == 5


def test_an_upload_that_counts_what_its_lines_are_not_is_told(db):
    upload = Upload.objects.create(
        importer=make_user(importer=True), name="a", format="text", size=1, sha256="0" * 64, added=2
    )
    upload.lines.create(line=1, outcome="added", slug="a")
    upload.lines.create(line=2, outcome="refused")
    assert list(breaches(Counter())) == [
        f"upload {upload.uid}: it counts 2 added, its lines are 1",
        f"upload {upload.uid}: it counts 0 refused, its lines are 1",
    ]
