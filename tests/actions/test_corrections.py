"""One article replaces another: what that deed writes, what comes along, and what it refuses."""

from collections import Counter
from uuid import uuid4

import pytest

from annotations import actions
from annotations.actions import Marked, Particulars
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import LIVE, Action, ArticleState, State
from annotations.domain.refusals import Illegal, Invalid, NotPermitted, Reused, Stale
from annotations.models import Article, Event, Label, Span, TextGroup
from annotations.queries import deeds as deed_queries
from annotations.queries.integrity import breaches
from tests.factories import (
    make_article,
    make_comment,
    make_deed,
    make_label,
    make_span,
    make_user,
    replace_article,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db

FILLING = "Of this nothing was said by anybody at all. "
OLD = (
    f"The mayor said “we are fine” on Monday.\n\n{FILLING}The bridge cost 5 million. {FILLING}"
    f"\n\nA resident left. {FILLING}Support our work: donate today.\n"
)
NEW = OLD.replace("5 million", "6 million").replace("Support", "Please support")
ATTRIBUTES = [
    Attribute("speaker", "Speaker", Kind.ANCHORED),
    Attribute("cue", "Cue", Kind.ANCHORED),
    Attribute("form", "Form", Kind.CHOICE, choices=("direct", "scare")),
]


@pytest.fixture
def importer():
    return make_user("importer", importer=True)


@pytest.fixture
def old():
    make_label("quote", attributes=ATTRIBUTES)
    return make_article(OLD, slug="old", outlet="Weekly", story="A bridge", language="en")


def correct(old, deed, text=NEW, seen=None, particulars=None, **details):
    return actions.replace_article(
        article=old.slug,
        seen=Article.objects.get(pk=old.pk).revision if seen is None else seen,
        text=text,
        particulars=particulars or actions.inherited(Particulars(), old),
        deed=deed,
        **details,
    )


def anchored(words, text=OLD):
    start = text.index(words)
    return {"value": words, "start": start, "end": start + len(words)}


def sound():
    return [line for line in breaches(Counter()) if not line.startswith("trigger ")]


def test_the_new_article_replaces_the_old_one_which_is_superseded_in_one_deed(old, importer):
    old_events = old.events.count()
    deed = make_deed(importer)

    new = correct(old, deed, particulars=Particulars(slug="new", title="Corrected")).article

    old.refresh_from_db()
    assert (new.slug, new.title, new.text, new.state) == ("new", "Corrected", NEW, "open")
    assert (new.replaces, new.revision) == (old, 1)
    assert (old.state, old.revision, old.replaced_by) == ("superseded", 2, new)
    assert old.events.count() == old_events + 1
    written = list(Event.objects.filter(deed=deed).values_list("article__slug", "action"))
    assert written == [("new", "import"), ("old", "supersede")]
    assert sound() == []


def test_what_the_new_article_leaves_open_is_as_it_was_known_of_the_old_one(old):
    told = actions.inherited(Particulars(title="Corrected"), old)
    assert told == Particulars(
        outlet="weekly",
        story="a-bridge",
        title="Corrected",
        url="https://example.org/old",
        language="en",
    )
    bare = make_article("Bare.", url="")
    assert actions.inherited(Particulars(), bare) == Particulars(title="Bare.")


@pytest.mark.parametrize("state", [state for state in State if state is not State.MERGED])
def test_a_live_span_comes_along_as_a_suggestion_and_a_settled_one_does_not(old, importer, state):
    span = make_span(old, text="“we are fine”", state=state)
    if state not in LIVE:
        done = correct(old, make_deed(importer))
        assert (done.spans, done.skipped) == ((), ())
        return
    revision, before = span.revision, span.state

    [came] = correct(old, make_deed(importer)).spans

    came, span = Span.objects.get(pk=came.pk), Span.objects.get(pk=span.pk)
    assert (came.state, came.origin) == (State.SUGGESTED, f"carried:{span.uid}")
    assert (came.author, came.last_editor, came.decided_by, came.amended) == (None,) * 3 + (False,)
    assert (came.label, came.text, came.revision) == (span.label, span.text, 1)
    assert came.extent.of(NEW) == span.text
    assert came.events.get().action == Action.SUGGEST
    assert (span.state, span.revision) == (before, revision)  # it rests as it was
    assert sound() == []


def test_what_does_not_stand_there_just_so_is_left_and_told(old, importer):
    gone = make_span(old, label="claim", text="The bridge cost 5 million")
    changed = make_span(old, label="claim", text="our work")
    several = make_span(old, label="claim", text="Monday")
    kept = make_span(old, label="claim", text="A resident left")

    text = NEW.replace("on Monday", "last Monday") + "It was a Monday.\n"
    done = correct(old, make_deed(importer), text)

    assert [span.origin for span in done.spans] == [f"carried:{kept.uid}"]
    assert {each.span.pk: each.why for each in done.skipped} == {
        gone.pk: "Its words do not stand in the new text.",
        changed.pk: "Its words stand once in the new text, but what stands around them changed.",
        several.pk: "Its words stand several times in the new text, so it is not certain which.",
    }
    assert Span.objects.filter(article=done.article).count() == 1


def test_places_of_values_move_with_their_span_or_by_themselves_or_are_let_go(old, importer):
    attributes = {
        "speaker": anchored("The mayor"),
        "cue": anchored("said"),
        "form": "direct",
    }
    make_span(old, text="“we are fine”", attributes=attributes)
    make_span(
        old,
        text="A resident left",
        attributes={"speaker": anchored("donate"), "cue": anchored("Monday"), "form": "scare"},
    )
    make_span(
        old, text="The bridge", attributes={"cue": {**anchored("said"), "start": None, "end": None}}
    )

    done = correct(
        old, make_deed(importer), "A note.\n\n" + OLD.replace("on Monday.", "on Monday!")
    )

    text = done.article.text
    near = [span for span in done.spans if span.text == "A resident left"]
    assert near[0].attributes == {
        "speaker": anchored("donate", text),
        "cue": {"value": "Monday", "start": None, "end": None},
        "form": "scare",
    }
    assert [span.attributes for span in done.spans if span.text == "The bridge"] == [
        {"cue": {"value": "said", "start": None, "end": None}}
    ]
    # The words around the quote changed, so it did not come.
    assert "“we are fine”" not in {span.text for span in done.spans}
    moved = correct(done.article, make_deed(importer), text.replace("A note", "A longer note"))
    assert [span.attributes for span in moved.spans if span.text == "A resident left"] == [
        {
            "speaker": anchored("donate", moved.article.text),
            "cue": {"value": "Monday", "start": None, "end": None},
            "form": "scare",
        }
    ]
    assert sound() == []


def test_a_value_within_the_context_of_its_span_moves_with_it_though_its_own_changed(old, importer):
    # What stands 32 before the speaker changed; the span, 15 further on, has its context.
    text = f"{'x' * 40} The mayor said “fine”, and left for good, for the day and for ever."
    article = make_article(text)
    speaker = anchored("The mayor", text)
    make_span(article, text="“fine”", attributes={"speaker": speaker})
    after = "y" * 20 + text[12:]

    [came] = correct(article, make_deed(importer), after).spans

    assert came.attributes == {"speaker": anchored("The mayor", after)}


def test_of_two_spans_of_one_label_that_would_become_one_the_first_comes(importer):
    passage = f"{'x' * 40}. Support our work. {'x' * 40}\n"
    article = make_article(passage + passage)
    first = make_span(article, text="Support our work", label="boilerplate")
    start = article.text.rindex("Support our work")
    second = make_span(article, label="boilerplate", extent=Extent(start, start + 16))
    other = make_span(article, label="claim", extent=second.extent)

    done = correct(article, make_deed(importer), passage)

    assert {span.origin for span in done.spans} == {
        f"carried:{each.uid}" for each in (first, other)
    }
    [left] = done.skipped
    assert (left.span, left.why) == (
        second,
        "The same words came along from another span of this label.",
    )


def test_a_span_whose_label_is_archived_does_not_come(old, importer):
    make_span(old, text="“we are fine”")
    Label.objects.update(archived=True, key="")
    done = correct(old, make_deed(importer))
    assert [each.why for each in done.skipped] == ["Its label is not in use any more."]
    assert done.spans == ()


def test_what_one_layer_holds_stays_unseen(old, importer):
    span = make_span(old, text="“we are fine”", state=State.SUGGESTED)
    row = {field.attname: getattr(span, field.attname) for field in Span._meta.concrete_fields}
    own = {"id": None, "uid": uuid4(), "layer_id": make_user(annotator=True).pk}
    Span.objects.create(**row | own)
    assert len(correct(old, make_deed(importer)).spans) == 1


def test_what_waited_for_review_waits_no_more(importer):
    article = make_article(OLD, state=ArticleState.SUBMITTED)
    span = make_span(article, text="A resident left")
    assert TextGroup.objects.get(spans=span).waiting == 1

    correct(article, make_deed(importer))

    span.refresh_from_db()
    assert (span.waiting, span.group) == ("", None)
    assert list(TextGroup.objects.values_list("waiting", flat=True)) == [0]
    assert sound() == []


def test_a_sign_off_goes_and_what_was_said_stays_with_the_old_article(importer):
    article = make_article(OLD, state=ArticleState.REVIEWED)
    comment = make_comment(article)
    new = correct(article, make_deed(importer)).article
    article.refresh_from_db()
    assert (article.reviewed_by, article.state) == (None, "superseded")
    assert list(article.comments.all()) == [comment]
    assert list(new.comments.all()) == []


@pytest.mark.parametrize("state", [state for state in ArticleState if state != "superseded"])
def test_an_article_is_replaced_wherever_it_stands(importer, state):
    article = make_article(OLD, state=state)
    assert correct(article, make_deed(importer)).article.replaces == article


def test_a_correction_is_corrected(old, importer):
    make_span(old, text="A resident left")
    new = replace_article(old, NEW, importer)
    newest = replace_article(new, NEW.replace("Monday", "Tuesday"), importer)
    assert newest.replaces.replaces == old
    states = Article.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["superseded", "superseded", "open"]
    [[one], [other]] = (article.spans.all() for article in (new, newest))
    assert other.origin == f"carried:{one.uid}"
    assert sound() == []


def test_an_article_is_replaced_once(old, importer):
    new = replace_article(old, NEW, importer, slug="new")
    with refused(Illegal, "replaced by “new” already; correct that one"):
        correct(old, make_deed(importer), "Another.")
    assert new.state == "open"


@pytest.mark.parametrize("text", [OLD, OLD.replace("\n", "\r\n")])
def test_the_same_text_corrects_nothing(old, importer, text):
    with refused(Invalid, "the text that the article has already") as caught:
        correct(old, make_deed(importer), text)
    assert caught.value.field == "text"


def test_an_article_that_is_here_already_replaces_nothing(old, importer):
    make_article("Known.", slug="known", url="")
    with refused(Illegal, "here already"):
        correct(old, make_deed(importer), "Known.", particulars=Particulars())
    with refused(Illegal, "here already"):
        correct(old, make_deed(importer), particulars=Particulars(slug="known"))
    with refused(Illegal, "here already"):
        correct(old, make_deed(importer), particulars=Particulars(slug="old"))


@pytest.mark.parametrize("text", ["", " \n", "a\0b", "a\ud800b"])
def test_a_text_that_cannot_be_stored_is_refused(old, importer, text):
    with refused(Invalid):
        correct(old, make_deed(importer), text)


def test_what_somebody_did_meanwhile_is_looked_at_first(old, importer):
    make_span(old, text="A resident left")
    with refused(Stale, "Look again before you replace it."):
        correct(old, make_deed(importer), seen=1)


def test_only_importers_replace_articles(old):
    everybody_else = make_user(annotator=True, reviewer=True, exporter=True)
    with refused(NotPermitted, "Only importers"):
        correct(old, make_deed(everybody_else))


def test_an_article_that_there_is_not_is_not_replaced(old, importer):
    with pytest.raises(Article.DoesNotExist):
        correct(Article(slug="nowhere", pk=old.pk), make_deed(importer))


def test_a_machine_brings_its_own_suggestions_along(old):
    kept = make_span(old, text="“we are fine”")
    extent = Extent(NEW.index("“we"), NEW.index("“we") + 13)
    six = Extent(NEW.index("6 million"), NEW.index("6 million") + 9)
    done = correct(
        old,
        actions.deed_of_machine("import:wire.jsonl"),
        suggestions=[Marked("quote", extent, "“we are fine”"), Marked("quote", six, "6 million")],
    )
    assert [(span.text, span.origin) for span in done.spans] == [
        ("“we are fine”", f"carried:{kept.uid}"),
        ("6 million", "import:wire.jsonl"),
    ]


def test_a_person_suggests_nothing(old, importer):
    with refused(NotPermitted):
        correct(old, make_deed(importer), suggestions=[Marked("quote", Extent(0, 3), "The")])


def test_the_same_request_twice_replaces_once(old, importer):
    make_span(old, text="A resident left")
    seen, request = Article.objects.get(pk=old.pk).revision, uuid4()
    known = actions.inherited(Particulars(), old)
    first = correct(old, make_deed(importer, request), seen=seen, particulars=known)
    again = correct(old, make_deed(importer, request), seen=seen, particulars=known)
    assert (again.repeated, again.article, again.spans) == (True, first.article, first.spans)
    assert again.article.replaces == old
    with refused(Reused):
        correct(old, make_deed(importer, request), "Other.", seen=seen, particulars=known)


def test_it_is_not_undone_and_not_offered(old):
    importer = make_user(importer=True, annotator=True, reviewer=True)
    make_span(old, text="A resident left")
    deed = make_deed(importer)
    new = correct(old, deed).article
    with refused(Illegal, "A correction stays"):
        actions.undo(target=deed.pk, deed=make_deed(importer))
    assert deed_queries.undoable(importer, new) is None
    assert deed_queries.undoable(importer, old) is None
    assert deed_queries.undoable(importer) is None


def test_nothing_before_the_correction_is_undone_in_the_old_article(old, importer):
    annotator = make_user(annotator=True)
    deed = make_deed(annotator)
    actions.propose(article="old", label="quote", extent=Extent(0, 9), text="The mayor", deed=deed)
    correct(old, make_deed(importer))
    with refused(Illegal, "superseded, so its spans rest"):
        actions.undo(target=deed.pk, deed=make_deed(annotator))


def test_many_spans_come_along_in_few_statements(importer, django_assert_max_num_queries):
    make_label("claim")
    words = [f"word{number:04}" for number in range(120)]
    text = " ".join(words)
    marked = [Marked("claim", Extent(at * 9, at * 9 + 8), word) for at, word in enumerate(words)]
    article = actions.add_article(
        text=text,
        particulars=Particulars(slug="long"),
        suggestions=marked,
        deed=actions.deed_of_machine("import:many"),
    ).article
    with django_assert_max_num_queries(40):
        done = correct(article, make_deed(importer), f"New: {text} and no more.")
    assert len(done.spans) == 112  # near the ends, other words stand beside them
