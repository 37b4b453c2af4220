"""Deeds on one article: how it comes in, who moves it on, and what stands in the way."""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.db.models import F

from annotations import actions, permissions
from annotations.actions import Particulars
from annotations.actions._names import opening_words
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import Action, ArticleState, State, article_transition
from annotations.domain.refusals import Illegal, Invalid, NotPermitted, Stale, Twin
from annotations.models import Article, Outlet, Span, Story
from tests.factories import TEXT, make_article, make_deed, make_label, make_span, make_user
from tests.refusals import everything, refused

pytestmark = pytest.mark.django_db

DEEDS = {
    Action.SUBMIT: (actions.submit, {}),
    Action.TAKE_BACK: (actions.take_back, {}),
    Action.REVIEW: (actions.sign_off, {"nothing_missing": True}),
    Action.REOPEN: (actions.reopen_article, {}),
    Action.SET_ASIDE: (actions.set_aside, {"reason": "The same as another."}),
    Action.RESTORE: (actions.restore_article, {}),
}
ANNOTATORS = {"submitter", "annotator", "both", "superuser"}
REVIEWERS = {"reviewer", "both", "superuser"}
EITHER = ANNOTATORS | REVIEWERS
SUBMITTER = {"submitter"}
A = ArticleState
# (state, deed): the state it leads to, and who may do it.
LEGAL = {
    (A.OPEN, Action.SUBMIT): (A.SUBMITTED, ANNOTATORS),
    (A.IN_PROGRESS, Action.SUBMIT): (A.SUBMITTED, ANNOTATORS),
    (A.SUBMITTED, Action.TAKE_BACK): (A.IN_PROGRESS, SUBMITTER),
    (A.SUBMITTED, Action.REVIEW): (A.REVIEWED, REVIEWERS),
    (A.REOPENED, Action.REVIEW): (A.REVIEWED, REVIEWERS),
    (A.REVIEWED, Action.REOPEN): (A.REOPENED, REVIEWERS),
    (A.OPEN, Action.SET_ASIDE): (A.SET_ASIDE, EITHER),
    (A.IN_PROGRESS, Action.SET_ASIDE): (A.SET_ASIDE, EITHER),
    (A.SUBMITTED, Action.SET_ASIDE): (A.SET_ASIDE, EITHER),
    (A.REVIEWED, Action.SET_ASIDE): (A.SET_ASIDE, EITHER),
    (A.REOPENED, Action.SET_ASIDE): (A.SET_ASIDE, EITHER),
    (A.SET_ASIDE, Action.RESTORE): (A.OPEN, EITHER),
}


@pytest.fixture
def people():
    return {
        "submitter": make_user(annotator=True),
        "annotator": make_user(annotator=True),
        "reviewer": make_user(reviewer=True),
        "both": make_user(annotator=True, reviewer=True),
        "superuser": make_user(superuser=True),
        "exporter": make_user(exporter=True),
        "nobody": make_user(),
    }


def an_article(state, submitter=None):
    if state is A.SUPERSEDED:  # alone, without what replaces it
        article = make_article()
        Article.objects.update(state=state, revision=F("revision") + 1)
        return Article.objects.get(pk=article.pk)
    return make_article(state=state, annotator=submitter)


def do(action, article, actor, **details):
    """Do that deed to the article as it is now."""
    act, needs = DEEDS[action]
    seen = Article.objects.get(pk=article.pk).revision
    known = {"article": article.slug, "seen": seen, "deed": make_deed(actor)}
    return act(**known | needs | details)


def article_row(article):
    """All of an article that ever changes, save the revision, as JSON holds it."""
    frozen = {"id", "slug", "text", "text_sha256", "added_at", "revision"}
    frozen |= {"proposed", "sent_back", "leased_to_id", "leased_until"}  # the queue's
    values = {
        field.attname: getattr(article, field.attname)
        for field in article._meta.concrete_fields
        if field.attname not in frozen
    }
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


# The whole table, legal and illegal.


@pytest.mark.parametrize("key", LEGAL, ids=lambda key: f"{key[1]} {key[0]}")
def test_a_deed_moves_the_article_and_writes_one_event_and_one_revision(key, people):
    state, action = key
    after, may = LEGAL[key]
    article = an_article(state, people["submitter"])
    deeds = len(everything()["Deed"])
    actor = people["submitter" if "submitter" in may else "reviewer"]

    done = do(action, article, actor)

    now = Article.objects.get()
    assert (now.state, now.revision) == (after, article.revision + 1)
    event = done.deed.events.get()
    assert (event.action, event.revision, event.span) == (action, now.revision, None)
    assert (event.before, event.after) == (article_row(article), article_row(now))
    assert (done.article.state, done.article.revision) == (now.state, now.revision)
    assert (done.spans, done.skipped, done.repeated) == ((), (), False)
    assert len(everything()["Deed"]) == deeds + 1


@pytest.mark.parametrize("key", LEGAL, ids=lambda key: f"{key[1]} {key[0]}")
def test_a_deed_is_done_by_those_who_may_and_refused_to_all_others(key, people):
    state, action = key
    article = an_article(state, people["submitter"])
    may = set()
    for part, person in people.items():
        before = everything()
        with suppress(NotPermitted), transaction.atomic():
            do(action, article, person)
            may.add(part)
            transaction.set_rollback(True)
        assert everything() == before
    assert may == LEGAL[key][1]


@pytest.mark.parametrize("state", ArticleState)
def test_what_is_offered_on_an_article_is_what_would_be_done(state, people):
    article = an_article(state, people["submitter"])
    for part, person in people.items():
        offered = permissions.allowed_on_article(article, person)
        assert set(offered) == {a for s, a in LEGAL if s == state}
        for action, why in offered.items():
            assert (why == "") is (part in LEGAL[state, action][1])
            assert why == "" or why.endswith(".")


@pytest.mark.parametrize("state", ArticleState)
def test_what_the_table_lacks_is_refused_whoever_tries(state):
    superuser = make_user(superuser=True)
    article = an_article(state, superuser)
    for action in DEEDS:
        if (state, action) not in LEGAL:
            with refused(Illegal, f"This article is {state.words}, so it cannot be"):
                do(action, article, superuser)


@pytest.mark.parametrize("key", LEGAL, ids=lambda key: f"{key[1]} {key[0]}")
@pytest.mark.parametrize("off", [-1, 1])
def test_a_deed_on_another_revision_than_the_article_has_is_stale(key, off, people):
    state, action = key
    article = an_article(state, people["submitter"])
    actor = people["submitter" if "submitter" in LEGAL[key][1] else "reviewer"]
    with refused(Stale, "changed since you saw it"):
        do(action, article, actor, seen=article.revision + off)


@pytest.mark.parametrize("action", DEEDS)
def test_an_article_that_is_not_there_is_not_found(action):
    act, needs = DEEDS[action]
    with pytest.raises(Article.DoesNotExist):
        act(article="nowhere", seen=1, deed=make_deed(make_user(superuser=True)), **needs)


# Submitting.


def test_who_submits_is_kept_until_they_take_it_back():
    article, actor = make_article(), make_user(annotator=True)
    done = do(Action.SUBMIT, article, actor)
    article.refresh_from_db()
    assert (article.submitted_by, article.submitted_at) == (actor, done.deed.at)
    do(Action.TAKE_BACK, article, actor)
    article.refresh_from_db()
    assert (article.submitted_by, article.submitted_at) == (None, None)


@pytest.mark.parametrize("verdict", [State.APPROVED, State.REJECTED, State.SENT_BACK])
def test_a_submission_is_taken_back_only_until_a_first_decision(verdict):
    annotator = make_user(annotator=True)
    article = make_article(state=A.SUBMITTED, annotator=annotator)
    make_span(article, annotator, state=verdict)
    with refused(NotPermitted, "A reviewer has begun to decide"):
        do(Action.TAKE_BACK, article, annotator)
    offered = permissions.allowed_on_article(Article.objects.get(), annotator)
    assert "begun to decide" in offered[Action.TAKE_BACK]


def test_a_decision_before_it_was_submitted_does_not_keep_it_from_being_taken_back():
    annotator, article = make_user(annotator=True), make_article()
    make_span(article, annotator, state=State.APPROVED)
    do(Action.SUBMIT, article, annotator)
    assert do(Action.TAKE_BACK, article, annotator).article.state == A.IN_PROGRESS


def test_what_annotators_do_after_submitting_does_not_keep_it_from_being_taken_back():
    annotator = make_user(annotator=True)
    article = make_article(state=A.SUBMITTED, annotator=annotator)
    make_span(article, annotator, state=State.WITHDRAWN)
    assert do(Action.TAKE_BACK, article, annotator).article.state == A.IN_PROGRESS


def test_who_is_no_annotator_any_more_takes_nothing_back():
    annotator = make_user(annotator=True)
    article = make_article(state=A.SUBMITTED, annotator=annotator)
    annotator.groups.clear()
    annotator = type(annotator).objects.get(pk=annotator.pk)
    with refused(NotPermitted, "Only annotators"):
        do(Action.TAKE_BACK, article, annotator)


# Signing off.


def test_an_article_with_nothing_to_tag_can_be_signed_off():
    article, reviewer = make_article(state=A.SUBMITTED), make_user(reviewer=True)
    done = do(Action.REVIEW, article, reviewer)
    article.refresh_from_db()
    assert (article.reviewed_by, article.reviewed_at) == (reviewer, done.deed.at)


@pytest.mark.parametrize(
    ("states", "why"),
    [
        ([State.PROPOSED], "1 span is still undecided or sent back."),
        ([State.SENT_BACK], "1 span is still undecided or sent back."),
        ([State.PROPOSED, State.SENT_BACK, State.APPROVED], "2 spans are still undecided"),
    ],
)
def test_no_article_is_signed_off_over_spans_that_need_somebody(states, why):
    article, reviewer = make_article(state=A.SUBMITTED), make_user(reviewer=True)
    for state in states:
        make_span(article, state=state)
    with refused(Illegal, why):
        do(Action.REVIEW, article, reviewer)


def test_settled_spans_and_suggestions_do_not_keep_an_article_from_being_signed_off():
    article = make_article(state=A.SUBMITTED)
    for state in set(State) - {State.PROPOSED, State.SENT_BACK, State.MERGED}:
        make_span(article, state=state)
    done = do(Action.REVIEW, article, make_user(reviewer=True))
    assert done.article.state == A.REVIEWED


def test_no_article_is_signed_off_before_somebody_says_that_nothing_is_missing():
    article, reviewer = make_article(state=A.SUBMITTED), make_user(reviewer=True)
    with refused(Invalid, "Tick that nothing is missing.") as caught:
        do(Action.REVIEW, article, reviewer, nothing_missing=False)
    assert caught.value.field == "nothing_missing"


@pytest.fixture
def both():
    return make_user(annotator=True, reviewer=True)


def test_nobody_signs_off_an_article_whose_spans_are_all_theirs(both):
    article = make_article(state=A.SUBMITTED)
    make_span(article, both, state=State.APPROVED)
    make_span(article, both, state=State.REJECTED)
    make_span(article, state=State.WITHDRAWN)
    make_span(article, state=State.SUGGESTED)
    with refused(NotPermitted, "All its spans are yours"):
        do(Action.REVIEW, article, both)


def test_one_of_several_authors_may_sign_off(both):
    article = make_article(state=A.SUBMITTED)
    make_span(article, both, state=State.APPROVED)
    make_span(article, state=State.APPROVED)
    assert do(Action.REVIEW, article, both).article.state == A.REVIEWED


def test_who_marked_nothing_that_stands_may_sign_off(both):
    article = make_article(state=A.SUBMITTED, annotator=both)
    make_span(article, both, state=State.WITHDRAWN)
    assert do(Action.REVIEW, article, both).article.state == A.REVIEWED


def test_reopening_takes_the_signature_back_and_keeps_the_comment():
    article = make_article(state=A.REVIEWED)
    done = do(Action.REOPEN, article, make_user(reviewer=True), comment="Two are missing.")
    article.refresh_from_db()
    assert (article.reviewed_by, article.reviewed_at) == (None, None)
    assert article.submitted_by is not None
    assert done.deed.events.get().comment == "Two are missing."


@pytest.mark.parametrize("comment", ["a\0b", "half \ud83d"], ids=["nul", "surrogate"])
def test_a_comment_that_no_database_keeps_is_refused(comment):
    article, reviewer = make_article(state=A.REVIEWED), make_user(reviewer=True)
    with refused(Invalid, "nobody can read") as caught:
        do(Action.REOPEN, article, reviewer, comment=comment)
    assert caught.value.field == "comment"


# Setting aside.

MOVING = [A.OPEN, A.IN_PROGRESS, A.SUBMITTED, A.REVIEWED, A.REOPENED]


@pytest.mark.parametrize("state", MOVING)
def test_an_article_comes_back_to_where_it_was_before_it_was_set_aside(state):
    article, actor = make_article(state=state), make_user(annotator=True)
    do(Action.SET_ASIDE, article, actor)
    do(Action.RESTORE, article, make_user(annotator=True))
    assert article_row(Article.objects.get()) == article_row(article)


def test_an_article_set_aside_twice_comes_back_to_where_it_was_the_second_time():
    article, actor = make_article(), make_user(annotator=True)
    for action in (Action.SET_ASIDE, Action.RESTORE, Action.SUBMIT, Action.SET_ASIDE):
        do(action, article, actor)
    assert do(Action.RESTORE, article, actor).article.state == A.SUBMITTED


def test_an_article_set_aside_by_redoing_comes_back_to_where_it_was():
    article, actor = make_article(state=A.SUBMITTED), make_user(annotator=True)
    first = do(Action.SET_ASIDE, article, actor)
    undone = actions.undo(target=first.deed.pk, deed=make_deed(actor))
    actions.undo(target=undone.deed.pk, deed=make_deed(actor))
    assert Article.objects.get().state == A.SET_ASIDE
    assert do(Action.RESTORE, article, actor).article.state == A.SUBMITTED


def test_a_signature_rests_while_its_article_is_set_aside():
    article, actor = make_article(state=A.REVIEWED), make_user(annotator=True)
    do(Action.SET_ASIDE, article, actor)
    assert Article.objects.get().reviewed_by is None
    do(Action.RESTORE, article, actor)
    assert Article.objects.get().reviewed_by == article.reviewed_by


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("", "Say why it is set aside."),
        (" \n", "Say why it is set aside."),
        ("x" * 201, "at most 200 characters"),
        ("a\0b", "nobody can read"),
        ("half \ud83d", "nobody can read"),
    ],
)
def test_an_article_is_set_aside_for_a_reason_in_words(reason, why):
    article, actor = make_article(), make_user(annotator=True)
    with refused(Invalid, why) as caught:
        do(Action.SET_ASIDE, article, actor, reason=reason)
    assert caught.value.field == "reason"


def test_the_reason_is_on_record():
    article = make_article()
    done = do(Action.SET_ASIDE, article, make_user(annotator=True), reason=f" {'x' * 199} ")
    assert done.deed.events.get().reason == "x" * 199


# Coming in.


def bring(text=TEXT, *, actor=None, **particulars):
    deed = make_deed(actor) if actor else actions.deed_of_machine("import:tests")
    return actions.add_article(text=text, particulars=Particulars(**particulars), deed=deed)


def bring_marked(*suggestions, actor=None):
    deed = make_deed(actor) if actor else actions.deed_of_machine("import:tests")
    return actions.add_article(
        text=TEXT, particulars=Particulars(), suggestions=suggestions, deed=deed
    )


def test_an_article_comes_in_open_with_its_text_and_sum_and_an_event():
    text = "Ünïcödé 😀\n\n\u2028 and “quotes”. "
    done = bring(text, title="A title", language="de")
    article = Article.objects.get()
    assert (article.text, article.state, article.revision) == (text, "open", 1)
    assert article.text_sha256 == hashlib.sha256(text.encode()).hexdigest()
    event = done.deed.events.get()
    assert (event.action, event.revision, event.before) == ("import", 1, None)
    assert event.after == article_row(article)
    assert (done.deed.machine, done.deed.actor) == ("import:tests", None)
    assert article.added_at == done.deed.at


def test_line_ends_are_folded_on_the_way_in():
    bring("One\r\ntwo\rthree")
    assert Article.objects.get().text == "One\ntwo\nthree"


def test_all_that_is_known_of_an_article_comes_in_with_it():
    day = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    bring(
        slug="the-bridge", outlet="The Moscow Times", story="A bridge", title=" Bridge ",
        url="https://example.org/1", published_at=day, language="en",
    )  # fmt: skip
    article = Article.objects.get()
    assert (article.slug, article.title, article.url) == (
        "the-bridge", "Bridge", "https://example.org/1",
    )  # fmt: skip
    assert (article.published_at, article.language) == (day, "en")
    assert (article.outlet.slug, article.outlet.name) == ("the-moscow-times", "The Moscow Times")
    assert (article.story.slug, article.story.title) == ("a-bridge", "A bridge")


def test_an_importer_brings_articles_in_and_nobody_else_does(people):
    assert bring(actor=make_user(importer=True)).deed.actor is not None
    for part in set(people) - {"superuser"}:
        with refused(NotPermitted, "Only importers"):
            bring("Another text.", actor=people[part])


def marked(words, text=TEXT, label="quote"):
    start = text.index(words)
    return actions.Marked(label, Extent(start, start + len(words)), words)


def test_what_is_suggested_comes_in_with_the_article_in_one_deed_of_the_machines():
    make_label()
    done = bring_marked(marked("the bridge"), marked("5 million"))
    article = Article.objects.get()
    assert (article.state, article.revision) == ("open", 1)
    assert [span.text for span in done.spans] == ["the bridge", "5 million"]
    assert {(span.state, span.origin, span.author) for span in article.spans.all()} == {
        ("suggested", "import:tests", None)
    }
    assert [event.action for event in done.deed.events.order_by("id")] == [
        "import", "suggest", "suggest",
    ]  # fmt: skip


def test_an_article_does_not_come_in_with_a_suggestion_that_does_not_fit():
    make_label()
    with refused(Invalid, "There is no label"):
        bring_marked(marked("the bridge"), marked("5 million", label="rumour"))
    with refused(Twin):
        bring_marked(marked("the bridge"), marked("the bridge"))


def test_a_person_who_brings_an_article_in_suggests_nothing():
    make_label()
    importer = make_user(importer=True, annotator=True)
    with refused(NotPermitted, "Only machines"):
        bring_marked(marked("the bridge"), actor=importer)


@pytest.mark.parametrize("text", ["", " \n\t", "a\0b", "half \ud83d"])
def test_a_text_that_cannot_be_an_articles_is_refused(text):
    with refused(Invalid) as caught:
        bring(text)
    assert caught.value.field == "text"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "two words"),
        ("slug", "x" * 121),
        ("title", "x" * 501),
        ("url", "javascript:alert(1)"),
        ("url", "not an address"),
        ("url", "https://example.org/" + "x" * 500),
        ("language", "x" * 36),
        *((field, value) for field in ("slug", "title", "url", "language", "outlet", "story")
          for value in ("a\0b", "half \ud83d")),
    ],
)  # fmt: skip
def test_particulars_that_cannot_be_stored_are_refused_and_say_which(field, value):
    with refused(Invalid) as caught:
        bring(**{field: value})
    assert caught.value.field == field
    article = make_article()
    importer = make_user(importer=True)
    if field != "slug":
        with refused(Invalid) as caught:
            describe(article, importer, **{"title": "A title", field: value})
        assert caught.value.field == field


@pytest.mark.parametrize(("field", "most"), [("outlet", 200), ("story", 300)])
def test_a_name_that_is_too_long_is_refused(field, most):
    with refused(Invalid, f"has {most + 1} characters; {most} are the most."):
        bring(**{field: "x" * (most + 1)})
    bring(**{field: "x" * most})
    assert Article.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Headline\n\nBody", "Headline"),
        ("\n \n  Late headline  \nBody", "Late headline"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 80 + " …"),
        ("word " * 15 + "and, so on it goes", "word " * 15 + "and …"),
    ],
)
def test_a_missing_title_is_the_texts_opening_words(text, title):
    assert opening_words(text) == title
    bring(text)
    assert Article.objects.get().title == title


def test_a_missing_slug_comes_from_the_title_and_is_its_own():
    slugs = [bring(f"Text {n}.", title="Déjà vu: again!").article.slug for n in range(3)]
    assert slugs == ["deja-vu-again", "deja-vu-again-2", "deja-vu-again-3"]


def test_a_title_without_latin_letters_gives_a_slug_all_the_same():
    slugs = {bring(f"Text {n}.", title=title).article.slug for n, title in enumerate(["数", "字"])}
    assert len(slugs) == 2
    assert all(slug.startswith("article-") for slug in slugs)


def test_a_long_title_gives_a_slug_that_fits():
    slugs = [bring(f"Text {n}.", title="word " * 99).article.slug for n in range(2)]
    assert max(map(len, slugs)) <= 120
    assert len(set(slugs)) == 2


# Known articles.


def test_an_article_is_known_by_its_slug_whatever_else_it_says():
    article = make_article(slug="the-bridge")
    known = actions.known_article(Particulars(slug="the-bridge", outlet="Elsewhere"), "Other.")
    assert known == article
    with refused(Illegal, "here already"):
        bring("Other.", slug="the-bridge")


@pytest.mark.parametrize("text", ["ab\ud800cd", " "])
def test_a_text_that_cannot_be_is_no_known_article(text):
    with pytest.raises(Invalid):
        actions.known_article(Particulars(), text)


@pytest.mark.parametrize(
    ("first", "second", "known"),
    [
        ({}, {}, True),
        ({}, {"title": "Another title", "story": "A story", "language": "en"}, True),
        ({}, {"slug": "another-slug"}, True),
        ({}, {"outlet": "Times"}, False),
        ({}, {"url": "https://example.org/1"}, False),
        ({"outlet": "Times"}, {}, False),
        ({"outlet": "Times"}, {"outlet": "Times"}, True),
        ({"outlet": "Times"}, {"outlet": "times"}, True),
        ({"outlet": "The Times"}, {"outlet": "the-times"}, True),
        ({"outlet": "Times"}, {"outlet": "Herald"}, False),
        ({"outlet": "時報"}, {"outlet": "時報"}, True),
        ({"outlet": "時報"}, {"outlet": "日報"}, False),
        (
            {"outlet": "Times", "url": "https://example.org/1"},
            {"outlet": "Times", "url": "https://example.org/1"},
            True,
        ),
        (
            {"outlet": "Times", "url": "https://example.org/1"},
            {"outlet": "Times", "url": "https://example.org/2"},
            False,
        ),
    ],
)
def test_an_article_is_known_by_outlet_address_and_text_what_is_missing_being_empty(
    first, second, known
):
    article = bring(**first).article
    found = actions.known_article(Particulars(**second), TEXT)
    assert found == (article if known else None)
    if known:
        with refused(Illegal, "here already"):
            bring(**second)
    else:
        bring(**second)
        assert Article.objects.count() == 2


def test_a_text_with_other_line_ends_is_the_same_text():
    bring("One\ntwo")
    with refused(Illegal, "here already"):
        bring("One\r\ntwo")


def test_another_text_from_the_same_place_is_another_article():
    bring("One.", outlet="Times", url="https://example.org/1")
    bring("One!", outlet="Times", url="https://example.org/1")
    assert Article.objects.count() == 2


@pytest.mark.parametrize("again", ["The Times", "the-times", "the times", "THE TIMES!"])
def test_an_outlet_and_a_story_are_found_by_slug_or_by_a_name_that_makes_it(again):
    bring("One.", outlet="The Times", story="The Times")
    bring("Two.", outlet=again, story=again)
    assert (Outlet.objects.count(), Story.objects.count()) == (1, 1)


def test_an_outlet_is_found_by_a_name_that_its_slug_does_not_tell():
    Outlet.objects.create(slug="tmt", name="The Moscow Times")
    Story.objects.create(slug="s1", title="A bridge")
    article = bring(outlet="The Moscow Times", story="A bridge").article
    assert (article.outlet.slug, article.story.slug) == ("tmt", "s1")


def test_an_outlet_that_was_renamed_still_takes_the_articles_of_its_slug():
    Outlet.objects.create(slug="the-moscow-times", name="Moscow Times (exile)")
    article = bring(outlet="The Moscow Times").article
    assert article.outlet.name == "Moscow Times (exile)"


def test_outlets_without_latin_letters_are_told_apart():
    slugs = {bring(f"{name}.", outlet=name).article.outlet.slug for name in ("時報", "日報")}
    assert len(slugs) == 2


# Describing.


def describe(article, actor, **particulars):
    seen = Article.objects.get(pk=article.pk).revision
    deed = make_deed(actor) if actor else actions.deed_of_machine("import:tests")
    return actions.describe_article(
        article=article.slug, seen=seen, particulars=Particulars(**particulars), deed=deed
    )


def test_describing_changes_all_but_slug_and_text_and_leaves_an_event():
    article = make_article(state=A.SUBMITTED, outlet="Times", story="A bridge")
    day = datetime(2024, 5, 6, tzinfo=UTC)
    done = describe(
        article, make_user(importer=True), slug="ignored", title="New", outlet="Herald",
        url="https://example.org/new", language="fr", published_at=day,
    )  # fmt: skip
    now = Article.objects.get()
    assert (now.slug, now.text, now.state) == (article.slug, article.text, "submitted")
    assert (now.title, now.outlet.name, now.story) == ("New", "Herald", None)
    assert (now.url, now.language, now.published_at) == ("https://example.org/new", "fr", day)
    assert now.revision == article.revision + 1
    event = done.deed.events.get()
    assert (event.action, event.before) == ("describe", article_row(article))
    assert event.after == article_row(now)


def test_a_machine_describes_articles_too():
    assert describe(make_article(), None, title="New").article.title == "New"


def test_only_importers_describe(people):
    article = make_article()
    for part in set(people) - {"superuser"}:
        with refused(NotPermitted, "Only importers"):
            describe(article, people[part], title="New")


def test_describing_what_has_changed_since_is_stale():
    article, importer = make_article(), make_user(importer=True)
    make_span(article)
    with refused(Stale):
        actions.describe_article(
            article=article.slug, seen=1, particulars=Particulars(title="New"),
            deed=make_deed(importer),
        )  # fmt: skip


def test_an_article_keeps_a_title():
    article, importer = make_article(), make_user(importer=True)
    with refused(Invalid, "Title") as caught:
        describe(article, importer, title="  ")
    assert caught.value.field == "title"


@pytest.mark.parametrize("outlet", ["", "Times"])
def test_no_description_makes_two_articles_the_same(outlet):
    importer = make_user(importer=True)
    make_article(outlet=outlet, url="https://example.org/1")
    other = make_article(outlet="Herald", url="https://example.org/1")
    with refused(Illegal, "Another article with this outlet, address and text"):
        describe(other, importer, title="New", outlet=outlet, url="https://example.org/1")


def test_a_description_may_leave_an_article_where_it_is():
    article = make_article(outlet="Times", url="https://example.org/1")
    importer = make_user(importer=True)
    done = describe(article, importer, title="New", outlet="Times", url="https://example.org/1")
    assert done.article.title == "New"


# Permissions that are no deed.


def test_only_importers_replace_an_article():
    article = make_article()
    replacing = article_transition(A.OPEN, Action.SUPERSEDE)
    permissions.check_article(replacing, make_user(importer=True), article)
    with pytest.raises(NotPermitted, match="Only importers"):
        permissions.check_article(replacing, make_user(annotator=True, reviewer=True), article)


@pytest.mark.parametrize(
    ("check", "part"),
    [(permissions.check_export, "exporter"), (permissions.check_import, "importer")],
)
def test_exporting_and_importing_are_for_those_groups_and_superusers(check, part):
    check(make_user(**{part: True}))
    check(make_user(superuser=True))
    others = {"annotator", "reviewer", "exporter", "importer"} - {part}
    with pytest.raises(NotPermitted, match=f"Only {part}s may"):
        check(make_user(**dict.fromkeys(others, True)))


def test_no_deed_on_an_article_touches_its_spans():
    article = make_article(state=A.SUBMITTED)
    span = make_span(article, state=State.APPROVED)
    for action in (Action.REVIEW, Action.REOPEN, Action.SET_ASIDE, Action.RESTORE):
        do(action, article, make_user(reviewer=True))
    assert Span.objects.get().revision == span.revision
