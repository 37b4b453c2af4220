"""Article 004 marked up whole without a mouse, and what that costs in keys.

The marks are those of a careful annotator by the labels' guidelines. Each costs what it says: the
walk to its words is part of it. doccano takes a drag and a click for each.
"""

import pytest
from django.core.management import call_command

from annotations.models import Article
from tests.browser.hand import said, until
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

APPEAL = "… we have a small favor to ask."
# (keys from where the last mark left off, label, first words, last words)
MARKS = [
    ("j b", "boilerplate", "Support The Moscow Times!", "Support The Moscow Times!"),
    ("j q", "quote", "‘Serious Consequences'", "‘Serious Consequences'"),
    ("j Shift+J b", "boilerplate", "President Vladimir Putin talks", "Office / TASS"),
    ("j q", "quote", '"serious consequences" if', '"serious consequences"'),
    ("c", "claim", "Russian President Vladimir Putin warned", "to strike Russia"),
    ("j c", "claim", "Speaking in Uzbekistan", "targets inside Russia"),
    ("j q", "quote", '"This constant escalation', 'consequences,"'),
    ("j q", "quote", '"In Europe, especially', 'playing with,"'),
    ("j q", "quote", '"small territory"', '"small territory"'),
    ("q", "quote", '"dense population"', '"dense population"'),
    ("j q", "quote", '"And this factor', 'serious thing."'),
    ("j c", "claim", "He said that while Ukraine", "of the weapons"),
    ("j q", "quote", '"They want a global conflict,"', '"They want a global conflict,"'),
    # In mid-sentence: the quote out of the hand, hold of the sentence's end, of its start, over
    # "Putin also said that".
    ("j q", "quote", '"escalation."', '"escalation."'),
    (
        "Escape e e ArrowRight ArrowRight ArrowRight ArrowRight c",
        "claim",
        "while he believed Western military",
        'another "escalation."',
    ),
    ("j q", "quote", '"It is another step', 'global conflict,"'),
    ("j c", "claim", "Ukraine's top commander announced", "to the country"),
    ("j q", "quote", '"There are specialists', 'mercenaries,"'),
    ("q", "quote", '"this was nothing new."', '"this was nothing new."'),
    ("j q", "quote", '"defeated"', '"defeated"'),
    ("q", "quote", '"we will do what we think', 'of Ukraine."'),
    ("j q", "quote", '"They should be aware of this,"', '"They should be aware of this,"'),
    ("j z Shift+J Shift+J Shift+J Shift+J Shift+J Shift+J b", "boilerplate", APPEAL, "Read more"),
    ("z j q", "quote", '"foreign agent"', '"foreign agent"'),
]


def extent(article, label, first, last):
    start = article.text.index(first)
    if label == "quote" and first == '"serious consequences" if':
        first = '"serious consequences"'
    return start, article.text.index(last, start) + len(last)


def test_article_004_is_marked_up_whole_without_a_mouse(browse):
    call_command("seed", verbosity=0)
    browse.sign_in(make_user("ann", annotator=True))
    article = Article.objects.get(slug="putin-western-weapons-004")
    wanted = [(label, *extent(article, label, first, last)) for _, label, first, last in MARKS]
    pressed = []

    def press(page, keys):
        for key in keys.split():
            page.keyboard.press(key)
            pressed.append(key)

    def mark(page):
        page.goto(f"/articles/{article.slug}/")
        for at, (keys, *_) in enumerate(MARKS, start=1):
            press(page, keys)
            rows = "document.querySelectorAll('[role=row][data-drawn]').length"
            until(page, f"(count) => {rows} === count", arg=at)

    browse(mark)
    stored = article.spans.order_by("pk").values_list("label__slug", "start", "end")
    assert list(stored) == wanted
    assert {span.extent.of(article.text) == span.text for span in article.spans.all()} == {True}
    # Two keys for a unit or a quotation, nine for the appeal over seven paragraphs.
    costs = [len(keys.split()) for keys, *_ in MARKS]
    assert costs[22] == 9
    assert sum(cost <= 2 for cost in costs) == len(MARKS) - 4
    assert (len(MARKS), len(pressed)) == (24, 59), "as docs/benchmarks.md has it"

    # Then what the labels ask for: `w` to the next that lacks it, `.` as the last of its label was.
    def fill(page):
        press(page, "Escape Escape")
        kinds = iter("1 8 1".split())  # an appeal, a credit, an appeal
        first_quote = True
        while page.locator("[role=row][data-lacking]").count():
            lacking = page.locator("[role=row][data-lacking]").count()
            row = page.locator("[role=row][data-lacking]").first
            quote = row.get_attribute("data-slug") == "quote"
            uid = row.get_attribute("id").removeprefix("span-")
            press(page, "w")
            page.locator(f"#panel [data-open='{uid}']").wait_for()
            press(page, "." if quote and not first_quote else "Enter")
            page.locator("#strip-form").wait_for()
            if quote and first_quote:
                page.keyboard.type("Vladimir Putin")
                pressed.extend("Vladimir Putin")
                first_quote = False
            elif not quote:
                press(page, next(kinds))
            press(page, "Control+Enter")
            until(
                page,
                "(before) => document.querySelectorAll('[data-lacking]').length < before",
                arg=lacking,
            )

    browse(fill)
    quotes = article.spans.filter(label__slug="quote")
    assert {span.attributes["speaker"]["value"] for span in quotes} == {"Vladimir Putin"}
    assert quotes.get(text='"defeated"').attributes["form"] == "scare"
    assert quotes.get(text='"They want a global conflict,"').attributes["form"] == "direct"
    assert len(pressed) == 135, "as docs/benchmarks.md has it"

    browse(lambda page: (page.keyboard.press("u"), said(page, "Undone: edited.")))
