"""Deeds on one span: what each does, who may, and what stands in its way."""

from contextlib import suppress
from datetime import datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.db.models import F

from annotations import actions, permissions
from annotations.actions import Change
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.checks import Concern
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import Action, ArticleState, Reason, State
from annotations.domain.refusals import Already, Illegal, Invalid, NotPermitted, Stale, Twin, Warned
from annotations.models import Article, Event, Label, Span
from annotations.queries import checks
from tests.factories import TEXT, make_article, make_deed, make_label, make_span, make_user
from tests.refusals import everything, refused

pytestmark = pytest.mark.django_db

SPEAKER = Attribute("speaker", "Speaker", Kind.ANCHORED, (), True, ("form", "scare"))
FORM = Attribute("form", "Form", Kind.CHOICE, ("direct", "scare"))
NOTE = Attribute("note", "Note", Kind.TEXT)


def extent_of(words, text=TEXT):
    start = text.index(words)
    return Extent(start, start + len(words))


def to(words, **more):
    """The change that makes a span cover these words of TEXT."""
    return Change(extent=extent_of(words), text=words, **more)


BRIDGE = to("the bridge")

# Every deed on a span, with what it needs and nothing more.
DEEDS = {
    Action.ACCEPT: (actions.accept, {}),
    Action.DISMISS: (actions.dismiss, {}),
    Action.EDIT: (actions.edit, {"change": BRIDGE, "comment": "It was too short."}),
    Action.ANSWER: (actions.answer, {"comment": "It is right as it is."}),
    Action.APPROVE: (actions.approve, {}),
    Action.AMEND: (actions.amend, {"change": BRIDGE}),
    Action.REJECT: (actions.reject, {"reason": "wrong_label"}),
    Action.SEND_BACK: (actions.send_back, {"comment": "Where does it end?"}),
    Action.REOPEN: (actions.reopen, {}),
    Action.WITHDRAW: (actions.withdraw, {}),
    Action.RESTORE: (actions.restore, {}),
}
ANNOTATORS = {"author", "annotator", "editor", "superuser"}
REVIEWERS = {"reviewer", "keeper", "editor", "superuser"}
EITHER = ANNOTATORS | REVIEWERS
OTHER_REVIEWERS = {"reviewer", "keeper", "superuser"}
LABEL_KEEPERS = {"keeper", "superuser"}
AUTHOR = {"author"}
# (state, deed): the state it leads to, and who may do it.
LEGAL = {
    (State.SUGGESTED, Action.ACCEPT): (State.PROPOSED, EITHER),
    (State.SUGGESTED, Action.DISMISS): (State.DISMISSED, EITHER),
    (State.DISMISSED, Action.RESTORE): (State.SUGGESTED, EITHER),
    (State.PROPOSED, Action.EDIT): (State.PROPOSED, EITHER),
    (State.SENT_BACK, Action.EDIT): (State.PROPOSED, EITHER),
    (State.REJECTED, Action.EDIT): (State.PROPOSED, EITHER),
    (State.APPROVED, Action.EDIT): (State.PROPOSED, EITHER),
    (State.APPROVED, Action.AMEND): (State.APPROVED, LABEL_KEEPERS),
    (State.SENT_BACK, Action.ANSWER): (State.PROPOSED, ANNOTATORS),
    (State.REJECTED, Action.ANSWER): (State.PROPOSED, ANNOTATORS),
    (State.PROPOSED, Action.APPROVE): (State.APPROVED, OTHER_REVIEWERS),
    (State.PROPOSED, Action.AMEND): (State.APPROVED, OTHER_REVIEWERS),
    (State.PROPOSED, Action.REJECT): (State.REJECTED, OTHER_REVIEWERS),
    (State.SENT_BACK, Action.REJECT): (State.REJECTED, OTHER_REVIEWERS),
    (State.PROPOSED, Action.SEND_BACK): (State.SENT_BACK, OTHER_REVIEWERS),
    (State.APPROVED, Action.REOPEN): (State.PROPOSED, REVIEWERS),
    (State.REJECTED, Action.REOPEN): (State.PROPOSED, REVIEWERS),
    (State.PROPOSED, Action.WITHDRAW): (State.WITHDRAWN, AUTHOR),
    (State.SENT_BACK, Action.WITHDRAW): (State.WITHDRAWN, AUTHOR),
    (State.WITHDRAWN, Action.RESTORE): (State.PROPOSED, AUTHOR),
}
# A verdict on what stands just so already is nothing to refuse.
JUST_SO = {
    (State.APPROVED, Action.APPROVE),
    (State.REJECTED, Action.REJECT),
    (State.SENT_BACK, Action.SEND_BACK),
}


@pytest.fixture
def people():
    """One of each part; of the spans of `a_span`, author made them and editor edited them."""
    return {
        "author": make_user(annotator=True),
        "editor": make_user(annotator=True, reviewer=True),
        "annotator": make_user(annotator=True),
        "reviewer": make_user(reviewer=True),
        "keeper": make_keeper(reviewer=True),
        "clerk": make_keeper(),
        "superuser": make_user(superuser=True),
        "exporter": make_user(exporter=True, importer=True),
        "nobody": make_user(),
    }


def make_keeper(**parts):
    """Somebody who may change labels in the admin."""
    person = make_user(**parts)
    person.user_permissions.add(Permission.objects.get(codename="change_label"))
    return person


def one_of(may, people):
    """Somebody who may do it, an author rather than others."""
    return next(people[part] for part in ("author", "reviewer", "keeper") if part in may)


def a_span(state, people):
    """A span in that state, its author and its last editor two people, its decider a third."""
    if state in (State.SUGGESTED, State.DISMISSED):
        return make_span(state=state)
    span = make_span(author=people["author"], attributes=None)
    do(Action.EDIT, span, people["editor"], change=to("5 million"))
    decider = make_user(reviewer=True)
    match state:
        case State.APPROVED:
            do(Action.APPROVE, span, decider)
        case State.REJECTED:
            do(Action.REJECT, span, decider)
        case State.SENT_BACK:
            do(Action.SEND_BACK, span, decider)
        case State.WITHDRAWN:
            do(Action.WITHDRAW, span, people["author"])
        case State.MERGED:  # no deed merges yet
            Span.objects.filter(pk=span.pk).update(
                state="merged", waiting="", revision=F("revision") + 1
            )
    return Span.objects.get(pk=span.pk)


def do(action, span, actor, **details):
    """Do that deed to the span as it is now."""
    act, needs = DEEDS[action]
    seen = Span.objects.get(pk=span.pk).revision
    return act(**{"span": span.uid, "seen": seen, "deed": make_deed(actor), **needs, **details})


def row(thing, frozen):
    """Every column but the frozen ones, as JSON holds them."""
    values = {
        field.attname: getattr(thing, field.attname)
        for field in thing._meta.concrete_fields
        if field.attname not in frozen
    }
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def span_row(span):
    """All of a span that ever changes, save the revision and what follows from its text."""
    frozen = {"id", "uid", "article_id", "layer_id", "origin", "created_at"}
    queue = {"waiting", "waiting_since", "outlet_id", "story_rank", "group_id", "checked"}
    return row(span, frozen | queue | {"revision", "text_group"})


# The whole table, legal and illegal.


@pytest.mark.parametrize("key", LEGAL, ids=lambda key: f"{key[1]} {key[0]}")
def test_a_deed_moves_the_span_and_writes_one_event_and_each_revision_once(key, people):
    state, action = key
    after, may = LEGAL[key]
    span = a_span(state, people)
    article = Article.objects.get(pk=span.article_id)
    deeds = everything()["Deed"]
    actor = one_of(may, people)

    done = do(action, span, actor)

    now = Span.objects.get(pk=span.pk)
    assert (now.state, now.revision) == (after, span.revision + 1)
    event = done.deed.events.get(span=span)
    assert (event.action, event.revision) == (action, now.revision)
    assert event.before == span_row(span)
    assert event.after == span_row(now)
    assert Article.objects.get(pk=article.pk).revision == article.revision + 1
    assert len(everything()["Deed"]) == len(deeds) + 1
    assert (done.deed.actor, done.deed.action) == (actor, action)
    assert (done.span, done.article, done.skipped, done.repeated) == (now, article, (), False)
    assert (done.span.revision, done.span.state) == (now.revision, now.state)


@pytest.mark.parametrize("key", LEGAL, ids=lambda key: f"{key[1]} {key[0]}")
def test_a_deed_is_done_by_those_who_may_and_refused_to_all_others(key, people):
    state, action = key
    span = a_span(state, people)
    may = set()
    for part, person in people.items():
        before = everything()
        with suppress(NotPermitted), transaction.atomic():
            do(action, span, person)
            may.add(part)
            transaction.set_rollback(True)
        assert everything() == before
    assert may == LEGAL[key][1]


@pytest.mark.parametrize("state", State)
def test_what_is_offered_on_a_span_is_what_would_be_done(state, people):
    span = Span.objects.select_related("article").get(pk=a_span(state, people).pk)
    for part, person in people.items():
        offered = permissions.allowed_on_span(span, person)
        assert set(offered) - {Action.MERGE} == {a for s, a in LEGAL if s == state}
        for action in set(offered) - {Action.MERGE}:
            assert (offered[action] == "") is (part in LEGAL[state, action][1])


def test_a_merge_is_for_reviewers(people):
    span = make_span(author=people["author"])
    offered = {
        part: permissions.allowed_on_span(span, person)[Action.MERGE]
        for part, person in people.items()
    }
    assert {part for part, why in offered.items() if not why} == REVIEWERS


@pytest.mark.parametrize("state", State)
def test_what_the_table_lacks_is_refused_whoever_tries(state):
    author = make_user(superuser=True)
    people = {"author": author, "editor": make_user(annotator=True)}
    span = a_span(state, people)
    for action in DEEDS:
        if (state, action) in JUST_SO:
            with refused(Already, f"Already {state.words} by {span.decided_by}."):
                do(action, span, author)
        elif (state, action) not in LEGAL:
            with refused(Illegal, f"This span is {state.words}, so it cannot be"):
                do(action, span, author)


@pytest.mark.parametrize("key", LEGAL, ids=lambda key: f"{key[1]} {key[0]}")
@pytest.mark.parametrize("off", [-1, 1])
def test_a_deed_on_another_revision_than_the_span_has_is_stale(key, off, people):
    state, action = key
    span = a_span(state, people)
    actor = one_of(LEGAL[key][1], people)
    with refused(Stale, "changed since you saw it"):
        do(action, span, actor, seen=span.revision + off)


@pytest.mark.parametrize("rest", [ArticleState.SET_ASIDE, ArticleState.SUPERSEDED])
def test_the_spans_of_an_article_that_rests_rest(rest, people):
    for state, action in LEGAL:
        span = a_span(state, people)
        Article.objects.filter(pk=span.article_id).update(  # no deed supersedes yet
            state=rest, revision=F("revision") + 1
        )
        with refused(Illegal, f"This article is {rest.words}, so its spans rest."):
            do(action, span, people["superuser"])
        span = Span.objects.select_related("article").get(pk=span.pk)
        assert permissions.allowed_on_span(span, people["superuser"]) == {}


@pytest.mark.parametrize("action", DEEDS)
def test_a_span_that_is_not_there_is_not_found(action, people):
    nowhere = SimpleNamespace(uid=uuid4())
    act, needs = DEEDS[action]
    with pytest.raises(Span.DoesNotExist):
        act(span=nowhere.uid, seen=1, deed=make_deed(people["superuser"]), **needs)


# Marking.


def propose(article, words="the bridge", *, actor=None, label="quote", **details):
    make_label()
    text = article.text if isinstance(article, Article) else TEXT
    known = {"extent": extent_of(words, text), "text": words} | details
    slug = getattr(article, "slug", article)
    return actions.propose(
        article=slug, label=label, deed=make_deed(actor or make_user(annotator=True)), **known
    )


def test_who_proposes_a_span_is_its_author_and_last_editor():
    article, actor = make_article(), make_user(annotator=True)
    done = propose(article, actor=actor)
    span = Span.objects.get()
    assert (span.state, span.revision, span.origin) == ("proposed", 1, "human")
    assert (span.author, span.last_editor, span.decided_by) == (actor, actor, None)
    assert (span.extent.of(article.text), span.text) == ("the bridge", "the bridge")
    event = done.deed.events.get(span=span)
    assert (event.action, event.revision, event.before) == ("propose", 1, None)
    assert event.after == span_row(span)


def test_the_first_span_begins_its_article_in_the_same_revision():
    article = make_article()
    done = propose(article)
    article.refresh_from_db()
    assert (article.state, article.revision) == ("in_progress", 2)
    start = done.deed.events.get(span=None)
    assert (start.action, start.revision) == ("start", 2)
    assert (start.before["state"], start.after["state"]) == ("open", "in_progress")


def test_a_second_span_raises_the_articles_revision_and_leaves_its_state():
    article = make_article(state="submitted")
    done = propose(article)
    after = Article.objects.get()
    assert (after.state, after.revision) == ("submitted", article.revision + 1)
    assert not done.deed.events.filter(span=None).exists()


@pytest.mark.parametrize("part", ["reviewer", "exporter", "importer", None])
def test_only_annotators_propose(part):
    article, actor = make_article(), make_user(**({part: True} if part else {}))
    make_label()
    with refused(NotPermitted, "Only annotators"):
        propose(article, actor=actor)


def test_an_article_that_is_not_there_is_not_found():
    with pytest.raises(Article.DoesNotExist):
        propose("nowhere")


@pytest.mark.parametrize("rest", [ArticleState.SET_ASIDE, ArticleState.SUPERSEDED])
def test_nothing_is_marked_in_an_article_that_rests(rest):
    article, actor = make_article(), make_user(annotator=True)
    make_label()
    Article.objects.update(state=rest, revision=2)
    with refused(Illegal, "its spans rest"):
        propose(article, actor=actor)


LENGTH = len(TEXT)
BAD_PLACES = {
    "before the text": (Extent(-1, 3), "The", "start", "cannot start before"),
    "ends first": (Extent(5, 3), "", "start", "must end after it starts"),
    "nothing": (Extent(4, 4), "", "start", "must end after it starts"),
    "past the end": (Extent(LENGTH - 3, LENGTH + 1), TEXT[-3:], "start", "has 1"),
    "far past it": (Extent(2**63, 2**64), "x", "start", "characters"),
    "only blanks": (Extent(TEXT.index("\n"), TEXT.index("\n") + 2), "\n\n", "start", "blanks"),
    "another text": (Extent(0, 3), "the", "text", "not those at 0–3"),
    "a text that is shorter": (Extent(0, 9), "The mayo", "text", "not those at"),
    "a text with an edge blank more": (Extent(0, 3), "The ", "text", "not those at"),
    "no text": (Extent(0, 3), "", "text", "not those at"),
    "a text that is half a character": (Extent(0, 3), "\ud83d", "text", "not those at"),
    "a text with a NUL": (Extent(0, 3), "Th\0", "text", "not those at"),
}


@pytest.mark.parametrize("place", BAD_PLACES.values(), ids=BAD_PLACES)
def test_a_place_that_does_not_hold_those_words_is_refused(place):
    extent, text, field, why = place
    article, actor, span = make_article(), make_user(annotator=True), make_span()
    with refused(Invalid, why) as caught:
        propose(article, actor=actor, extent=extent, text=text)
    assert caught.value.field == field
    with refused(Invalid, why) as caught:
        do(Action.EDIT, span, actor, change=Change(extent=extent, text=text))
    assert caught.value.field == field


def test_a_new_extent_without_its_words_is_refused():
    span, actor = make_span(), make_user(annotator=True)
    with refused(Invalid, "not those at"):
        do(Action.EDIT, span, actor, change=Change(extent=Extent(0, 9)))


def test_words_that_a_form_sent_with_other_line_ends_are_those_of_the_text():
    article = make_article("One\ntwo.\n")
    done = propose(article, "One\ntwo", text="One\r\ntwo")
    assert Span.objects.get(pk=done.span.pk).text == "One\ntwo"


def test_code_points_are_counted_beyond_the_basic_plane():
    article = make_article("🔥 She said “we are 😀 fine” 🇺🇦 e\u0301 today.")
    for words in ("“we are 😀 fine”", "😀", "🇺🇦", "e\u0301 today", "🔥 She"):
        span = propose(article, words).span
        assert (span.text, len(span.extent)) == (words, len(words))


@pytest.mark.parametrize("label", ["rumour", "", "QUOTE", "quo\0te", "\ud800", "retired"])
def test_a_label_that_is_not_offered_is_refused(label):
    make_label("retired", archived=True)
    article, actor, span = make_article(), make_user(annotator=True), make_span()
    with refused(Invalid, "There is no label") as caught:
        propose(article, actor=actor, label=label)
    assert caught.value.field == "label"
    with refused(Invalid, "There is no label"):
        do(Action.EDIT, span, actor, change=Change(label=label))


def test_attributes_that_do_not_fit_are_refused_and_say_which():
    make_label(attributes=[FORM])
    article, actor, span = make_article(), make_user(annotator=True), make_span()
    with refused(Invalid, "Form is one of: direct, scare, or unknown.") as caught:
        propose(article, actor=actor, attributes={"form": "sung"})
    assert caught.value.field == "attr_form"
    with refused(Invalid, "no attribute “mood”") as caught:
        do(Action.EDIT, span, actor, change=Change(attributes={"mood": "sad"}))
    assert caught.value.field == "attr_mood"


def test_attributes_are_stored_checked_with_a_proposal():
    make_label(attributes=[FORM, SPEAKER])
    place = extent_of("The mayor")
    anchored = {"value": " the mayor ", "start": place.start, "end": place.end}
    span = propose(make_article(), attributes={"speaker": anchored, "form": ""}).span
    stored = Span.objects.get(pk=span.pk).attributes
    assert stored == {"speaker": anchored | {"value": "the mayor"}}


# Twins.


def test_a_second_span_of_the_same_words_is_refused_and_names_the_first():
    span = make_span(text="the bridge", author=make_user("ada", annotator=True))
    actor = make_user(annotator=True)
    with refused(Twin, "already marked as quote by ada (proposed)") as caught:
        propose(span.article, actor=actor)
    assert caught.value.uid == str(span.uid)


@pytest.mark.parametrize("state", [State.SUGGESTED, State.SENT_BACK, State.APPROVED])
def test_any_live_span_has_no_twin(state):
    span, actor = make_span(text="the bridge", state=state), make_user(annotator=True)
    whom = "suggester:tests/1" if state is State.SUGGESTED else span.author.username
    with refused(Twin, f"by {whom} ({state.words})"):
        propose(span.article, actor=actor)


@pytest.mark.parametrize("state", [State.REJECTED, State.WITHDRAWN, State.DISMISSED])
def test_words_whose_span_is_gone_may_be_marked_again(state):
    span = make_span(text="the bridge", state=state)
    assert propose(span.article).span.state == "proposed"


def test_the_same_words_may_have_another_label():
    span = make_span(text="the bridge")
    make_label("claim")
    assert propose(span.article, label="claim").span.label.slug == "claim"


def test_a_suggestion_of_what_is_marked_is_refused():
    span = make_span(text="the bridge")
    with refused(Twin):
        make_span(span.article, text="the bridge", state=State.SUGGESTED)


def stand_in_the_way(of):
    """Somebody marks the words of that span, which is no longer live."""
    return make_span(of.article, extent=of.extent)


def test_what_was_withdrawn_does_not_come_back_beside_a_twin():
    span = make_span(state=State.WITHDRAWN)
    twin = stand_in_the_way(span)
    with refused(Twin) as caught:
        do(Action.RESTORE, span, span.author)
    assert caught.value.uid == str(twin.uid)


def test_what_was_dismissed_does_not_come_back_beside_a_twin():
    span, actor = make_span(state=State.DISMISSED), make_user(annotator=True)
    stand_in_the_way(span)
    with refused(Twin):
        do(Action.RESTORE, span, actor)


@pytest.mark.parametrize(
    ("action", "part"), [(Action.REOPEN, "reviewer"), (Action.ANSWER, "annotator")]
)
def test_what_was_rejected_does_not_come_back_beside_a_twin(action, part):
    span, actor = make_span(state=State.REJECTED), make_user(**{part: True})
    stand_in_the_way(span)
    with refused(Twin):
        do(action, span, actor)


def test_an_edit_does_not_move_a_span_onto_another():
    span, actor = make_span(text="The mayor"), make_user(annotator=True)
    make_span(span.article, text="the bridge")
    with refused(Twin):
        do(Action.EDIT, span, actor, change=BRIDGE)


def test_an_edit_does_not_relabel_a_span_into_another():
    span, actor = make_span(text="the bridge"), make_user(annotator=True)
    make_span(span.article, label="claim", text="the bridge")
    with refused(Twin, "as claim"):
        do(Action.EDIT, span, actor, change=Change(label="claim"))


def test_an_amendment_and_an_acceptance_do_not_move_a_span_onto_another():
    span, actor = make_span(text="The mayor"), make_user(reviewer=True)
    offered = make_span(span.article, text="5 million", state=State.SUGGESTED)
    make_span(span.article, text="the bridge")
    with refused(Twin):
        do(Action.AMEND, span, actor)
    with refused(Twin):
        do(Action.ACCEPT, offered, actor, change=BRIDGE)


def test_two_layers_may_mark_the_same_and_only_one_of_them_is_approved():
    span, reviewer = make_span(text="the bridge"), make_user(reviewer=True)
    hidden = Span.objects.get(pk=span.pk)  # no deed works in a layer yet
    hidden.pk, hidden.uid, hidden.layer, hidden.waiting = None, uuid4(), span.author, ""
    hidden.save(force_insert=True)
    do(Action.APPROVE, span, reviewer)
    with refused(Twin, "(approved)") as caught:
        do(Action.APPROVE, hidden, reviewer)
    assert caught.value.uid == str(span.uid)


# Suggestions.


def test_a_suggestion_has_no_author_and_leaves_its_article_open():
    span = make_span(state=State.SUGGESTED, origin="suggester:appeals/2")
    assert (span.author, span.last_editor, span.origin) == (None, None, "suggester:appeals/2")
    assert (span.article.state, span.article.revision) == ("open", 2)
    event = span.events.get()
    assert (event.action, event.deed.machine) == ("suggest", "suggester:appeals/2")
    assert event.deed.actor is None


def test_no_person_suggests(people):
    article = make_article()
    make_label()
    for person in people.values():
        with refused(NotPermitted, "Only machines"):
            actions.suggest(
                article=article.slug, label="quote", extent=extent_of("the bridge"),
                text="the bridge", origin="suggester:me/1", deed=make_deed(person),
            )  # fmt: skip


def test_who_accepts_a_suggestion_is_its_author_and_last_editor():
    span, actor = make_span(state=State.SUGGESTED), make_user(annotator=True)
    do(Action.ACCEPT, span, actor)
    span.refresh_from_db()
    assert (span.author, span.last_editor) == (actor, actor)
    assert span.origin == "suggester:tests/1"
    assert Article.objects.get().state == "in_progress"


def test_a_suggestion_may_be_accepted_with_changes():
    make_label("claim", attributes=[NOTE])
    span, actor = make_span(state=State.SUGGESTED), make_user(reviewer=True)
    do(Action.ACCEPT, span, actor, change=to("5 million", label="claim", attributes={"note": "!"}))
    span.refresh_from_db()
    assert (span.text, span.label.slug, span.attributes) == ("5 million", "claim", {"note": "!"})


def test_a_reviewer_who_accepted_a_suggestion_does_not_approve_it():
    span, actor = make_span(state=State.SUGGESTED), make_user(reviewer=True)
    do(Action.ACCEPT, span, actor)
    with refused(NotPermitted, "last hand on this span was yours"):
        do(Action.APPROVE, span, actor)


def test_dismissing_and_restoring_a_suggestion_leave_it_without_a_hand():
    span, actor = make_span(state=State.DISMISSED), make_user(annotator=True)
    do(Action.RESTORE, span, actor)
    span.refresh_from_db()
    assert (span.state, span.author, span.last_editor) == ("suggested", None, None)
    assert span.article.state == "open"


# Four eyes.

VERDICTS = [Action.APPROVE, Action.AMEND, Action.REJECT, Action.SEND_BACK]


@pytest.mark.parametrize("action", VERDICTS)
@pytest.mark.parametrize("part", [{"annotator": True, "reviewer": True}, {"superuser": True}])
def test_nobody_decides_on_their_own_span(action, part):
    author = make_user(**part)
    span = make_span(author=author)
    with refused(NotPermitted, "last hand on this span was yours"):
        do(action, span, author)


@pytest.mark.parametrize("action", VERDICTS)
def test_nobody_decides_on_a_span_they_edited(action):
    span, editor = make_span(), make_user(reviewer=True)
    do(Action.EDIT, span, editor, change=to("5 million"))
    with refused(NotPermitted, "last hand on this span was yours"):
        do(action, span, editor)


@pytest.mark.parametrize("action", VERDICTS)
def test_two_people_are_enough_for_the_author_decides_on_what_another_edited(action):
    author = make_user(annotator=True, reviewer=True)
    span = make_span(author=author)
    do(Action.EDIT, span, make_user(reviewer=True), change=to("5 million"))
    assert do(action, span, author).span.decided_by == author


def test_nobody_rejects_what_was_sent_back_when_the_last_hand_was_theirs():
    author = make_user(annotator=True, reviewer=True)
    span = make_span(author=author, state=State.SENT_BACK)
    with refused(NotPermitted, "last hand on this span was yours"):
        do(Action.REJECT, span, author)


def test_an_answer_is_no_edit_so_the_last_hand_stays():
    span, other = make_span(state=State.SENT_BACK), make_user(annotator=True, reviewer=True)
    do(Action.ANSWER, span, other)
    span.refresh_from_db()
    assert (span.last_editor, span.decided_by) == (span.author, None)
    assert do(Action.APPROVE, span, other).span.state == "approved"


def test_reopening_an_amendment_makes_its_writer_the_last_hand():
    span, reviewer = make_span(), make_user(reviewer=True)
    do(Action.AMEND, span, reviewer)
    do(Action.REOPEN, span, make_user(reviewer=True))
    span.refresh_from_db()
    assert (span.text, span.amended, span.last_editor) == ("the bridge", False, reviewer)
    with refused(NotPermitted, "last hand on this span was yours"):
        do(Action.APPROVE, span, reviewer)


def test_reopening_an_approval_leaves_the_last_hand():
    span = make_span(state=State.APPROVED)
    do(Action.REOPEN, span, make_user(reviewer=True))
    span.refresh_from_db()
    assert span.last_editor == span.author


# Deciding.


def decision(span):
    span.refresh_from_db()
    return span.decided_by, span.guideline_revision, span.reason, span.amended


def test_an_approval_keeps_who_when_and_under_which_guideline():
    make_label(guideline_revision=3)
    span, reviewer = make_span(), make_user(reviewer=True)
    done = do(Action.APPROVE, span, reviewer, comment="Well seen.")
    assert decision(span) == (reviewer, 3, "", False)
    assert span.decided_at == done.deed.at
    assert done.deed.events.get().comment == "Well seen."


def test_a_rejection_keeps_its_reason_on_the_span_and_in_the_event():
    span, reviewer = make_span(), make_user(reviewer=True)
    done = do(Action.REJECT, span, reviewer, reason="not_a_claim", comment="An opinion.")
    assert decision(span) == (reviewer, 1, "not_a_claim", False)
    event = done.deed.events.get()
    assert (event.reason, event.comment) == ("not_a_claim", "An opinion.")


@pytest.mark.parametrize("reason", Reason)
def test_there_are_these_reasons_to_reject(reason):
    assert do(Action.REJECT, make_span(), make_user(reviewer=True), reason=reason.value)


@pytest.mark.parametrize("reason", ["", "dull", "Other", None, ["other"]])
def test_a_rejection_takes_one_of_the_reasons(reason):
    span, reviewer = make_span(), make_user(reviewer=True)
    with refused(Invalid, "Choose why") as caught:
        do(Action.REJECT, span, reviewer, reason=reason)
    assert caught.value.field == "reason"


def test_sending_back_keeps_its_comment():
    span, reviewer = make_span(), make_user(reviewer=True)
    done = do(Action.SEND_BACK, span, reviewer, comment="Who says so?")
    assert decision(span) == (reviewer, 1, "", False)
    assert done.deed.events.get().comment == "Who says so?"


@pytest.mark.parametrize(
    ("state", "action", "part"),
    [
        (State.PROPOSED, Action.SEND_BACK, "reviewer"),
        (State.SENT_BACK, Action.ANSWER, "annotator"),
        (State.REJECTED, Action.ANSWER, "annotator"),
        (State.REJECTED, Action.EDIT, "annotator"),
    ],
)
@pytest.mark.parametrize("comment", ["", " \n\t"])
def test_where_a_comment_is_needed_blanks_are_none(state, action, part, comment):
    span, actor = make_span(state=state), make_user(**{part: True})
    with refused(Invalid) as caught:
        do(action, span, actor, comment=comment)
    assert caught.value.field == "comment"


@pytest.mark.parametrize("state", [State.PROPOSED, State.SENT_BACK, State.APPROVED])
def test_an_edit_of_what_is_not_rejected_needs_no_comment(state):
    span = make_span(state=state)
    done = do(Action.EDIT, span, make_user(annotator=True), comment="")
    assert done.span.text == "the bridge"


COMMENTED = [
    (State.PROPOSED, Action.EDIT),
    (State.SENT_BACK, Action.ANSWER),
    (State.PROPOSED, Action.APPROVE),
    (State.PROPOSED, Action.AMEND),
    (State.PROPOSED, Action.REJECT),
    (State.PROPOSED, Action.SEND_BACK),
    (State.REJECTED, Action.REOPEN),
]


@pytest.mark.parametrize(("state", "action"), COMMENTED)
@pytest.mark.parametrize("comment", ["a\0b", "half \ud83d"], ids=["nul", "surrogate"])
def test_a_comment_that_no_database_keeps_is_refused(state, action, comment):
    span, actor = make_span(state=state), make_user(superuser=True)
    with refused(Invalid, "nobody can read") as caught:
        do(action, span, actor, comment=comment)
    assert caught.value.field == "comment"


@pytest.mark.parametrize(("state", "action"), COMMENTED)
def test_a_comment_is_kept_as_it_was_written(state, action):
    span, actor = make_span(state=state), make_user(superuser=True)
    done = do(action, span, actor, comment=" “Wer?” 😀\nسؤال ")
    assert done.deed.events.get(span=span).comment == " “Wer?” 😀\nسؤال "


@pytest.mark.parametrize(
    ("state", "action"),
    [key for key, (after, _) in LEGAL.items() if after in (State.PROPOSED, State.WITHDRAWN)],
)
def test_what_waits_or_is_gone_keeps_nothing_of_a_decision(state, action, people):
    span = a_span(state, people)
    do(action, span, people["author" if "author" in LEGAL[state, action][1] else "reviewer"])
    assert decision(span) == (None, None, "", False)
    assert span.decided_at is None


# Required attributes.


@pytest.mark.parametrize("action", [Action.APPROVE, Action.AMEND])
def test_a_span_that_lacks_a_required_attribute_is_not_approved(action):
    make_label(attributes=[FORM, SPEAKER])
    span, reviewer = make_span(attributes={"form": "direct"}), make_user(reviewer=True)
    with refused(Invalid, "Before it can be approved it needs: speaker.") as caught:
        do(action, span, reviewer)
    assert caught.value.field == "attr_speaker"


def test_all_that_is_lacking_is_named_at_once():
    cue = Attribute("cue", "Cue", Kind.ANCHORED, (), required=True)
    make_label(attributes=[FORM, SPEAKER, cue])
    span, reviewer = make_span(), make_user(reviewer=True)
    with refused(Invalid, "it needs: speaker, cue."):
        do(Action.APPROVE, span, reviewer)


@pytest.mark.parametrize(
    "filled", [{"speaker": "the mayor"}, {"speaker": "unknown"}, {"form": "scare"}]
)
def test_a_required_attribute_may_be_unknown_or_excused_by_its_condition(filled):
    make_label(attributes=[FORM, SPEAKER])
    span = make_span(attributes=filled)
    assert do(Action.APPROVE, span, make_user(reviewer=True)).span.state == "approved"


def test_an_amendment_may_bring_what_was_lacking():
    make_label(attributes=[FORM, SPEAKER])
    change = Change(attributes={"speaker": "the mayor"})
    done = do(Action.AMEND, make_span(), make_user(reviewer=True), change=change)
    assert done.span.state == "approved"


def test_an_amendment_to_another_label_is_held_to_what_that_one_requires():
    make_label("claim", attributes=[FORM, SPEAKER])
    span, reviewer = make_span(), make_user(reviewer=True)
    with refused(Invalid, "it needs: speaker."):
        do(Action.AMEND, span, reviewer, change=Change(label="claim"))


def test_a_newly_required_attribute_leaves_earlier_approvals():
    span = make_span(state=State.APPROVED)
    label = Label.objects.get()
    make_label(attributes=[FORM, SPEAKER])
    Label.objects.filter(pk=label.pk).update(guideline_revision=2)
    span.refresh_from_db()
    assert (span.state, span.guideline_revision) == ("approved", 1)


# Changing.


def test_an_edit_undoes_the_approval_and_both_are_on_record():
    span, reviewer = make_span(), make_user(reviewer=True)
    actions.approve(span=span.uid, seen=1, deed=make_deed(reviewer))
    actions.edit(span=span.uid, seen=2, change=BRIDGE, deed=make_deed(span.author))
    span.refresh_from_db()
    assert (span.state, span.decided_by) == ("proposed", None)
    assert [event.action for event in span.events.order_by("pk")] == ["propose", "approve", "edit"]


def test_an_edit_changes_extent_label_and_attributes_and_the_text_follows():
    make_label("claim", attributes=[NOTE])
    span, editor = make_span(text="The mayor"), make_user(annotator=True)
    group = span.text_group
    change = to("the bridge", label="claim", attributes={"note": "!"})
    do(Action.EDIT, span, editor, change=change)
    span.refresh_from_db()
    assert (span.text, span.extent) == ("the bridge", extent_of("the bridge"))
    assert (span.label.slug, span.attributes) == ("claim", {"note": "!"})
    assert span.text_group != group
    assert (span.last_editor, span.author == editor) == (editor, False)


def test_a_part_that_a_change_leaves_out_stays():
    make_label(attributes=[NOTE])
    span = make_span(text="The mayor", attributes={"note": "!"})
    do(Action.EDIT, span, span.author, change=BRIDGE)
    span.refresh_from_db()
    assert (span.text, span.attributes) == ("the bridge", {"note": "!"})


def test_an_attribute_that_a_change_leaves_out_is_emptied():
    make_label(attributes=[NOTE, FORM])
    span = make_span(attributes={"note": "!", "form": "direct"})
    do(Action.EDIT, span, span.author, change=Change(attributes={"form": "direct"}))
    span.refresh_from_db()
    assert span.attributes == {"form": "direct"}


def test_another_label_keeps_the_attributes_that_fit_it():
    same_key = Attribute("form", "Form", Kind.CHOICE, ("loose",))
    make_label("quote", attributes=[NOTE, FORM, Attribute("cue", "Cue", Kind.TEXT)])
    make_label("claim", attributes=[NOTE, same_key])
    span = make_span(attributes={"note": "!", "form": "direct", "cue": "said"})
    do(Action.EDIT, span, span.author, change=Change(label="claim"))
    span.refresh_from_db()
    assert (span.label.slug, span.attributes) == ("claim", {"note": "!"})


def test_another_label_takes_its_own_attributes_when_they_come_with_it():
    make_label("quote", attributes=[NOTE])
    make_label("claim", attributes=[FORM])
    span = make_span(attributes={"note": "!"})
    change = Change(label="claim", attributes={"form": "direct"})
    do(Action.EDIT, span, span.author, change=change)
    span.refresh_from_db()
    assert span.attributes == {"form": "direct"}


def test_a_span_of_an_archived_label_can_still_be_changed():
    span = make_span(text="The mayor")
    Label.objects.update(archived=True)
    change = to("the bridge", label="quote")
    assert do(Action.EDIT, span, span.author, change=change).span.text == "the bridge"


@pytest.mark.parametrize("action", [Action.EDIT, Action.AMEND])
def test_a_change_that_changes_nothing_is_refused(action):
    make_label(attributes=[NOTE])
    span, reviewer = make_span(text="The mayor", attributes={"note": "!"}), make_user(reviewer=True)
    for change in (Change(), to("The mayor", label="quote", attributes={"note": " ! "})):
        with refused(Invalid, "Nothing was changed."):
            do(action, span, reviewer, change=change)


def test_an_amendment_keeps_the_last_editor_and_is_marked():
    span, reviewer = make_span(), make_user(reviewer=True)
    do(Action.AMEND, span, reviewer, comment="The mark was missing.")
    assert decision(span) == (reviewer, 1, "", True)
    assert (span.state, span.text, span.last_editor) == ("approved", "the bridge", span.author)
    assert Event.objects.latest("id").comment == "The mark was missing."


def test_an_amendment_is_decided_under_the_guideline_of_its_new_label():
    make_label("claim", guideline_revision=7)
    span, reviewer = make_span(), make_user(reviewer=True)
    do(Action.AMEND, span, reviewer, change=Change(label="claim"))
    assert decision(span) == (reviewer, 7, "", True)


def test_who_keeps_the_labels_changes_an_approved_span_and_stands_behind_it():
    make_label("claim", guideline_revision=7)
    span, keeper = make_span(state=State.APPROVED), make_keeper(reviewer=True)
    do(Action.AMEND, span, keeper, change=Change(label="claim"))
    assert decision(span) == (keeper, 7, "", True)
    assert (span.state, span.label.slug, span.last_editor) == ("approved", "claim", span.author)


def test_a_reviewer_who_keeps_no_labels_is_told_why_an_approved_span_is_not_amended():
    span = make_span(state=State.APPROVED)
    with refused(NotPermitted, "Only who keeps the labels may change what is approved"):
        do(Action.AMEND, span, make_user(reviewer=True))


def test_who_keeps_the_labels_does_not_stand_behind_their_own_last_hand():
    keeper = make_keeper(annotator=True, reviewer=True)
    span = make_span(author=keeper, state=State.APPROVED)
    with refused(NotPermitted, "The last hand on this span was yours"):
        do(Action.AMEND, span, keeper)


# The article follows.


@pytest.mark.parametrize(
    ("state", "action", "after"),
    [
        (State.APPROVED, Action.EDIT, "reopened"),
        (State.APPROVED, Action.REOPEN, "reopened"),
        (State.REJECTED, Action.ANSWER, "reopened"),
        (State.WITHDRAWN, Action.RESTORE, "reopened"),
        (State.SUGGESTED, Action.ACCEPT, "reopened"),
        (State.SUGGESTED, Action.DISMISS, "reviewed"),
        (State.DISMISSED, Action.RESTORE, "reviewed"),
    ],
)
def test_a_reviewed_article_reopens_when_a_span_needs_somebody(state, action, after):
    article = make_article(state="submitted")
    reviewer = make_user(reviewer=True)
    span = make_span(article, state=state, author=make_user(superuser=True))
    article.refresh_from_db()
    actions.sign_off(
        article=article.slug, seen=article.revision, nothing_missing=True, deed=make_deed(reviewer)
    )
    done = do(action, span, span.author or make_user(superuser=True))
    article = Article.objects.get()
    assert article.state == after
    signed = (article.reviewed_by, article.reviewed_at is not None)
    assert signed == ((reviewer, True) if after == "reviewed" else (None, False))
    events = done.deed.events.filter(span=None)
    assert [event.action for event in events] == (["reopen"] if after == "reopened" else [])


def test_a_new_span_reopens_a_reviewed_article():
    article = make_article(state="reviewed")
    propose(article)
    assert Article.objects.get().state == "reopened"


# Whatever fails, nothing is left.


def test_a_deed_that_fails_halfway_leaves_nothing(monkeypatch):
    span, reviewer = make_span(), make_user(reviewer=True)
    before = everything()

    def fail(*_, **__):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(Article, "save", fail)
    with pytest.raises(RuntimeError):
        do(Action.APPROVE, span, reviewer)
    assert everything() == before
    connection.check_constraints()


# Warnings


def torn(**fields):
    """A quote that takes only one of its two marks, and an article with it."""
    return make_span(text="safe as a house”", **fields)


def test_a_warning_stands_in_the_way_of_approval_until_it_is_waved_through_and_that_is_logged():
    span, reviewer = torn(), make_user(reviewer=True)
    with refused(Warned, "Look again: It takes only one of two quotation marks") as caught:
        do(Action.APPROVE, span, reviewer)
    assert caught.value.concerns == (Concern.UNBALANCED_QUOTES,)
    assert str(caught.value).endswith("Approve once more to wave it through.")
    with refused(Warned):
        do(Action.APPROVE, span, reviewer, waved=["cuts_word", "nonsense"])

    do(Action.APPROVE, span, reviewer, waved=["cuts_word", "unbalanced_quotes"])

    event = span.events.last()
    assert (event.action, event.waved) == ("approve", ["unbalanced_quotes"])


def test_where_nothing_is_wrong_nothing_is_logged_as_waved():
    span = make_span(text="“as safe as a house”")
    do(Action.APPROVE, span, make_user(reviewer=True), waved=list(Concern))
    assert span.events.last().waved == []


def test_an_amendment_is_warned_of_what_the_span_will_be():
    reviewer = make_user(reviewer=True)
    span = torn()
    do(Action.AMEND, span, reviewer, change=to("“as safe as a house”"))
    assert span.events.last().waved == []

    span = make_span(text="“as safe as a house”")
    with refused(Warned, "middle of a word. Approve once more to wave them through.") as caught:
        do(Action.AMEND, span, reviewer, change=to("safe as a house”. It cos"))
    assert caught.value.concerns == (Concern.UNBALANCED_QUOTES, Concern.CUTS_WORD)
    change = to("safe as a house”. It cos")
    do(Action.AMEND, span, reviewer, change=change, waved=list(Concern))
    assert span.events.last().waved == ["unbalanced_quotes", "cuts_word"]
    span.refresh_from_db()
    assert (span.state, span.amended, span.text) == ("approved", True, change.text)


def test_no_other_verdict_is_warned():
    reviewer = make_user(reviewer=True)
    for action in (Action.REJECT, Action.SEND_BACK):
        span = torn()
        do(action, span, reviewer)
        assert span.events.last().waved == []


def test_what_is_not_the_articles_words_is_never_approved(monkeypatch):
    span, reviewer = make_span(), make_user(reviewer=True)
    monkeypatch.setattr(checks, "errors", lambda span: ["Its words are not those."])
    with refused(Invalid, "Its words are not those."):
        do(Action.APPROVE, span, reviewer)


# The same verdict twice


@pytest.mark.parametrize("key", JUST_SO, ids=lambda key: key[1])
def test_the_same_verdict_on_the_revision_before_it_is_nothing_to_refuse(key, people):
    state, action = key
    span = a_span(state, people)
    with refused(Already, f"Already {state.words} by {span.decided_by}."):
        do(action, span, people["reviewer"], seen=span.revision - 1)


def test_who_gave_the_verdict_may_give_it_again():
    reviewer = make_user("ada", reviewer=True)
    span = make_span(state=State.APPROVED, reviewer=reviewer)
    with refused(Already, "Already approved by ada."):
        do(Action.APPROVE, span, reviewer, seen=1)


def test_another_verdict_or_other_words_are_stale_so_that_nothing_is_lost():
    reviewer = make_user(reviewer=True)
    span = make_span(state=State.REJECTED, reason="duplicate")
    for action, said in (
        (Action.REJECT, {"reason": "other"}),
        (Action.REJECT, {"reason": "duplicate", "comment": "Look at the title."}),
        (Action.APPROVE, {}),
    ):
        with refused(Stale):
            do(action, span, reviewer, seen=1, **said)
    with refused(Already):
        do(Action.REJECT, span, reviewer, seen=1, reason="duplicate")
    span = make_span(state=State.SENT_BACK, comment="Why?")
    for comment in ("Who?", "", " "):
        with refused(Stale):
            do(Action.SEND_BACK, span, reviewer, seen=1, comment=comment)
    with refused(Already):
        do(Action.SEND_BACK, span, reviewer, seen=1, comment="Why?")


def test_an_approval_after_something_else_was_changed_is_stale(people):
    reviewer = people["reviewer"]
    span = make_span()
    do(Action.EDIT, span, people["editor"], change=to("5 million"))
    do(Action.APPROVE, span, make_user(reviewer=True))
    with refused(Stale):
        do(Action.APPROVE, span, reviewer, seen=1)
    span = make_span()
    do(Action.AMEND, span, make_user(reviewer=True))
    with refused(Stale):
        do(Action.APPROVE, span, reviewer, seen=1)
    with refused(Stale):
        do(Action.AMEND, span, reviewer, seen=1)


def test_who_may_not_decide_hears_that_and_not_that_it_is_done(people):
    span = a_span(State.APPROVED, people)
    for person in ("editor", "annotator"):
        with refused(Stale):
            do(Action.APPROVE, span, people[person], seen=span.revision - 1)
        with refused(Illegal):
            do(Action.APPROVE, span, people[person])
