"""Labels and what they ask of spans. No deeds: those are about spans and articles.

Each locks, checks and writes in one transaction, or raises a Refusal and has written nothing.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform

from annotations.domain.refusals import Illegal, Stale
from annotations.domain.text import fold_line_ends
from annotations.models import Choice, Event, Label, LabelAttribute


@transaction.atomic
def save_label(*, label: Label, seen: int | None = None) -> Label:
    """Store a label. Other words in its guideline make another revision of that.

    seen: the revision of the guideline that the person had before them. Raises Stale if the
    guideline is another by now, which its old words would undo unread.
    """
    label.guideline = fold_line_ends(label.guideline).strip()
    stored = Label.objects.select_for_update(no_key=True).filter(pk=label.pk).first()
    if stored is not None:
        if label.guideline != stored.guideline and seen not in (None, stored.guideline_revision):
            raise Stale("The guideline has changed since you saw it. What you entered is kept.")
        changed = label.guideline != stored.guideline
        label.guideline_revision = stored.guideline_revision + changed
    label.save()
    return label


@transaction.atomic
def remove_attribute(*, attribute: LabelAttribute) -> None:
    """Take an attribute off its label. Raises Illegal if a span ever had it filled."""
    _lock_label(attribute)
    if _fillings(attribute).exists():
        raise Illegal(f"Spans have “{attribute.name}” filled, so it stays.")
    attribute.delete()


@transaction.atomic
def remove_choice(*, choice: Choice) -> None:
    """Offer a choice no longer. Raises Illegal if a span ever had it, or a condition names it."""
    _lock_label(choice.attribute)
    value = KeyTransform(choice.attribute.key, KeyTransform("attributes", "after"))
    if _fillings(choice.attribute).annotate(value=value).filter(value=choice.key).exists():
        raise Illegal(f"Spans have “{choice.name}” chosen, so it stays.")
    conditional = LabelAttribute.objects.filter(
        unless_attribute=choice.attribute, unless_value=choice.key
    ).first()
    if conditional is not None:
        raise Illegal(f"“{conditional.name}” depends on “{choice.name}”, so it stays.")
    choice.delete()


def _lock_label(attribute: LabelAttribute) -> None:
    """Let no span take the label until the transaction ends: it might fill what is removed."""
    Label.objects.select_for_update().get(pk=attribute.label_id)


def _fillings(attribute: LabelAttribute) -> QuerySet[Event]:
    """The events after which a span had the attribute filled, as undo may bring it back."""
    return Event.objects.filter(
        span__isnull=False,
        after__label_id=attribute.label_id,
        after__attributes__has_key=attribute.key,
    )
