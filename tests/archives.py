"""A newsroom of every kind of row, its archive, and a database with nothing in it."""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256

from django.contrib.auth.models import Group, Permission
from django.db import connection

from annotations import actions, pipelines, triggers
from annotations.actions import Change, LabelChange, Particulars
from annotations.actions.labels import save_label
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.checks import Concern
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import Action, ArticleState, Reason, State
from annotations.models import (
    Article,
    Label,
    Outlet,
    Person,
    Scope,
    Sketch,
    Span,
    Story,
    TextGroup,
)
from annotations.queries.archive import KINDS
from annotations.queries.exports import ExportFilter
from tests.factories import (
    make_article,
    make_comment,
    make_deed,
    make_export,
    make_label,
    make_span,
    make_spot_check,
    make_token,
    make_user,
)

# Emoji of one and of three code points, an é of two, Hebrew, line separators, quotation marks.
TEXT = (
    "Zoe\u0301 🌉: “Go 🌉 now!” – Go 🌉 now, she says. 👩\u200d🚒\n\n"
    '„שלום עולם“, אמר ראש העיר.\u2028It cost \\ 5 "million".\t\x01\n\nSupport our work: donate.'
)
PUBLISHED = datetime(2024, 5, 28, 17, 30, tzinfo=UTC)
SPEAKER = {"value": "Zoe\u0301", "start": 0, "end": 4}


def make_newsroom():
    """Everything that can be done, done at least once, by people whose keys are not 1, 2, 3."""
    Outlet.objects.bulk_create(Outlet(slug=f"o-{number}", name="O") for number in range(3))
    Outlet.objects.filter(slug__in=["o-0", "o-1"]).delete()
    make_user("nobody-any-more").delete()
    ada = make_user("ada", annotator=True, reviewer=True)
    bo = make_user("bo", annotator=True, reviewer=True, password="secret")
    cy = make_user("cy", annotator=True)
    root = make_user("root", superuser=True, importer=True)
    bo.user_permissions.add(Permission.objects.get(codename="change_label"))
    cy.first_name, cy.last_name, cy.email = "Zoë", "אב", "cy@example.org"
    cy.groups.add(Group.objects.create(name="Night shift"))
    _labels()
    _spans_of_every_state(ada, bo, cy)
    _talk(ada, cy)
    _articles(ada, bo, root)
    _many(ada, bo, cy)
    _corrections(root)
    _taken_away(bo)
    _what_no_deed_does_yet(cy)
    cy.is_active = False
    cy.save()


def _labels():
    form = Attribute("form", "Form", Kind.CHOICE, ("direct", "scare"))
    speaker = Attribute("speaker", "Speaker", Kind.ANCHORED, (), True, ("form", "scare"))
    sure = Attribute("sure", "Sure", Kind.YES_NO)
    quote = make_label("quote", attributes=[form, speaker, sure])
    quote.guideline = "Mark the “words”.\n\nWith their marks."
    save_label(label=quote)
    make_label("claim", attributes=[form, Attribute("note", "Note", Kind.TEXT)])
    make_label("boilerplate")
    make_label("old", archived=True)


def _spans_of_every_state(ada, bo, cy):
    article = make_article(TEXT, "bridge", annotator=cy, outlet="The Bridge", story="A bridge")
    full = {"speaker": SPEAKER, "form": "direct", "sure": True}
    quote = make_span(article, cy, text="“Go 🌉 now!”", attributes=full)
    actions.approve(span=quote.uid, seen=1, waved=list(Concern), deed=make_deed(ada))
    make_spot_check(quote, checker=bo, finding="wrong", note="It ends too late: 🌉.")
    change = Change(attributes={"speaker": SPEAKER, "sure": "unknown"})
    actions.edit(span=quote.uid, seen=2, change=change, comment="So.", deed=make_deed(cy))
    change, edited = Change(attributes={"speaker": SPEAKER, "sure": False}), make_deed(cy)
    actions.edit(span=quote.uid, seen=3, change=change, deed=edited)
    undone = actions.undo(target=edited.pk, deed=make_deed(cy))
    actions.undo(target=undone.deed.pk, deed=make_deed(cy))
    change = Change(attributes={"speaker": SPEAKER, "form": "direct"})
    amend = {"change": change, "waved": list(Concern)}
    actions.amend(span=quote.uid, seen=6, deed=make_deed(bo), **amend)
    make_spot_check(quote, checker=make_user("di", reviewer=True))

    words = (Extent(*found.span()) for found in re.finditer(r"\w+", TEXT))
    for state, extent in zip(State, words, strict=False):
        if state is not State.MERGED:
            way = {"state": state, "reviewer": ada, "reason": Reason.DUPLICATE}
            make_span(article, cy, "claim", extent=extent, **way)
    rejected = Span.objects.get(label__slug="claim", state=State.REJECTED)
    actions.answer(span=rejected.uid, seen=2, comment="Look: שלום.", deed=make_deed(cy))
    suggested = make_span(article, label="quote", text="she says", state=State.SUGGESTED)
    accepted = make_deed(bo)
    actions.accept(span=suggested.uid, seen=1, change=Change(), deed=accepted)
    actions.undo(target=accepted.pk, deed=make_deed(bo))
    dismissed = Span.objects.get(state=State.DISMISSED)
    actions.restore(span=dismissed.uid, seen=2, deed=make_deed(ada))
    make_span(article, cy, "claim", text="donate", state=State.DISMISSED)
    withdrawn = make_span(article, cy, "boilerplate", state=State.WITHDRAWN)
    actions.restore(span=withdrawn.uid, seen=2, deed=make_deed(cy))
    approved = Span.objects.get(label__slug="claim", state=State.APPROVED)
    actions.reopen(span=approved.uid, seen=2, deed=make_deed(bo))
    start = TEXT.rindex("Support")
    appeal = {"extent": Extent(start, len(TEXT)), "text": TEXT[start:]}
    actions.propose(article="bridge", label="boilerplate", deed=make_deed(cy), **appeal)
    bridge = Article.objects.get(slug="bridge")
    actions.submit(article="bridge", seen=bridge.revision, deed=make_deed(cy))


def _talk(ada, cy):
    article = Article.objects.get(slug="bridge")
    span = Span.objects.filter(article=article).first()
    for place in (None, span):
        said = make_comment(article, place, author=cy, text="Is it?\n\u2028 🌉")
        make_comment(article, place, author=ada, reply_to=said, text="כן")
        if place is None:
            actions.resolve(comment=said.uid, person=ada)
    taken = make_comment(article, author=cy, text="No.")
    actions.take_back_comment(comment=taken.uid, person=cy)


def _articles(ada, bo, root):
    for state in ArticleState:
        if state is not ArticleState.SUPERSEDED:
            slug = f"is-{state.value.replace('_', '-')}"
            make_article(slug=slug, state=state, annotator=ada, reviewer=bo, outlet="The Bridge")
    make_article(slug="was-set-aside", state=ArticleState.SET_ASIDE, annotator=ada)
    actions.restore_article(article="was-set-aside", seen=2, deed=make_deed(bo))
    for name in ("Gone", "The Ladder"):  # an outlet that no article has any more may be deleted
        seen = Article.objects.get(slug="is-open").revision
        known = Particulars(
            title="Open", outlet=name, url="https://example.org/open", published_at=PUBLISHED
        )
        actions.describe_article(
            article="is-open", seen=seen, particulars=known, deed=make_deed(root)
        )
    Outlet.objects.get(slug="gone").delete()
    Story.objects.create(slug="alone", title="Nobody tells it")


def _many(ada, bo, cy):
    words = "It cost the whole city 5 million."
    for number in range(3):
        slug = f"many-{number}"
        make_article(f"{words} Yes. {words} {number}", slug, story="A bridge")
        first = make_span(Article.objects.get(slug=slug), cy, "claim", text=words)
        again = Extent(len(words) + 6, 2 * len(words) + 6)
        actions.mark_like(span=first.uid, seen=1, extents=[again], deed=make_deed(cy))
        seen = Article.objects.get(slug=slug).revision
        actions.submit(article=slug, seen=seen, deed=make_deed(cy))
    spans = Span.objects.filter(article__slug__startswith="many").order_by("pk")
    sent_back = make_deed(bo)
    asked = list(spans.values_list("uid", "revision"))
    said = {"comment": "Look again.", "verdict": Action.SEND_BACK.value}
    actions.decide_many(spans=asked[:4], deed=sent_back, **said)
    actions.undo(target=sent_back.pk, deed=make_deed(bo))
    rejected = {"verdict": Action.REJECT.value, "reason": Reason.OTHER.value}
    asked = list(spans.values_list("uid", "revision"))
    actions.decide_many(spans=asked[:1], deed=make_deed(ada), **rejected)
    change = LabelChange(label="quote")
    asked = list(spans.filter(state=State.PROPOSED).values_list("uid", "revision"))
    actions.change_many(spans=asked[:2], change=change, deed=make_deed(bo))


def _corrections(root):
    """An article that replaces another, twice over, with what stands in each."""
    for slug, text in (("bridge-2", TEXT + "\n\nCorrected."), ("bridge-3", TEXT + "\n\nAgain.")):
        old = Article.objects.get(slug=f"bridge-{int(slug[-1]) - 1}".removesuffix("-1"))
        known = Particulars(slug=slug, outlet="The Bridge", story="A bridge", title="Bridge")
        actions.replace_article(
            article=old.slug, seen=old.revision, text=text, particulars=known, deed=make_deed(root)
        )


def _taken_away(bo):
    """By an operator, from the screen, by a program; and once it broke off."""
    bo.groups.add(Group.objects.get(name="exporters"))
    bo = Person.objects.get(pk=bo.pk)  # who may by now
    token, secret = make_token(bo)
    actions.known_token(secret, Scope.EXPORT)
    gone, _ = make_token(bo, name="gone")
    actions.revoke_token(token=gone.public_id, by=bo)
    make_export()
    make_export(bo)
    make_export(bo, token=token, whole=False)
    chosen = ExportFilter(labels=("quote",), decided_from=PUBLISHED.date())
    actions.begin_export(person=None, format="spans", chosen=chosen)  # and the process was killed


def _what_no_deed_does_yet(cy):
    """A span of an independent annotator."""
    connection.check_constraints()
    triggers.drop(connection)
    Span.objects.filter(state=State.WITHDRAWN).update(layer=cy)
    triggers.create(connection)


def emptied():
    """Let the database be as `migrate` leaves it, whatever was in it."""
    connection.check_constraints()
    triggers.drop(connection)
    kinds = [kind.model for kind in reversed(KINDS)]
    through = [Person.groups.through, Person.user_permissions.through]
    # Text groups after the spans in them, before their labels; the rest before what they name.
    at = kinds.index(Label)
    for model in [Sketch, *kinds[:at], TextGroup, *kinds[at:-1], *through, Person]:
        model._default_manager.order_by()._raw_delete("default")
    Group.objects.filter(name="Night shift").delete()
    triggers.create(connection)


def archive():
    return b"".join(pipelines.export("archive", ExportFilter(states=())))


def sealed(lines):
    """The lines of an archive with a last line that fits them."""
    *records, end = lines
    told = json.loads(end)
    counts = dict.fromkeys(told["counts"], 0)
    for raw in records[1:]:
        kind = json.loads(raw)["record"]
        counts[kind] = counts.get(kind, 0) + 1
    seal = sha256(b"".join(records)).hexdigest()
    last = {"record": "end", "counts": dict(sorted(counts.items())), "sha256": seal}
    words = json.dumps(last, separators=(",", ":"))
    return [*records, words.encode() + b"\n"]
