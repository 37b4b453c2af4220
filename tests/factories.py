"""People, labels, articles and spans for tests, brought about by the deeds that bring them about.

No factory writes an article or a span of its own: one that stands in a state got there.
"""

import re
from itertools import count
from uuid import UUID, uuid4

from django.contrib.auth.models import Group
from django.core.management import call_command

from annotations import actions, pipelines
from annotations.domain.attributes import Attribute
from annotations.domain.checks import Concern
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import LIVE, ArticleState, Finding, Reason, State
from annotations.models import (
    Article,
    Choice,
    Comment,
    Deed,
    Export,
    Label,
    LabelAttribute,
    Person,
    Span,
    SpotCheck,
    Token,
)
from annotations.queries.exports import ExportFilter

TEXT = (
    "The mayor said the bridge was “as safe as a house”. It cost 5 million, three times the "
    "estimate.\n\n“We were never asked,” a resident told reporters.\n\nSupport our work: "
    "donate today."
)
KEYS = {"claim": "c", "quote": "q", "boilerplate": "b"}
COLOURS = {"claim": "blue", "quote": "plum", "boilerplate": "slate"}
LINES = {"claim": "wavy", "quote": "solid", "boilerplate": "dotted"}

_numbers = count(1)


def make_user(
    name: str | None = None,
    *,
    annotator: bool = False,
    reviewer: bool = False,
    exporter: bool = False,
    importer: bool = False,
    superuser: bool = False,
    password: str | None = None,
) -> Person:
    """A person in the groups that are asked for; without a password nobody signs in as them."""
    person = Person.objects.create_user(
        name or f"person-{next(_numbers)}",
        password=password,
        is_superuser=superuser,
        is_staff=superuser,
    )
    parts = {
        "annotators": annotator,
        "reviewers": reviewer,
        "exporters": exporter,
        "importers": importer,
    }
    person.groups.set([Group.objects.get(name=name) for name, member in parts.items() if member])
    return person


def make_label(
    slug: str = "quote",
    *,
    name: str | None = None,
    key: str | None = None,
    colour: str | None = None,
    line: str | None = None,
    attributes: list[Attribute] | tuple[Attribute, ...] = (),
    **fields: object,
) -> Label:
    """The label with that slug, made where it is missing, with these attributes at least.

    attributes: as the domain describes them; one that another is conditional on comes first.
    """
    defaults = {
        "name": name or slug.replace("-", " ").capitalize(),
        "key": KEYS.get(slug, "") if key is None else key,
        "colour": colour or COLOURS.get(slug, "teal"),
        "line": line or LINES.get(slug, "double"),
        **fields,
    }
    label, _ = Label.objects.get_or_create(slug=slug, defaults=defaults)
    for position, wanted in enumerate(attributes):
        unless_key, unless_value = wanted.unless or (None, "")
        attribute, made = LabelAttribute.objects.get_or_create(
            label=label,
            key=wanted.key,
            defaults={
                "name": wanted.name,
                "kind": wanted.kind.value,
                "required": wanted.required,
                "unless_attribute": (
                    LabelAttribute.objects.get(label=label, key=unless_key) if unless_key else None
                ),
                "unless_value": unless_value,
                "position": position,
            },
        )
        if made:
            for place, choice in enumerate(wanted.choices):
                Choice.objects.create(attribute=attribute, key=choice, name=choice, position=place)
    return label


def load_labels() -> None:
    """The newsroom's own labels, with their attributes, from fixtures/labels.json."""
    call_command("loaddata", "labels", verbosity=0)


def make_deed(user: Person, request_id: UUID | None = None) -> Deed:
    """A deed of that person, not yet done."""
    return actions.deed_of(user, request_id)


def make_article(
    text: str = TEXT,
    slug: str | None = None,
    *,
    state: str = ArticleState.OPEN,
    annotator: Person | None = None,
    reviewer: Person | None = None,
    url: str | None = None,
    **particulars: object,
) -> Article:
    """An article that came in and was taken to `state` by those people, with no span in it.

    url: one of its own where it is not given, so that the same text may come in twice. One that
    is superseded is replaced by another, `<slug>-corrected`.
    """
    slug = slug or f"article-{next(_numbers)}"
    known = actions.Particulars(
        slug=slug,
        url=f"https://example.org/{slug}" if url is None else url,
        **particulars,  # type: ignore[arg-type]
    )
    article = actions.add_article(
        text=text, particulars=known, deed=actions.deed_of_machine("import:tests")
    ).article
    for action, by_reviewer, details in _WAYS_OF_AN_ARTICLE[ArticleState(state)]:
        if by_reviewer:
            actor = reviewer = reviewer or make_user(reviewer=True)
        else:
            actor = annotator = annotator or make_user(annotator=True)
        article = action(
            article=slug, seen=article.revision, deed=make_deed(actor), **details
        ).article
    if state == ArticleState.SUPERSEDED:
        replace_article(article, f"Corrected. {text}", slug=f"{slug}-corrected")
    return Article.objects.get(slug=slug)


def replace_article(
    article: Article, text: str, importer: Person | None = None, **particulars: object
) -> Article:
    """The article that `importer`, or one of them, brought in to replace that one."""
    return actions.replace_article(
        article=article.slug,
        seen=Article.objects.get(pk=article.pk).revision,
        text=text,
        particulars=actions.inherited(
            actions.Particulars(**particulars),  # type: ignore[arg-type]
            article,
        ),
        deed=make_deed(importer or make_user(importer=True)),
    ).article


_SUBMIT = (actions.submit, False, {})
_SIGN_OFF = (actions.sign_off, True, {"nothing_missing": True})
_WAYS_OF_AN_ARTICLE = {
    ArticleState.OPEN: [],
    ArticleState.IN_PROGRESS: [_SUBMIT, (actions.take_back, False, {})],
    ArticleState.SUBMITTED: [_SUBMIT],
    ArticleState.REVIEWED: [_SUBMIT, _SIGN_OFF],
    ArticleState.REOPENED: [_SUBMIT, _SIGN_OFF, (actions.reopen_article, True, {})],
    ArticleState.SET_ASIDE: [(actions.set_aside, False, {"reason": "Out of scope."})],
    ArticleState.SUPERSEDED: [],
}


def make_span(
    article: Article | None = None,
    author: Person | None = None,
    label: str = "quote",
    *,
    text: str | None = None,
    extent: Extent | None = None,
    state: str = State.PROPOSED,
    reviewer: Person | None = None,
    attributes: dict[str, object] | None = None,
    origin: str = "suggester:tests/1",
    reason: str = Reason.OTHER,
    comment: str = "Please look at its end again.",
) -> Span:
    """A span that was marked by `author`, or suggested, and taken to `state` by `reviewer`.

    extent: where it lies; else the first place of `text`; else the first word of the article
    that has no live span of this label. origin: of a suggestion. Nothing leads to merged yet.
    """
    state = State(state)
    make_label(label)
    if article is None:
        words = TEXT if text is None or text in TEXT else f"They wrote: {text} And no more."
        article = make_article(words)
    if extent is None:
        extent = _place_of(text, article) if text is not None else _free_word(article, label)
    marked = {
        "article": article.slug,
        "label": label,
        "extent": extent,
        "text": extent.of(article.text),
        "attributes": attributes,
    }
    if state in (State.SUGGESTED, State.DISMISSED):
        machine = actions.deed_of_machine(origin)
        span = actions.suggest(origin=origin, deed=machine, **marked).span
    else:
        author = author or make_user(annotator=True)
        span = actions.propose(deed=make_deed(author), **marked).span

    said = {"span": span.uid, "seen": span.revision}
    match state:
        case State.SUGGESTED | State.PROPOSED:
            pass
        case State.DISMISSED:
            actions.dismiss(deed=make_deed(author or make_user(annotator=True)), **said)
        case State.WITHDRAWN:
            actions.withdraw(deed=make_deed(author), **said)
        case State.APPROVED:
            deed = make_deed(reviewer or make_user(reviewer=True))
            actions.approve(deed=deed, waved=list(Concern), **said)
        case State.REJECTED:
            deed = make_deed(reviewer or make_user(reviewer=True))
            actions.reject(deed=deed, reason=reason, **said)
        case State.SENT_BACK:
            deed = make_deed(reviewer or make_user(reviewer=True))
            actions.send_back(deed=deed, comment=comment, **said)
        case _:
            raise ValueError(f"no deed leads to {state} yet")
    return Span.objects.get(pk=span.pk)


def make_comment(
    article: Article,
    span: Span | None = None,
    *,
    text: str = "Is this the whole of it?",
    reply_to: Comment | None = None,
    author: Person | None = None,
) -> Comment:
    """What `author`, or an annotator, said of the article or of the span."""
    return actions.comment(
        article=article.slug,
        span=span.uid if span else None,
        reply_to=reply_to.uid if reply_to else None,
        text=text,
        author=author or make_user(annotator=True),
        request_id=uuid4(),
    )


def make_spot_check(
    span: Span,
    *,
    checker: Person | None = None,
    finding: str = Finding.RIGHT,
    note: str | None = None,
) -> SpotCheck:
    """What `checker`, or another reviewer, found of the approved span as it is now."""
    why = "" if finding == Finding.RIGHT else "It ends too late."
    return actions.record_finding(
        span=span.uid,
        seen=Span.objects.get(pk=span.pk).revision,
        finding=finding,
        note=why if note is None else note,
        checker=checker or make_user(reviewer=True),
        request_id=uuid4(),
    )


def make_token(person: Person | None = None, *, name: str = "nightly") -> tuple[Token, str]:
    """A token of that person, or of an exporter, and its secret."""
    return actions.make_token(
        person=person or make_user(exporter=True), name=name, days=30, request_id=uuid4()
    )


def make_export(
    person: Person | None = None,
    *,
    whole: bool = True,
    token: Token | None = None,
    format: str = "spans",
) -> Export:
    """An export of nothing that somebody, or an operator, took away, or broke off."""
    away = pipelines.take_away(format, ExportFilter(), person=person, token=token)
    if whole:
        list(away)
    away.close()
    return away.record


def _place_of(text: str, article: Article) -> Extent:
    start = article.text.index(text)
    return Extent(start, start + len(text))


def _free_word(article: Article, label: str) -> Extent:
    taken = set(article.spans.filter(label__slug=label, state__in=LIVE).values_list("start", "end"))
    words = (match.span() for match in re.finditer(r"\S+", article.text))
    return next(Extent(*word) for word in words if word not in taken)
