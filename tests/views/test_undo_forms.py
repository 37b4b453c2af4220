"""Undo and redo, as every screen offers them."""

import pytest
from django.urls import reverse

from annotations import actions
from tests.factories import make_article, make_deed, make_span, make_user
from tests.views.hands import browser_of, desk_url
from tests.views.page import Page

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("screen", ["review", "several", "groups", "spot_checks", "desk"])
def test_undo_and_redo_are_requests_of_their_own(screen):
    rev, article = make_user(reviewer=True, annotator=True), make_article(state="submitted")
    spans = [make_span(article) for _ in range(2)]
    done = [actions.approve(span=span.uid, seen=1, deed=make_deed(rev)).deed for span in spans]
    if screen == "spot_checks":  # there only what was reopened is undone
        done = [actions.reopen(span=span.uid, seen=2, deed=make_deed(rev)).deed for span in spans]
    actions.undo(target=done[1].pk, deed=make_deed(rev))
    address = desk_url(article) if screen == "desk" else reverse(screen)

    page = Page(browser_of(rev).get(address))

    ids = [field.get("value") for field in page.every("input", name="request_id")]
    undo, redo = (page.one("form", id=name) for name in ("undo-form", "redo-form"))
    for form in (undo, redo):
        assert form.fields["screen"] == screen
        assert ids.count(form.fields["request_id"]) == 1
