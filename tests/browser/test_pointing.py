"""Marking by mouse and finger in real Chromium: what is pointed at is what is stored."""

import json
from pathlib import Path

import pytest

from annotations.domain.extents import Extent
from annotations.domain.text import clean
from annotations.domain.units import units
from annotations.models import Article, Span
from tests.browser.hand import (
    choose,
    click_at,
    drag,
    draw,
    edges,
    extent_of,
    next_frame,
    open_desk,
    press,
    said,
    select,
    target,
)
from tests.factories import load_labels, make_article, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)
NASTY = Path(__file__).parent.parent / "data/nasty/texts.jsonl"
TEXTS = [json.loads(line) for line in NASTY.read_text("utf-8").split("\n") if line]
TEXT = (
    "The mayor said: “We won,” and later “They lost.” It rained all day.\n\n"
    "Ten fled at once. Two stayed at home."
)
RAINED, FLED = "It rained all day.", "Ten fled at once."


@pytest.fixture
def annotator(browse):
    load_labels()
    person = make_user("ann", annotator=True)
    browse.sign_in(person)
    return person


@pytest.fixture
def article(annotator):
    return make_article(TEXT)


def words_of(article, extent):
    return article.text[slice(*extent)]


def test_a_mouse_stores_every_nasty_text_exactly(annotator, browse):
    for case in TEXTS:
        if case["expect"] != "ok":
            continue
        cleaned = clean(case["text"])
        article = make_article(text=case["text"], slug=f"nasty-{case['id']}")
        places = [
            (span["label"][0], cleaned.moved(span["start"]), cleaned.moved(span["end"]))
            for span in case["spans"]
        ]

        def mark(page, article=article, places=places):
            open_desk(page, article)
            shown = page.evaluate("document.getElementById('article').textContent")
            for key, start, end in places:
                begin, finish = edges(page, start, end)
                drag(page, start, end)
                if target(page) != (start, end):
                    print(article.slug, (start, end), target(page))
                    drag(page, start, end, alt=True)
                press(page, key)
            return shown

        try:
            assert browse(mark) == cleaned.text, case["id"]
        except Exception as e:
            print(case["id"], e)
            continue
        stored = article.spans.order_by("pk").values_list("start", "end", "text")
        assert list(stored) == [(s, e, cleaned.text[s:e]) for _, s, e in places], case["id"]
