"""What other tools call our labels."""

from collections.abc import Mapping
from dataclasses import dataclass

from annotations.models import Label


@dataclass(frozen=True, slots=True)
class LabelNames:
    """The labels in use: slug -> slug, and folded name or slug -> the slugs of those called so."""

    slugs: frozenset[str]
    folded: Mapping[str, frozenset[str]]

    def slug_of(self, name: str) -> str | None:
        """The slug of the label that is meant: by its slug, else by its name, case aside.

        None if there is none, or if several are called so.
        """
        if name in self.slugs:
            return name
        found = self.folded.get(name.strip().casefold(), frozenset())
        return next(iter(found)) if len(found) == 1 else None


def label_names() -> LabelNames:
    """The labels that spans may have now, by what a file may call them. One statement."""
    folded: dict[str, set[str]] = {}
    labels = list(Label.objects.filter(archived=False).values_list("slug", "name"))
    for slug, name in labels:
        for each in (slug, name):
            folded.setdefault(each.casefold(), set()).add(slug)
    return LabelNames(
        frozenset(slug for slug, _ in labels),
        {name: frozenset(slugs) for name, slugs in folded.items()},
    )
