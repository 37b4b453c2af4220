"""docs/lifecycle.md, drawn from the tables of the life cycle."""

from collections.abc import Sequence
from itertools import groupby

from annotations.domain.lifecycle import (
    ARTICLE_TRANSITIONS,
    SPAN_TRANSITIONS,
    ArticleState,
    Needs,
    State,
    Transition,
)

_PAGE = """# The life cycle

Drawn from the tables in `annotations/domain/lifecycle.py`: change those, then
`python manage.py draw_lifecycle > docs/lifecycle.md`. A test compares the two.

Every deed raises the revision of what it is done to by one and leaves an event with the whole row
before and after it. Whatever stands in no row here is refused. Nobody decides on a span whose last
hand was theirs. Undo restores what was before, so it needs no rows; an approval it gives back only
to who had given it, save where the deed that is undone had put another in its place.

## A span

{span_table}

{span_diagram}

## An article

{article_table}

{article_diagram}
"""
_NOWHERE = "–"
_WHERE_IT_WAS = "where it was"


def draw() -> str:
    """The whole document, in Markdown with Mermaid diagrams."""
    return _PAGE.format(
        span_table=_table(SPAN_TRANSITIONS),
        span_diagram=_diagram(SPAN_TRANSITIONS),
        article_table=_table(ARTICLE_TRANSITIONS),
        article_diagram=_diagram(ARTICLE_TRANSITIONS),
    )


def _table(rows: Sequence[Transition]) -> str:
    lines = ["| from | deed | to | who | needs |", "|-|-|-|-|-|"]
    for row in rows:
        before = ", ".join(_words(state, _NOWHERE) for state in row.before)
        after = _words(row.after, _WHERE_IT_WAS)
        needs = "" if row.needs is Needs.NOTHING else row.needs.value
        lines.append(f"| {before} | {row.action.words} | {after} | {row.who.value} | {needs} |")
    return "\n".join(lines)


def _diagram(rows: Sequence[Transition]) -> str:
    """One arrow for each pair of states, with all the deeds that go that way."""
    arrows = [
        (before, state, row.action)
        for row in rows
        for before in row.before
        for state in _ends(row, rows)
    ]
    order = list(dict.fromkeys((before, after) for before, after, _ in arrows))
    arrows.sort(key=lambda arrow: order.index(arrow[:2]))
    lines = ["```mermaid", "stateDiagram-v2"]
    for (before, after), group in groupby(arrows, key=lambda arrow: arrow[:2]):
        deeds = ", ".join(action.words for _, _, action in group)
        lines.append(f"    {before or '[*]'} --> {after}: {deeds}")
    return "\n".join([*lines, "```"])


def _ends(row: Transition, rows: Sequence[Transition]) -> list[State | ArticleState]:
    """Where the row leads: back to wherever one comes from, if it leads where it was."""
    if row.after is not None:
        return [row.after]
    (here,) = row.before
    return [
        state
        for other in rows
        if other.after == here
        for state in other.before
        if state is not None
    ]


def _words(state: State | ArticleState | None, otherwise: str) -> str:
    return otherwise if state is None else state.words
