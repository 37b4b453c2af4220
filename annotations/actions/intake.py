"""How articles come in: made ready without a lock, stored many at once, in short transactions.

    drafts = actions.draft_articles(incoming, "import:wire.jsonl")
    for outcome in actions.add_articles(drafts): ...

One that cannot come in costs only itself. `add_article` goes the same way with one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, DataError, IntegrityError, connections, transaction

from annotations import permissions
from annotations.actions import _queue
from annotations.actions._deeds import Done, deed_of_machine, records, sign
from annotations.actions._names import (
    FreeSlugs,
    Names,
    Particulars,
    base_of,
    check_fields,
    check_particulars,
    opening_words,
)
from annotations.actions._queue import AT_ONCE
from annotations.actions._twins import Places
from annotations.actions._write import row_of
from annotations.actions.spans import (
    Marked,
    check_creation,
    labels_in_use,
    new_span,
    unknown_label,
)
from annotations.domain.attributes import Attribute
from annotations.domain.fingerprints import text_group
from annotations.domain.lifecycle import Action
from annotations.domain.refusals import Illegal, Invalid, Refusal
from annotations.domain.sketches import runs, sketch
from annotations.domain.text import UnfitText, clean, digest
from annotations.models import Article, Deed, Event, Label, Outlet, Span, Story

_KEEP = "INSERT INTO annotations_sketch (key, article_id) VALUES "
_UNLESS_KEPT = " ON CONFLICT DO NOTHING"
Labels = Mapping[str, tuple[Label, list[Attribute]]]


class Incoming(NamedTuple):
    """An article as it is brought. suggestions: places of the text as it is stored.

    clean: whether the text is as `domain.text.clean` leaves it, already.
    """

    text: str
    particulars: Particulars = Particulars()
    suggestions: Sequence[Marked] = ()
    clean: bool = False


@dataclass(slots=True)
class Draft:
    """An article made ready: checked, summed and signed as far as that needs no lock.

    article: without slug, outlet and story. flaw: why it cannot come in, should it not be known;
    without an article, why it cannot be at all. replaces: in a trial, the slug of what it would.
    """

    deed: Deed
    particulars: Particulars
    article: Article | None = None
    spans: list[Span] = field(default_factory=list)
    sketch: tuple[int, ...] = ()
    flaw: Refusal | None = None
    replaces: str = ""


class Added(NamedTuple):
    """An article that came in; in a trial: that would."""

    slug: str
    suggestions: int


class Known(NamedTuple):
    """An article that is here and was left alone; differs: its text here is another."""

    slug: str
    differs: bool


Came = Added | Known | Refusal


class _Same(NamedTuple):
    """What an article is known by beside its slug. outlet: a slug, or nothing."""

    outlet: str
    url: str
    sha256: str


@dataclass(slots=True)
class Foreseen:
    """What would be here by now, in a trial: slugs with the sums of their texts, and the rest.

    replaced: by its slug, the slug of what replaced it. fresh: what was added last, for whoever
    keeps it elsewhere and clears this.
    """

    slugs: dict[str, str] = field(default_factory=dict)
    same: dict[_Same, str] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    fresh: list[tuple[str, str, str, str, str]] = field(default_factory=list)

    def add(self, slug: str, outlet: str, url: str, sha256: str, replaces: str = "") -> None:
        """Let there be such an article."""
        self.fresh.append((slug, outlet, url, sha256, replaces))
        if replaces:
            self.replaced[replaces] = slug
        self.slugs[slug] = sha256
        self.same[_Same(outlet, url, sha256)] = slug


def draft_articles(incoming: Sequence[Incoming], machine: str) -> list[Draft]:
    """Make them ready to come in, each by a deed of that machine, which is the spans' origin."""
    labels = labels_in_use() if any(each.suggestions for each in incoming) else {}
    return [_draft(each, deed_of_machine(machine), labels) for each in incoming]


def add_articles(drafts: Sequence[Draft]) -> list[Came]:
    """Bring in those that can, in one transaction and few statements; for each what became of it.

    In their order, as if one after the other. What the database refuses all the same costs only
    itself: then they are tried one by one. Drafts are used up.
    """
    try:
        with transaction.atomic():
            return _store(drafts)
    except (IntegrityError, DataError):
        return [_alone(draft) for draft in drafts]


def foresee_articles(drafts: Sequence[Draft], foreseen: Foreseen) -> list[Came]:
    """What `add_articles` would do, storing nothing; `foreseen` takes what would be here then."""
    coming = _Coming(drafts, foreseen)
    came = [coming.place(draft) for draft in drafts]
    for slug, same, replaces in coming.placed:
        foreseen.add(slug, *same, replaces)
    return came


@records(Action.IMPORT)
def add_article(
    *, text: str, particulars: Particulars, deed: Deed, suggestions: Sequence[Marked] = ()
) -> Done:
    """Bring an article in, with what is suggested in it. Its slug and text are frozen from here on.

    A missing title is the text's opening words; a missing slug comes from the title.
    suggestions: places of the text as it is stored (`domain.text.clean`); for machines only,
    whose name is their origin. Raises Invalid for a text, particulars or a suggestion that
    cannot be stored; Twin if a suggestion stands twice; Illegal if the article is known.
    """
    if deed.actor is not None:
        permissions.check_import(deed.actor)
    if suggestions:
        check_creation(Action.SUGGEST, deed)
    labels = labels_in_use() if suggestions else {}
    draft = _draft(Incoming(text, particulars, suggestions), deed, labels)
    [came] = _store([draft])
    _check_added(came)
    return Done(deed, _of(draft), tuple(draft.spans))


def drafted_article(text: str, particulars: Particulars, deed: Deed) -> Article:
    """The article that would come in, with its outlet and story, not stored yet.

    Raises as add_article does.
    """
    draft = _draft(Incoming(text, particulars), deed, {})
    coming = _Coming([draft])
    _check_added(coming.place(draft))
    coming.make_names([draft])
    return _of(draft)


def _check_added(came: Came) -> None:
    if isinstance(came, Refusal):
        raise came
    if isinstance(came, Known):
        raise Illegal("This article is here already.")


def sketch_article(article: Article, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Let those that are nearly the same find an article that came by another way than here."""
    _keep_keys([(key, article.pk) for key in sketch(runs(article.text))], using)


def known_article(particulars: Particulars, text: str) -> Article | None:
    """The article that is meant: by its slug, else by outlet, url and text, missing being empty.

    Raises Invalid for a text or particulars that cannot be.
    """
    check_particulars(particulars)
    draft = Draft(deed_of_machine("import:"), particulars, _article(_stored(text), particulars))
    slug = _Coming([draft]).known(draft)
    return Article.objects.get(slug=slug) if slug else None


def _draft(incoming: Incoming, deed: Deed, labels: Labels) -> Draft:
    text, particulars, suggestions, is_clean = incoming
    draft = Draft(deed, particulars)
    try:
        check_particulars(particulars)
        stored = text if is_clean else _stored(text)
    except Refusal as refusal:
        draft.flaw = refusal
        return draft
    article = draft.article = _article(stored, particulars)
    article.added_at = deed.at
    try:
        check_fields(article)
        draft.spans = _spans(article, suggestions, deed, labels)
    except Refusal as refusal:
        draft.flaw = refusal
    if not deed.payload_sha256:
        told = {"text": text, "particulars": particulars, "suggestions": suggestions}
        sign(deed, Action.IMPORT, told)
    draft.sketch = sketch(runs(stored))
    return draft


def _stored(text: str) -> str:
    """The text as it is stored. Raises Invalid."""
    try:
        return clean(text).text
    except UnfitText as error:
        raise Invalid(str(error), "text") from None


def _article(stored: str, particulars: Particulars) -> Article:
    return Article(
        slug=particulars.slug,
        title=particulars.title.strip() or opening_words(stored),
        url=particulars.url,
        published_at=particulars.published_at,
        language=particulars.language,
        text=stored,
        text_sha256=digest(stored),
    )


def _spans(
    article: Article, suggestions: Sequence[Marked], deed: Deed, labels: Labels
) -> list[Span]:
    """Raises Invalid; Twin if one stands twice."""
    places = Places([])
    spans = []
    for marked in suggestions:
        if marked.label not in labels:
            raise unknown_label(marked.label, labels)
        label, specs = labels[marked.label]
        span = new_span(article, Action.SUGGEST, marked, deed.machine, deed, label, specs)
        span.text_group = text_group(span.text)
        if twin := places.twin_of(span):
            raise twin
        places.take(span, {})
        spans.append(span)
    return spans


class _Coming:
    """What of some drafts is here already, read in few statements, and what comes there since."""

    def __init__(self, drafts: Sequence[Draft], foreseen: Foreseen | None = None) -> None:
        there = [each for each in drafts if each.article is not None]
        self.outlets = Names(Outlet, {each.particulars.outlet for each in there})
        self.stories = Names(Story, {each.particulars.story for each in there})
        foreseen = foreseen or Foreseen()
        wanted = {each.particulars.slug or base_of(_of(each).title) for each in there}
        by_slug = Article.objects.filter(slug__in=wanted).order_by()
        by_text = Article.objects.filter(
            text_sha256__in={_of(each).text_sha256 for each in there},
            url__in={each.particulars.url for each in there},
        ).order_by()
        self._slugs = foreseen.slugs | dict(by_slug.values_list("slug", "text_sha256"))
        self._same = dict(foreseen.same)
        for outlet, url, sha256, slug in by_text.values_list(
            "outlet__slug", "url", "text_sha256", "slug"
        ):
            self._same[_Same(outlet or "", url, sha256)] = slug
        self._free = FreeSlugs(len(there), self._slugs)
        self.placed: list[tuple[str, _Same, str]] = []

    def known(self, draft: Draft) -> str:
        """The slug of the article that is meant, if it is here."""
        if draft.particulars.slug in self._slugs:
            return draft.particulars.slug
        return self._same.get(self._same_as(draft), "")

    def place(self, draft: Draft) -> Came:
        """Give it its slug, outlet and story, unless it is known or flawed."""
        if draft.article is None:
            assert draft.flaw is not None
            return draft.flaw
        if slug := self.known(draft):
            sha256 = self._slugs.get(slug, draft.article.text_sha256)
            return Known(slug, sha256 != draft.article.text_sha256)
        if draft.flaw is not None:
            return draft.flaw
        article = draft.article
        article.slug = draft.particulars.slug or self._free.take(base_of(article.title))
        same = self._same_as(draft)
        article.outlet = self.outlets.want(draft.particulars.outlet)
        article.story = self.stories.want(draft.particulars.story)
        self._slugs[article.slug] = article.text_sha256
        self._same[same] = article.slug
        self.placed.append((article.slug, same, draft.replaces))
        return Added(article.slug, len(draft.spans))

    def make_names(self, adding: Sequence[Draft]) -> None:
        """Store the outlets and stories that were not here, and give the articles their ids."""
        self.outlets.make()
        self.stories.make()
        for article in map(_of, adding):
            article.outlet_id = article.outlet.pk if article.outlet else None
            article.story_id = article.story.pk if article.story else None

    def _same_as(self, draft: Draft) -> _Same:
        outlet = self.outlets.of(draft.particulars.outlet)
        return _Same(outlet.slug if outlet else "", draft.particulars.url, _of(draft).text_sha256)


def _of(draft: Draft) -> Article:
    assert draft.article is not None
    return draft.article


def _store(drafts: Sequence[Draft]) -> list[Came]:
    coming = _Coming(drafts)
    came = [coming.place(draft) for draft in drafts]
    adding = [draft for draft, each in zip(drafts, came, strict=True) if isinstance(each, Added)]
    coming.make_names(adding)
    Deed.objects.bulk_create([draft.deed for draft in adding if draft.deed.pk is None])
    Article.objects.bulk_create([_of(draft) for draft in adding])
    spans = [span for draft in adding for span in draft.spans]
    for span in spans:
        _queue.place(span, None)
    Span.objects.bulk_create(spans)
    Event.objects.bulk_create(
        [event for draft in adding for event in _events(draft)], batch_size=AT_ONCE
    )
    _keep_keys([(key, _of(draft).pk) for draft in adding for key in draft.sketch])
    return came


def _keep_keys(keys: Sequence[tuple[int, int]], using: str = DEFAULT_DB_ALIAS) -> None:
    """Each key for the first article that has it."""
    # In one order, so that two who bring the same do not wait for each other. Not by objects:
    # they are eight times as many as the articles.
    rows = sorted(keys)
    with connections[using].cursor() as cursor:
        for at in range(0, len(rows), AT_ONCE):
            some = rows[at : at + AT_ONCE]
            places = ", ".join(["(%s, %s)"] * len(some))
            cursor.execute(_KEEP + places + _UNLESS_KEPT, [each for row in some for each in row])


def _events(draft: Draft) -> list[Event]:
    article, deed = _of(draft), draft.deed
    came: list[tuple[Article | Span, Action]] = [(article, Action.IMPORT)]
    came += [(span, Action.SUGGEST) for span in draft.spans]
    return [
        Event(
            deed=deed,
            article=article,
            span=row if isinstance(row, Span) else None,
            action=action,
            revision=row.revision,
            before=None,
            after=row_of(row),
        )
        for row, action in came
    ]


def _alone(draft: Draft) -> Came:
    """The same of one, after all of them together were refused; nothing of that is stored."""
    try:
        with transaction.atomic():
            _forget(draft)
            return _store([draft])[0]
    except (IntegrityError, DataError) as error:
        told = str(error).partition("\n")[0]
        return Illegal(f"The database refused it: {told}.")


def _forget(draft: Draft) -> None:
    """Let the rows be new ones again."""
    rows: list[Deed | Article | Span] = [draft.deed, *draft.spans]
    if draft.article is not None:
        rows.append(draft.article)
        draft.article.slug = draft.particulars.slug
        draft.article.outlet = draft.article.story = None
    for row in rows:
        row.pk = None
        row._state.adding = True
