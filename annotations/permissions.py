"""Who may do what, with the reason why not."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from django.contrib.auth.models import AnonymousUser, Group, Permission

from annotations.domain.lifecycle import (
    ARTICLE_TRANSITIONS,
    RESTING,
    SPAN_TRANSITIONS,
    VERDICTS,
    Action,
    ArticleState,
    State,
    Transition,
    Who,
    article_actions,
    article_transition,
    span_actions,
    span_transition,
)
from annotations.domain.refusals import NotPermitted
from annotations.models import Article, Deed, Person, Span

ANNOTATE = "annotations.annotate"
REVIEW = "annotations.review"
EXPORT = "annotations.export"
IMPORT = "annotations.import_articles"
KEEP_LABELS = "annotations.change_label"

GROUPS = {
    "annotators": ANNOTATE,
    "reviewers": REVIEW,
    "exporters": EXPORT,
    "importers": IMPORT,
}

Viewer = Person | AnonymousUser


def make_groups(using: str) -> None:
    """Make the four groups and give each its permission. Harmless when repeated."""
    for name, permission in GROUPS.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        app, codename = permission.split(".")
        found = Permission.objects.using(using).filter(
            content_type__app_label=app, codename=codename
        )
        group.permissions.add(*found)


def may_annotate(viewer: Viewer) -> bool:
    return viewer.has_perm(ANNOTATE)


def may_mark(viewer: Viewer, article: Article) -> bool:
    """Whether they may mark words of the article as it stands."""
    return may_annotate(viewer) and ArticleState(article.state) not in RESTING


def may_review(viewer: Viewer) -> bool:
    return viewer.has_perm(REVIEW)


def may_comment(viewer: Viewer, article: Article) -> bool:
    """Whether they may say something of the article as it stands, or call it resolved."""
    return not _either(viewer, None) and ArticleState(article.state) not in RESTING


def check_comment(viewer: Viewer) -> None:
    """Raises NotPermitted unless they may say something, or call it resolved."""
    if _either(viewer, None):
        raise NotPermitted("Only annotators and reviewers may comment.")


def check_spot_check(viewer: Viewer, span: Span) -> None:
    """Raises NotPermitted, with the reason, unless they may look again at the approved span."""
    if why := why_not_spot_check(viewer, span):
        raise NotPermitted(why)


def why_not_spot_check(viewer: Viewer, span: Span) -> str:
    """Why they may not look again at the approved span, or nothing: it takes fresh eyes."""
    if why := _reviewer(viewer, None):
        return why
    hands = {
        span.decided_by_id: "You approved this span, so somebody else has to look again.",
        span.last_editor_id: "The last hand on this span was yours, so somebody else has to look.",
        span.author_id: "You marked this span, so somebody else has to look again.",
    }
    return hands.get(viewer.pk, "")


def check_export(viewer: Viewer) -> None:
    """Raises NotPermitted unless they may take spans away."""
    if not viewer.has_perm(EXPORT):
        raise NotPermitted("Only exporters may take spans away.")


def check_import(viewer: Viewer) -> None:
    """Raises NotPermitted unless they may bring articles in."""
    if not viewer.has_perm(IMPORT):
        raise NotPermitted("Only importers may bring articles in or describe them.")


def check_keeps_labels(viewer: Viewer) -> None:
    """Raises NotPermitted unless they may change labels, and with that many spans at once."""
    if not viewer.has_perm(KEEP_LABELS):
        raise NotPermitted("Only who keeps the labels may change many spans at once.")


def check_span(who: Who, actor: Viewer, span: Span | None) -> None:
    """Raises NotPermitted, with the reason, unless `actor` is the `who` that a span's row asks."""
    if why := _why_not_span(who, actor, span):
        raise NotPermitted(why)


def check_undo(deed: Deed, actor: Viewer) -> None:
    """Raises NotPermitted unless `actor` still has the part in which the deed was done."""
    if deed.action == Action.DESCRIBE:  # it moves nothing, so it stands in no table
        check_import(actor)
        return
    rows = [row for row in (*SPAN_TRANSITIONS, *ARTICLE_TRANSITIONS) if row.action == deed.action]
    whys = [_PARTS.get(row.who, _either)(actor, None) for row in rows]
    if all(whys):
        raise NotPermitted(whys[0])


def check_article(row: Transition, actor: Viewer, article: Article) -> None:
    """Raises NotPermitted, with the reason, unless `actor` may do the row's deed to the article."""
    if why := _why_not_article(row, actor, article):
        raise NotPermitted(why)


def why_not_sign_off(actor: Viewer, articles: Sequence[Article]) -> dict[int, str]:
    """For each article's id why this person may not sign it off, or nothing; in one query."""
    if why := _reviewer(actor, None):
        return {article.pk: why for article in articles}
    standing = Span.objects.filter(article__in=articles, author__isnull=False).exclude(
        state__in=[State.WITHDRAWN, State.MERGED]
    )
    authors: dict[int, set[int]] = defaultdict(set)
    for article_id, author_id in standing.order_by().values_list("article", "author").distinct():
        authors[article_id].add(author_id)
    alone = "All its spans are yours, so somebody else has to sign it off."
    return {article.pk: alone if authors[article.pk] == {actor.pk} else "" for article in articles}


def why_not_decide(viewer: Viewer, span: Span) -> str:
    """Why this viewer may not decide on the span, whatever its state, or nothing."""
    return _other_reviewer(viewer, span)


def allowed_on_span(span: Span, viewer: Viewer) -> dict[Action, str]:
    """What the life cycle allows on the span now: action -> "" or why this viewer may not.

    Empty while its article rests.
    """
    if ArticleState(span.article.state) in RESTING:
        return {}
    state = State(span.state)
    return {
        action: _why_not_span(span_transition(state, action).who, viewer, span)
        for action in span_actions(state)
        if span_transition(state, action).who is not Who.MACHINE
    }


def allowed_on_article(article: Article, viewer: Viewer) -> dict[Action, str]:
    """What the life cycle allows on the article now: action -> "" or why this viewer may not."""
    state = ArticleState(article.state)
    return {
        action: _why_not_article(article_transition(state, action), viewer, article)
        for action in article_actions(state)
        if action not in (Action.START, Action.SUPERSEDE)
    }


def _why_not_span(who: Who, actor: Viewer, span: Span | None) -> str:
    return _SPAN_RULES[who](actor, span)


def _annotator(actor: Viewer, span: Span | None) -> str:
    return "" if may_annotate(actor) else "Only annotators may do this."


def _reviewer(actor: Viewer, span: Span | None) -> str:
    return "" if may_review(actor) else "Only reviewers may do this."


def _either(actor: Viewer, span: Span | None) -> str:
    if may_annotate(actor) or may_review(actor):
        return ""
    return "Only annotators and reviewers may do this."


def _other_reviewer(actor: Viewer, span: Span | None) -> str:
    if why := _reviewer(actor, span):
        return why
    if span is not None and span.last_editor_id == actor.pk:
        return "The last hand on this span was yours, so somebody else has to decide."
    return ""


def _label_keeper(actor: Viewer, span: Span | None) -> str:
    if why := _reviewer(actor, span):
        return why
    if not actor.has_perm(KEEP_LABELS):
        return "Only who keeps the labels may change what is approved and let that stand."
    return _other_reviewer(actor, span)


def _author(actor: Viewer, span: Span | None) -> str:
    if why := _either(actor, span):
        return why
    if span is not None and span.author_id != actor.pk:
        return "Only its author may do this."
    return ""


def _importer(actor: Viewer, span: Span | None) -> str:
    return "" if actor.has_perm(IMPORT) else "Only importers may do this."


def _nobody(actor: Viewer, span: Span | None) -> str:
    return "Only machines do this."


_SPAN_RULES: dict[Who, Callable[[Viewer, Span | None], str]] = {
    Who.ANNOTATOR: _annotator,
    Who.REVIEWER: _reviewer,
    Who.EITHER: _either,
    Who.OTHER_REVIEWER: _other_reviewer,
    Who.LABEL_KEEPER: _label_keeper,
    Who.AUTHOR: _author,
    Who.MACHINE: _nobody,
}


# In which part somebody did a deed, whatever it was done to; else as annotator or reviewer.
_PARTS = {
    Who.IMPORTER: _importer,
    Who.ANNOTATOR: _annotator,
    Who.SUBMITTER: _annotator,
    Who.REVIEWER: _reviewer,
    Who.OTHER_REVIEWER: _reviewer,
    Who.LABEL_KEEPER: _label_keeper,
    Who.SIGNING_REVIEWER: _reviewer,
    Who.ANY_HAND: _reviewer,
}


def _why_not_article(row: Transition, actor: Viewer, article: Article) -> str:
    match row.who:
        case Who.SUBMITTER:
            return _why_not_take_back(actor, article)
        case Who.SIGNING_REVIEWER:
            return why_not_sign_off(actor, [article])[article.pk]
        case Who.ANY_HAND:
            return _reviewer(actor, None)
        case Who.IMPORTER:
            return _importer(actor, None)
        case _:
            return _why_not_span(row.who, actor, None)


def _why_not_take_back(actor: Viewer, article: Article) -> str:
    if why := _annotator(actor, None):
        return why
    if article.submitted_by_id != actor.pk:
        return "Only who submitted the article may take that back."
    # Whatever came since, it is submitted by the last deed that submitted it and stands.
    submission = (
        article.events.filter(span=None, action=Action.SUBMIT, deed__undone=False)
        .order_by("-pk")
        .first()
    )
    decided = article.events.filter(span__isnull=False, action__in=VERDICTS)
    if submission and decided.filter(pk__gt=submission.pk).exists():
        return "A reviewer has begun to decide on it; ask them to send spans back."
    return ""
