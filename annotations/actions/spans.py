"""Deeds on one span. Lock, check, write, log, or raise.

Each returns what it did (Done) and raises, having written nothing: Article.DoesNotExist or
Span.DoesNotExist; Stale if the span has changed since `seen`; Illegal if its state, or its
article's, does not allow the deed; NotPermitted; Twin; Invalid if what was brought does not fit.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from annotations import permissions
from annotations.actions._deeds import Done, records
from annotations.actions._verdicts import (
    UNDECIDED,
    Verdict,
    check_verdict,
    decided,
    refusals,
    unapprovable,
)
from annotations.actions._write import (
    follow,
    lock_one,
    lock_span,
    lock_working,
    span_row,
    write_span,
)
from annotations.domain.attributes import Attribute, BadAttribute, check_attributes, fitting
from annotations.domain.extents import BadExtent, Extent, check_extent
from annotations.domain.lifecycle import Action, State
from annotations.domain.refusals import Invalid
from annotations.domain.text import fold_line_ends, is_storable
from annotations.models import Article, Deed, Label, LabelAttribute, Span


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants a span to be; None leaves a part as it is.

    text: the words that `extent` covers, which prove it. attributes: all of them; a key left
    out is emptied.
    """

    extent: Extent | None = None
    text: str | None = None
    label: str | None = None
    attributes: Mapping[str, Any] | None = None


NO_CHANGE = Change()


@dataclass(frozen=True, slots=True)
class Marked:
    """Words of an article and what they are said to be; `text` is the words at `extent`."""

    label: str
    extent: Extent
    text: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@records(Action.PROPOSE)
def propose(
    *,
    article: str,
    label: str,
    extent: Extent,
    text: str,
    deed: Deed,
    attributes: Mapping[str, Any] | None = None,
) -> Done:
    """Mark the words at `extent` of the article (its slug); `text` must be those words."""
    return _create(Action.PROPOSE, article, label, extent, text, attributes or {}, deed)


@records(Action.SUGGEST)
def suggest(
    *,
    article: str,
    label: str,
    extent: Extent,
    text: str,
    origin: str,
    deed: Deed,
    attributes: Mapping[str, Any] | None = None,
) -> Done:
    """Offer the words at `extent` for somebody to accept; `origin` says which machine did."""
    return _create(Action.SUGGEST, article, label, extent, text, attributes or {}, deed, origin)


@records(Action.ACCEPT)
def accept(*, span: UUID, seen: int, deed: Deed, change: Change = NO_CHANGE) -> Done:
    """Stand up for a suggestion, as it is or changed; whoever does is its author."""
    row = _begin(span, seen, Action.ACCEPT, deed)
    changes = _changes(row, change)
    author: dict[str, Any] = {"author_id": deed.actor_id, "last_editor_id": deed.actor_id}
    return _finish(row, Action.ACCEPT, deed, **author, **changes)


@records(Action.DISMISS)
def dismiss(*, span: UUID, seen: int, deed: Deed) -> Done:
    """Turn a suggestion down."""
    row = _begin(span, seen, Action.DISMISS, deed)
    return _finish(row, Action.DISMISS, deed)


@records(Action.EDIT)
def edit(*, span: UUID, seen: int, change: Change, deed: Deed, comment: str = "") -> Done:
    """Change extent, label or attributes; whoever does is its last editor.

    An edit undoes an approval or a rejection; of a rejected span it takes a comment.
    """
    row = _begin(span, seen, Action.EDIT, deed)
    if row.state == State.REJECTED:
        _require_comment(comment, "Say what you changed: this span was rejected.")
    changes = edited(row, _require_change(row, change), deed)
    return _finish(row, Action.EDIT, deed, comment=comment, **changes)


@records(Action.ANSWER)
def answer(*, span: UUID, seen: int, comment: str, deed: Deed) -> Done:
    """Give a span that was sent back or rejected to the reviewers again, with a word to it."""
    row = _begin(span, seen, Action.ANSWER, deed)
    _require_comment(comment, "An answer needs a word to the reviewer.")
    return _finish(row, Action.ANSWER, deed, comment=comment, **(UNDECIDED | {"fresh": False}))


@records(Action.APPROVE)
def approve(
    *, span: UUID, seen: int, deed: Deed, comment: str = "", waved: Sequence[str] = ()
) -> Done:
    """Approve the span as the reviewer saw it (revision `seen`).

    waved: the warnings that the reviewer has seen and waves through. Raises Warned if there is
    another; and, as every verdict but an amendment, Already if the span stands just so.
    """
    verdict = Verdict(Action.APPROVE, comment=comment)
    row = _take(span, seen, verdict, deed)
    return _decide(row, verdict, deed, waved=_approvable(row, waved))


@records(Action.AMEND)
def amend(
    *,
    span: UUID,
    seen: int,
    change: Change,
    deed: Deed,
    comment: str = "",
    waved: Sequence[str] = (),
) -> Done:
    """Change something and approve, in one deed. The last editor stays who it was.

    waved: as for `approve`, of the span as it will be.
    """
    verdict = Verdict(Action.AMEND, comment=comment)
    row = _take(span, seen, verdict, deed)
    changes = _require_change(row, change)
    changed = copy(row)
    for name, value in changes.items():
        setattr(changed, name, value)
    waved = _approvable(changed, waved)
    return _decide(row, verdict, deed, waved=waved, **{"amended": True, **changes})


@records(Action.REJECT)
def reject(*, span: UUID, seen: int, reason: str, deed: Deed, comment: str = "") -> Done:
    """Reject the span for one of the reasons of the domain."""
    verdict = Verdict(Action.REJECT, reason, comment)
    return _decide(_take(span, seen, verdict, deed), verdict, deed)


@records(Action.SEND_BACK)
def send_back(*, span: UUID, seen: int, comment: str, deed: Deed) -> Done:
    """Ask its author for more, with a comment."""
    verdict = Verdict(Action.SEND_BACK, comment=comment)
    return _decide(_take(span, seen, verdict, deed), verdict, deed)


@records(Action.REOPEN)
def reopen(*, span: UUID, seen: int, deed: Deed, comment: str = "") -> Done:
    """Take a decision back: the span waits for review again."""
    row = _begin(span, seen, Action.REOPEN, deed)
    return _finish(row, Action.REOPEN, deed, comment=comment, **reopened(row))


@records(Action.WITHDRAW)
def withdraw(*, span: UUID, seen: int, deed: Deed) -> Done:
    """Take one's own span back. It stays on record."""
    row = _begin(span, seen, Action.WITHDRAW, deed)
    return _finish(row, Action.WITHDRAW, deed, **UNDECIDED)


@records(Action.RESTORE)
def restore(*, span: UUID, seen: int, deed: Deed) -> Done:
    """Bring back what was withdrawn or dismissed."""
    row = _begin(span, seen, Action.RESTORE, deed)
    return _finish(row, Action.RESTORE, deed)


def edited(row: Span, changes: Mapping[str, Any], deed: Deed) -> dict[str, Any]:
    """What an edit that changes this writes on the span beside its state."""
    answered = row.state in (State.SENT_BACK, State.REJECTED)
    fresh = {"fresh": False} if answered else {}
    return {**UNDECIDED, **changes, **fresh, "last_editor_id": deed.actor_id}


def reopened(row: Span) -> dict[str, Any]:
    """What reopening the span writes on it beside its state."""
    # What an amendment wrote loses its mark here, so its writer is the last hand on it.
    hand = {"last_editor_id": row.decided_by_id} if row.amended else {}
    return {**UNDECIDED, **hand}


def _create(
    action: Action,
    slug: str,
    label: str,
    extent: Extent,
    text: str,
    attributes: Mapping[str, Any],
    deed: Deed,
    origin: str = "human",
) -> Done:
    check_creation(action, deed)
    article = lock_working(slug=slug)
    row = add_span(article, action, Marked(label, extent, text, attributes), origin, deed)
    return Done(deed, follow(article, deed, [row]), (row,))


def check_creation(action: Action, deed: Deed) -> None:
    """Raises NotPermitted unless the deed's actor may make spans by `action`; machines may."""
    if deed.actor is not None:
        permissions.check_span(span_row(None, action).who, deed.actor, None)


def add_span(article: Article, action: Action, marked: Marked, origin: str, deed: Deed) -> Span:
    """Write a new span. The article must be locked, the deed permitted. Raises Invalid, Twin."""
    label = label_of(marked.label)
    specs = specs_of(label) if marked.attributes else []
    return write_span(new_span(article, action, marked, origin, deed, label, specs), action, deed)


def new_span(
    article: Article,
    action: Action,
    marked: Marked,
    origin: str,
    deed: Deed,
    label: Label,
    specs: Sequence[Attribute],
) -> Span:
    """The span as it will be stored; specs: what the label asks for. Raises Invalid."""
    state = State(str(span_row(None, action).after))
    author_id = deed.actor_id if state == State.PROPOSED else None
    return Span(
        article=article,
        label=label,
        origin=origin,
        state=state,
        author_id=author_id,
        last_editor_id=author_id,
        start=marked.extent.start,
        end=marked.extent.end,
        text=_proven(article, marked.extent, marked.text),
        attributes=_checked(specs, marked.attributes, article.text) if marked.attributes else {},
    )


def _begin(uid: UUID, seen: int, action: Action, deed: Deed) -> Span:
    """The span, locked; the deed is legal and permitted."""
    row = lock_span(uid, seen)
    transition = span_row(State(row.state), action)
    assert deed.actor is not None
    permissions.check_span(transition.who, deed.actor, row)
    return row


def _finish(
    row: Span,
    action: Action,
    deed: Deed,
    *,
    comment: str = "",
    waved: Sequence[str] = (),
    **changes: Any,
) -> Done:
    after = span_row(State(row.state), action).after
    write_span(row, action, deed, comment=comment, waved=waved, state=after, **changes)
    return Done(deed, follow(row.article, deed, [row]), (row,))


def _take(uid: UUID, seen: int, verdict: Verdict, deed: Deed) -> Span:
    """The span, locked; the verdict is one, and legal and permitted. Raises Already, too."""
    row = lock_one(uid)
    assert deed.actor is not None
    for refusal in refusals([(row, seen)], verdict, deed.actor).values():
        raise refusal
    check_verdict(verdict)
    return row


def _approvable(span: Span, waved: Sequence[str]) -> Sequence[str]:
    """The span's warnings, all of them waved through. Raises Warned, Invalid."""
    refused, concerns = unapprovable([span], waved)
    for refusal in refused.values():
        raise refusal
    return concerns[span.pk]


def _decide(
    row: Span, verdict: Verdict, deed: Deed, *, waved: Sequence[str] = (), **changes: Any
) -> Done:
    written = decided(verdict, changes.get("label", row.label), deed) | changes
    return _finish(row, verdict.action, deed, comment=verdict.comment, waved=waved, **written)


def _changes(row: Span, change: Change) -> dict[str, Any]:
    """What of `change` differs from the row, checked, as fields to set."""
    article = row.article
    label = label_of(change.label) if change.label not in (None, row.label.slug) else row.label
    wanted: dict[str, Any] = {"label": label}
    if change.extent is not None:
        wanted["text"] = _proven(article, change.extent, change.text or "")
        wanted["start"], wanted["end"] = change.extent.start, change.extent.end
    if change.attributes is not None:
        wanted["attributes"] = _attributes(label, change.attributes, article.text)
    elif label != row.label:
        wanted["attributes"] = fitting(specs_of(label), row.attributes, article.text)
    return {name: value for name, value in wanted.items() if value != getattr(row, name)}


def _require_change(row: Span, change: Change) -> dict[str, Any]:
    changes = _changes(row, change)
    if not changes:
        raise Invalid("Nothing was changed.")
    return changes


def label_of(slug: str) -> Label:
    """The label in use that is called so. Raises Invalid."""
    known = Label.objects.filter(archived=False)
    label = known.filter(slug=slug).first() if is_storable(slug) else None
    if label is None:
        raise unknown_label(slug)
    return label


def unknown_label(slug: str, known: Iterable[str] = ()) -> Invalid:
    """What is said of a label that is not there, or no longer in use; known: those that are."""
    there = f"; there are {', '.join(sorted(known))}" if known else ""
    return Invalid(f"There is no label “{slug[:50]}”{there}.", "label")


def labels_in_use() -> dict[str, tuple[Label, list[Attribute]]]:
    """Every label in use by its slug, with what it asks for; in few statements."""
    labels = Label.objects.filter(archived=False).prefetch_related(
        "attributes__choices", "attributes__unless_attribute"
    )
    return {
        label.slug: (label, [attribute.spec for attribute in label.attributes.all()])
        for label in labels
    }


def _proven(article: Article, extent: Extent, text: str) -> str:
    """The words at `extent`, if they are the ones that were marked."""
    try:
        check_extent(article.text, extent)
    except BadExtent as error:
        raise Invalid(str(error), "start") from None
    words = extent.of(article.text)
    if fold_line_ends(text) != words:
        raise Invalid(
            f"The words that were sent are not those at {extent.start}–{extent.end} of the text. "
            "Nothing was stored; please mark them again.",
            "text",
        )
    return words


def _attributes(label: Label, values: Mapping[str, Any], text: str) -> dict[str, Any]:
    return _checked(specs_of(label), values, text) if values else {}


def _checked(specs: Sequence[Attribute], values: Mapping[str, Any], text: str) -> dict[str, Any]:
    try:
        return check_attributes(specs, values, text)
    except BadAttribute as error:
        raise Invalid(str(error), f"attr_{error.key}") from None


def specs_of(label: Label) -> list[Attribute]:
    """What the label asks for."""
    asked: QuerySet[LabelAttribute] = label.attributes.select_related("unless_attribute")
    return [attribute.spec for attribute in asked.prefetch_related("choices")]


def _require_comment(comment: str, sentence: str) -> None:
    if not comment.strip():
        raise Invalid(sentence, "comment")
