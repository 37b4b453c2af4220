"""Which articles of a batch are nearly the same as others: found before anything is locked.

Comparing texts takes long. So it is foreseen which of the batch will come in and by what slug, and
once they are in, what was found is told of them.
"""

from collections.abc import Mapping, Sequence

from annotations import actions
from annotations.actions import Came, Draft
from annotations.domain.refusals import Refusal
from annotations.queries.sketches import Looked, nearly_same


def near_ones(
    drafts: Sequence[Draft], foreseen: Sequence[Came], *, together: bool
) -> dict[str, str]:
    """Slug -> slug of what is nearly the same, of those that will come in and replace nothing.

    together: an earlier one of them counts, too.
    """
    looked = {
        each.slug: Looked(draft.article.text, draft.sketch)
        for draft, each in zip(drafts, foreseen, strict=True)
        if isinstance(each, actions.Added) and draft.article is not None and not draft.replaces
    }
    return nearly_same(looked, together=together) if looked else {}


def as_they_came(
    near: Mapping[str, str], foreseen: Sequence[Came], came: Sequence[Came]
) -> dict[str, str]:
    """The same by the slugs that they got: somebody else may have taken a foreseen one since."""
    slugs = {
        each.slug: "" if isinstance(now, Refusal) else now.slug
        for each, now in zip(foreseen, came, strict=True)
        if isinstance(each, actions.Added)
    }
    found = {slugs[slug]: slugs.get(other, other) for slug, other in near.items()}
    return {slug: other for slug, other in found.items() if slug and other}
