"""An article that replaces another: one deed on both, and on the spans that come along."""

from collections.abc import Sequence

from annotations import permissions
from annotations.actions._deeds import Done, Skipped, records
from annotations.actions._names import Particulars
from annotations.actions._write import (
    Write,
    article_row,
    change_state,
    lock_article,
    write_article,
    write_spans,
)
from annotations.actions.intake import Draft, Foreseen, drafted_article, sketch_article
from annotations.actions.spans import Marked, add_span, check_creation
from annotations.domain.lifecycle import Action, ArticleState, State, Transition
from annotations.domain.refusals import Illegal, Invalid, Refusal, Stale, Twin
from annotations.domain.text import fold_line_ends
from annotations.models import Article, Deed, Span
from annotations.queries.corrections import Coming, origin_of, plan

AT_ONCE = 500  # spans that one statement makes


@records(Action.SUPERSEDE)
def replace_article(
    *,
    article: str,
    seen: int,
    text: str,
    particulars: Particulars,
    deed: Deed,
    suggestions: Sequence[Marked] = (),
) -> Done:
    """Bring in the article that replaces the one with the slug `article`; that one is superseded.

    particulars: of the new one, all of them (`inherited` fills what is not known). Spans of the old
    one that are certain to stand in the new text come there as suggestions, each `carried:<uid>`,
    for a decision of its own; the others are what was skipped. suggestions: as for add_article; one
    that stands there by then is left out. What is said of the old article stays with it. Returns
    the new article. Raises Article.DoesNotExist; Stale; Illegal if the old one is replaced already,
    or the new one is known; Invalid; NotPermitted.
    """
    if suggestions:
        check_creation(Action.SUGGEST, deed)
    old = _locked(article, seen, deed)
    _check_text(old, text)
    new = drafted_article(text, particulars, deed)
    new.replaces = old
    write_article(new, Action.IMPORT, deed)
    sketch_article(new)
    planned = plan(old, new.text)
    spans = _carried(new, planned.coming, deed) + _suggested(new, suggestions, deed)
    change_state(old, Action.SUPERSEDE, deed)
    skipped = tuple(Skipped(each.span, each.why) for each in planned.staying)
    return Done(deed, new, tuple(spans), skipped)


def foresee_replacement(draft: Draft, old: Article, foreseen: Foreseen) -> None:
    """Let the draft say, in a trial, that it replaces the article, and why it could not.

    For `foresee_articles`.
    """
    draft.replaces = old.slug
    if draft.article is None:
        return
    try:
        _check_unreplaced(old, foreseen.replaced.get(old.slug))
        _check_text(old, draft.article.text)
    except Refusal as refusal:
        draft.flaw = refusal


def inherited(particulars: Particulars, old: Article) -> Particulars:
    """The particulars; where they are empty, save the slug, what is known of the old article."""
    return Particulars(
        slug=particulars.slug,
        outlet=particulars.outlet or (old.outlet.slug if old.outlet else ""),
        story=particulars.story or (old.story.slug if old.story else ""),
        title=particulars.title or old.title,
        url=particulars.url or old.url,
        published_at=particulars.published_at or old.published_at,
        language=particulars.language or old.language,
    )


def _locked(slug: str, seen: int, deed: Deed) -> Article:
    """The old article, locked; the deed is legal and permitted."""
    old = lock_article(slug=slug)
    transition = _check_unreplaced(old)
    if deed.actor is not None:
        permissions.check_article(transition, deed.actor, old)
    if old.revision != seen:
        raise Stale(
            "The article has changed since you saw it, so something else may come along now. "
            "Look again before you replace it."
        )
    return old


def _check_unreplaced(old: Article, successor: str | None = None) -> Transition:
    """What replacing it is by the table. successor: what replaces it already. Raises Illegal."""
    if successor is None:
        successor = Article.objects.filter(replaces=old).values_list("slug", flat=True).first()
    if successor is not None:
        raise Illegal(f"This article was replaced by “{successor}” already; correct that one.")
    return article_row(ArticleState(old.state), Action.SUPERSEDE)


def _check_text(old: Article, text: str) -> None:
    if fold_line_ends(text) == old.text:
        raise Invalid("This is the text that the article has already.", "text")


def _carried(new: Article, coming: Sequence[Coming], deed: Deed) -> list[Span]:
    spans = [
        Span(
            article=new,
            label=each.span.label,
            origin=origin_of(each.span),
            state=State.SUGGESTED,
            start=each.extent.start,
            end=each.extent.end,
            text=each.extent.of(new.text),
            attributes=each.attributes,
        )
        for each in coming
    ]
    for at in range(0, len(spans), AT_ONCE):
        writes = [Write(span, {}) for span in spans[at : at + AT_ONCE]]
        twins = write_spans(writes, Action.SUGGEST, deed)
        assert not any(twins)  # the plan has none, and the article is new
    return spans


def _suggested(new: Article, suggestions: Sequence[Marked], deed: Deed) -> list[Span]:
    spans = []
    for marked in suggestions:
        try:
            spans.append(add_span(new, Action.SUGGEST, marked, deed.machine, deed))
        except Twin:
            continue
    return spans
