"""docs/lifecycle.md says what the code does."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from annotations.domain.lifecycle import (
    ARTICLE_TRANSITIONS,
    SPAN_TRANSITIONS,
    ArticleState,
    State,
)

DOCUMENT = Path(settings.BASE_DIR, "docs/lifecycle.md")


def drawn():
    out = StringIO()
    call_command("draw_lifecycle", stdout=out)
    return out.getvalue()


def test_the_document_is_the_one_that_the_tables_draw():
    assert DOCUMENT.read_text("utf-8") == drawn(), (
        "The life cycle has changed. Draw it again, look at what differs, and commit both:\n"
        "    .venv/bin/python manage.py draw_lifecycle > docs/lifecycle.md"
    )


@pytest.mark.parametrize("rows", [SPAN_TRANSITIONS, ARTICLE_TRANSITIONS], ids=["span", "article"])
def test_every_row_of_the_tables_is_in_the_document_with_who_and_what_it_needs(rows):
    lines = [line.split(" | ") for line in DOCUMENT.read_text("utf-8").splitlines()]
    for row in rows:
        end = row.after.words if row.after else "where it was"
        [found] = [
            cells
            for cells in lines
            if cells[1:3] == [row.action.words, end]
            and cells[0] == "| " + ", ".join(state.words if state else "–" for state in row.before)
        ]
        assert found[3] == row.who.value
        assert found[4].removesuffix("|").strip() == row.needs.value


@pytest.mark.parametrize("states", [State, ArticleState])
def test_every_state_is_in_a_diagram(states):
    arrows = [line for line in drawn().splitlines() if " --> " in line]
    reached = {arrow.partition(" --> ")[2].partition(":")[0] for arrow in arrows}
    assert {state.value for state in states} <= reached


def test_the_way_back_from_being_set_aside_leads_to_every_state_that_led_there():
    arrows = [line.strip() for line in drawn().splitlines()]
    back = [arrow for arrow in arrows if arrow.startswith("set_aside --> ")]
    there = [arrow for arrow in arrows if " --> set_aside: " in arrow]
    assert len(there) == 5
    assert {arrow.partition(" --> ")[2].partition(":")[0] for arrow in back} - {"superseded"} == {
        arrow.partition(" -->")[0] for arrow in there
    }
