"""Suggesting what a span is where the same words stand unmarked, in many articles."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from annotations import permissions
from annotations.actions._deeds import Done, Skipped, records
from annotations.actions._write import follow, lock_article
from annotations.actions.spans import Marked, add_span
from annotations.domain.extents import BadExtent, Extent, check_extent
from annotations.domain.fingerprints import text_group
from annotations.domain.lifecycle import LIVE, RESTING, Action, ArticleState, State, Who
from annotations.domain.refusals import Illegal, Invalid, Stale, Twin
from annotations.models import Article, Deed, Person, Span
from annotations.queries.unmarked import OFFERED, turned_down

# An article's slug and where in its text the words stand.
Place = tuple[str, Extent]


def suggest_like(
    *, span: UUID, seen: int, places: Sequence[Place], asked_by: Person, deed: Deed
) -> Done:
    """Suggest the span's label and attributes at `places`, each with its words, in one deed.

    A machine's deed (`propagated:<uid>`), which `asked_by` wanted; each suggestion waits for
    somebody to stand up for it. Passed over and told: places that were marked, or suggested,
    meanwhile; where somebody dismissed this label on these words before; articles that rest.
    Raises Span.DoesNotExist, Article.DoesNotExist; NotPermitted unless `asked_by` annotates or
    reviews; Stale if the span has changed since `seen`; Illegal if it is not live, its article
    rests, or every place was passed over; Invalid if there is no place, too many, or one that has
    other words.
    """
    done = _suggest_like(span=span, seen=seen, places=places, asked_by=asked_by, deed=deed)
    if not done.repeated:
        return done
    # What was passed over left no event: as many as the request named and the deed did not make.
    passed_over = len(set(places)) - len(done.spans)
    return replace(done, skipped=(Skipped(None, "It was left as it was."),) * passed_over)


@records(Action.SUGGEST)
def _suggest_like(
    *, span: UUID, seen: int, places: Sequence[Place], asked_by: Person, deed: Deed
) -> Done:
    permissions.check_span(Who.EITHER, asked_by, None)
    if not places:
        raise Invalid("There is no place to suggest it at.", "place")
    if len(places) > OFFERED:
        raise Invalid(f"At most {OFFERED} places are suggested at once.", "place")
    article_id = Span.objects.values_list("article", flat=True).get(uid=span)
    articles = _locked({slug for slug, _ in places}, article_id)
    row = Span.objects.select_related("label").get(uid=span)
    if row.revision != seen:
        raise Stale("This span has changed since you saw it. Nothing was suggested.")
    if row.state not in LIVE:
        raise Illegal(f"This span is {State(row.state).words}, so nothing is suggested like it.")
    at_home = next(each for each in articles.values() if each.pk == article_id)
    if ArticleState(at_home.state) in RESTING:
        words = ArticleState(at_home.state).words
        raise Illegal(f"The article of this span is {words}, so nothing is suggested like it.")
    refused = turned_down(
        row.label, row.text_group, ((each.pk, each.outlet_id) for each in articles.values())
    )
    made: dict[int, list[Span]] = {}
    skipped: list[Skipped] = []
    for slug, extent in sorted(set(places)):
        article = articles[slug]
        marked = _marked(row, article, extent)
        if ArticleState(article.state) in RESTING:
            why = f"The article is {ArticleState(article.state).words}."
            skipped.append(Skipped(None, why))
        elif article.pk in refused:
            skipped.append(Skipped(None, "That was dismissed here before."))
        else:
            try:
                new = add_span(article, Action.SUGGEST, marked, f"propagated:{row.uid}", deed)
                made.setdefault(article.pk, []).append(new)
            except Twin as twin:
                skipped.append(Skipped(Span.objects.get(uid=twin.uid), str(twin)))
    if not made:
        raise Illegal(f"Nothing was suggested. {skipped[0].why}")
    for article in articles.values():
        if article.pk in made:
            follow(article, deed, made[article.pk])
    spans = tuple(span for theirs in made.values() for span in theirs)
    return Done(deed, spans[0].article, spans, tuple(skipped))


def _locked(slugs: set[str], also: int) -> dict[str, Article]:
    """The articles by slug, and that with the id `also`, all locked in the order of their ids.

    Raises Article.DoesNotExist.
    """
    keys = dict(Article.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    if missing := slugs - keys.keys():
        raise Article.DoesNotExist(f"There is no article {min(missing)}.")
    locked = [lock_article(pk=pk) for pk in sorted({*keys.values(), also})]
    return {article.slug: article for article in locked}


def _marked(span: Span, article: Article, extent: Extent) -> Marked:
    """What is suggested at that place. Raises Invalid if it has not the span's words."""
    try:
        check_extent(article.text, extent)
        same = text_group(extent.of(article.text)) == span.text_group
    except BadExtent:
        same = False
    if not same:
        raise Invalid(
            "The words of this span do not stand at every place that was sent. "
            "Nothing was stored; please look again.",
            "place",
        )
    attributes = span.attributes if article.pk == span.article_id else _elsewhere(span.attributes)
    return Marked(span.label.slug, extent, extent.of(article.text), attributes)


def _elsewhere(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes without places, which say nothing of another article's text."""
    return {
        key: {**value, "start": None, "end": None} if isinstance(value, Mapping) else value
        for key, value in attributes.items()
    }
