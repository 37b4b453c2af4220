"""A choice by name: what the address, the record and the manifest call the parts of a filter."""

from datetime import date
from typing import Any

from annotations.queries.exports import ExportFilter

# Name -> field of the filter: values that may be repeated, and days.
LISTS = {
    "state": "states",
    "label": "labels",
    "outlet": "outlets",
    "story": "stories",
    "article": "articles",
    "article_state": "article_states",
    "reviewer": "reviewers",
}
DAYS = {"decided_from": "decided_from", "decided_until": "decided_until"}


def plain(chosen: ExportFilter) -> dict[str, Any]:
    """The filter as JSON keeps it: every name, in one order, so that equal choices are equal.

    Lists are sorted and hold nothing twice; days are ISO 8601, null where there is none.
    """
    lists = {name: sorted(set(getattr(chosen, field))) for name, field in LISTS.items()}
    days = {name: getattr(chosen, field) for name, field in DAYS.items()}
    return {**lists, **{name: day.isoformat() if day else None for name, day in days.items()}}


def pairs(chosen: ExportFilter) -> list[tuple[str, str]]:
    """The filter as parameters of an address, only what is set; values in the order they came."""
    listed = [(name, value) for name, field in LISTS.items() for value in getattr(chosen, field)]
    days = [(name, getattr(chosen, field)) for name, field in DAYS.items()]
    return [*listed, *((name, day.isoformat()) for name, day in days if isinstance(day, date))]


def words(kept: dict[str, Any]) -> str:
    """What `plain` kept, as people read it in a list: "approved · label claim, quote"."""
    states = [value.replace("_", " ") for value in kept["state"]]
    parts = [", ".join(states) or "every state"]
    for name in LISTS:
        if name != "state" and kept[name]:
            values = [v.replace("_", " ") if name == "article_state" else v for v in kept[name]]
            more = f" and {len(values) - 5:,} more" if len(values) > 5 else ""
            title = {"reviewer": "decided by", "article_state": "articles"}.get(name, name)
            parts.append(f"{title} {', '.join(values[:5])}{more}")
    for name in DAYS:
        if kept[name]:
            parts.append(f"{name.replace('_', ' ')} {kept[name]}")
    return " · ".join(parts)
