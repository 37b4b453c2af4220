"""Marking by key in real Chromium: units, ends, the caret, spans, and keys that do nothing."""

import pytest

from annotations.domain.extents import Extent
from annotations.domain.units import units
from annotations.models import Deed
from tests.browser.hand import (
    announced,
    extent_of,
    open_desk,
    press,
    press_keys,
    said,
    select,
    target,
)
from tests.factories import make_article, make_span

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = (
    "The mayor said: “We won,” and later “They lost, 3–2.” It rained all day.\n\n"
    "Ten fled at once. Two stayed at home."
)
RAINED, FLED, STAYED = "It rained all day.", "Ten fled at once.", "Two stayed at home."


@pytest.fixture
def article(annotator):
    return make_article(TEXT)


def places(extents):
    return [(extent.start, extent.end) for extent in extents]


def walked(page, keys):
    """Press the keys; what was the target after each of them."""
    return [page.keyboard.press(key) or target(page) for key in keys.split()]


def words_after(page, keys):
    """Press the keys; the words of the target after each of them."""
    return [TEXT[slice(*extent)] for extent in walked(page, keys)]


def deeds(article):
    """What was done to its spans, and the words they had from then on."""
    events = article.events.filter(span__isnull=False).order_by("pk")
    return [(event.action, event.after["text"]) for event in events]


def test_j_and_k_walk_the_sentences_and_never_leave_the_text(article, browse):
    first, second, third, last = places(units(TEXT).sentences)

    def walk(page):
        open_desk(page, article)
        there = walked(page, "j j j j j")
        announced(page, "This is the last one.")
        back = walked(page, "k k k k")
        announced(page, "This is the first one.")
        return there, back

    there, back = browse(walk)
    assert there == [first, second, third, last, last]
    assert back == [third, second, first, first]


def test_z_takes_the_paragraph_at_hand_and_its_first_sentence_again(article, browse):
    first, second = places(units(TEXT).paragraphs)

    def walk(page):
        open_desk(page, article)
        select(page, *extent_of(article, "fled"))
        return walked(page, "z k j z j")

    fled, stayed = extent_of(article, FLED), extent_of(article, STAYED)
    assert browse(walk) == [second, first, second, fled, stayed]


def test_shift_j_extends_by_units_and_shift_k_takes_the_last_one_off_again(article, browse):
    def extend(page):
        open_desk(page, article)
        press_keys(page, "j j")
        return walked(page, "Shift+J Shift+J Shift+K Shift+K")

    one, two, three = (extent_of(article, RAINED, last) for last in (RAINED, FLED, STAYED))
    assert browse(extend) == [two, three, two, one]


def test_the_key_or_the_digit_of_a_label_tags_the_unit_at_hand_exactly(article, browse):
    def mark(page):
        open_desk(page, article)
        press_keys(page, "j j")
        press(page, "b")
        press(page, "c")
        press_keys(page, "z j")
        press(page, "3")

    browse(mark)
    sentence, paragraph = units(TEXT).sentences[1], units(TEXT).paragraphs[1]
    marked = article.spans.order_by("pk").values_list("label__slug", "start", "end", "text")
    assert list(marked) == [
        ("boilerplate", sentence.start, sentence.end, sentence.of(TEXT)),
        # A claim goes without the full stop, as its guideline has it.
        ("claim", sentence.start, sentence.end - 1, sentence.of(TEXT)[:-1]),
        ("boilerplate", paragraph.start, paragraph.end, paragraph.of(TEXT)),
    ]


def test_q_takes_the_quotations_of_a_sentence_in_turn_and_one_without_any_whole(article, browse):
    def quote(page):
        open_desk(page, article)
        page.keyboard.press("j")
        press(page, "q")
        press(page, "q")
        page.keyboard.press("q")
        page.locator("#told", has_text="Every quotation in these words is marked").wait_for()
        page.keyboard.press("j")
        press(page, "q")

    browse(quote)
    assert [words for _, words in deeds(article)] == ["“We won,”", "“They lost, 3–2.”", RAINED]


def test_e_moves_the_end_and_again_the_start_and_the_label_is_the_only_deed(article, browse):
    def trim(page):
        open_desk(page, article)
        press_keys(page, "j j e")
        ends = words_after(page, "ArrowLeft ArrowLeft Shift+ArrowLeft")
        page.keyboard.press("e")
        starts = words_after(page, "ArrowRight Shift+ArrowRight ArrowLeft")
        press_keys(page, "Shift+ArrowRight Enter")
        press(page, "c")
        return ends, starts

    ends, starts = browse(trim)
    assert ends == ["It rained all day", "It rained all", "It rained al"]
    assert starts == ["rained al", "ained al", "rained al"]
    assert deeds(article) == [("propose", "ained al")]
    assert Deed.objects.filter(actor__isnull=False).count() == 1


def test_escape_drops_what_was_done_to_the_ends_of_a_unit_and_of_a_span(article, annotator, browse):
    make_span(article, annotator, "claim", text=FLED)
    sent = []

    def drop(page):
        open_desk(page, article)
        page.on("request", lambda request: sent.append(request.method))
        press_keys(page, "j j e ArrowLeft e ArrowRight Escape")
        yield target(page)
        press_keys(page, "n e ArrowLeft Escape")
        yield target(page)

    dropped = browse(lambda page: list(drop(page)))
    assert dropped == [extent_of(article, RAINED), extent_of(article, FLED)]
    assert "POST" not in sent


def test_the_ends_of_a_stored_span_move_as_one_edit(article, annotator, browse):
    span = make_span(article, annotator, "claim", text=FLED)

    def move(page):
        open_desk(page, article)
        press_keys(page, "n e ArrowLeft ArrowLeft ArrowLeft e ArrowRight Enter")
        said(page, "Edited.")

    browse(move)
    assert deeds(article) == [("propose", FLED), ("edit", "fled")]
    span.refresh_from_db()
    assert (span.start, span.end) == extent_of(article, "fled")


def test_the_caret_marks_by_words_and_characters_and_enter_keeps_what_it_marked(article, browse):
    def mark(page):
        open_desk(page, article)
        press_keys(page, "j j v Control+ArrowRight ArrowRight")
        assert page.locator("#caret").is_visible()
        press_keys(page, "Shift+Control+ArrowRight Shift+Control+ArrowRight Shift+ArrowLeft Enter")
        assert not page.locator("#caret").is_visible()
        press(page, "c")

    browse(mark)
    assert deeds(article) == [("propose", "rained al")]


def test_the_caret_goes_by_lines_and_to_their_ends(annotator, browse):
    rain = " ".join(f"Line upon line it rained for {day} days." for day in range(9))
    article = make_article(rain)

    def mark(page):
        open_desk(page, article)
        page.keyboard.press("v")
        for way in ("Shift+End", "ArrowDown Home Shift+End", "ArrowUp Home Shift+End"):
            press_keys(page, way)
            yield article.text[slice(*target(page))]

    first, second, again = browse(lambda page: list(mark(page)))
    assert article.text.startswith(f"{first} {second} ")
    assert again == first


def test_o_takes_the_shortest_span_here_and_again_the_next_outer_one(article, annotator, browse):
    make_span(article, annotator, "boilerplate", extent=Extent(*extent_of(article, "The", RAINED)))
    make_span(article, annotator, "claim", extent=Extent(*extent_of(article, "The", "3–2.”")))
    make_span(article, annotator, "quote", text="“We won,”")

    def outwards(page):
        open_desk(page, article)
        page.keyboard.press("j")
        return walked(page, "o o o o")

    first = extent_of(article, "“We won,”")
    outer = [extent_of(article, "The", "3–2.”"), extent_of(article, "The", RAINED)]
    assert browse(outwards) == [first, *outer, first]


def test_n_and_p_walk_the_spans_and_w_those_that_lack_something(article, annotator, browse):
    speaker = {"speaker": {"value": "unknown", "start": None, "end": None}}
    won = make_span(article, annotator, "quote", text="“We won,”")
    lost = make_span(article, annotator, "quote", text="“They lost, 3–2.”", attributes=speaker)
    fled = make_span(article, annotator, "boilerplate", text=FLED)
    places = {span.uid: (span.start, span.end) for span in (won, lost, fled)}

    def walk(page):
        open_desk(page, article)
        along = walked(page, "n n n n")
        announced(page, "There is no further span.")
        back = walked(page, "p p p")
        announced(page, "There is no span before.")
        page.keyboard.press("Escape")
        lacking = walked(page, "w w w")
        announced(page, "Every span after this has what it needs.")
        page.locator(f"#panel [data-open='{fled.uid}']").wait_for()
        return along, back, lacking

    along, back, lacking = browse(walk)
    first, second, third = places.values()
    assert along == [first, second, third, third]
    assert back == [second, first, first]
    assert lacking == [first, third, third]


def test_the_key_of_another_label_relabels_an_open_span_in_one_edit(article, annotator, browse):
    span = make_span(article, annotator, "claim", text=FLED)

    def relabel(page):
        open_desk(page, article)
        press_keys(page, "n b")
        said(page, "Edited.")

    browse(relabel)
    span.refresh_from_db()
    assert (span.label.slug, span.revision) == ("boilerplate", 2)
    assert [action for action, _ in deeds(article)] == ["propose", "edit"]


def test_relabelling_an_approved_span_asks_first(article, annotator, browse):
    span = make_span(article, annotator, "claim", text=FLED, state="approved")
    asked, answers = [], iter(["dismiss", "accept"])

    def answer(dialog):
        asked.append(dialog.message)
        getattr(dialog, next(answers))()

    def relabel(page):
        page.on("dialog", answer)
        open_desk(page, article, span)
        page.keyboard.press("b")
        page.locator("#span-form").wait_for()
        page.keyboard.press("b")
        said(page, "Edited.")

    browse(relabel)
    assert [message.split(".")[0] for message in asked] == ["This span is approved"] * 2
    assert [action for action, _ in deeds(article)] == ["propose", "approve", "edit"]


def test_x_withdraws_the_span_at_hand(article, annotator, browse):
    span = make_span(article, annotator, "claim", text=FLED)

    def withdraw(page):
        open_desk(page, article)
        press_keys(page, "n x")  # its panel may still be coming
        said(page, "Withdrawn.")

    browse(withdraw)
    span.refresh_from_db()
    assert span.state == "withdrawn"


def test_keys_that_are_not_meant_do_nothing(article, browse):
    sent = []
    dispatch = """(options) => document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", { key: "c", code: "KeyC", bubbles: true, ...options }))"""

    def press_in_vain(page):
        open_desk(page, article)
        page.keyboard.press("j")
        page.on("request", lambda request: sent.append(request.method))
        press_keys(page, "Control+c Alt+c / c")
        assert page.locator("#find [name=words]").input_value() == "c"
        page.keyboard.press("Escape")
        for options in ({"repeat": True}, {"isComposing": True}, {"modifierAltGraph": True}):
            page.evaluate(dispatch, options)
        page.evaluate(dispatch, {})  # and now it is meant
        said(page, "Marked as claim.")

    browse(press_in_vain)
    assert sent.count("POST") == 1


def test_keys_that_are_switched_off_do_nothing_but_escape(article, browse):
    def try_keys(page):
        open_desk(page, article)
        page.evaluate("document.cookie = 'newsroom_keys=off; Path=/'")
        page.reload()
        page.keyboard.press("j")
        assert target(page) is None
        words = select(page, *extent_of(article, FLED))
        press_keys(page, "c z v e")
        kept = target(page)
        page.keyboard.press("Escape")
        return words, kept, target(page)

    assert browse(try_keys) == (FLED, extent_of(article, FLED), None)
    assert not article.spans.exists()


def test_letters_go_by_their_place_where_the_layout_is_not_latin(article, browse):
    def walk(page):
        open_desk(page, article)
        page.evaluate("""() => document.body.dispatchEvent(
          new KeyboardEvent("keydown", { key: "о", code: "KeyJ", bubbles: true }))""")
        return target(page)

    assert browse(walk) == places(units(TEXT).sentences)[0]


def test_undo_and_redo_reach_over_a_reload(article, browse):
    def there_and_back(page):
        open_desk(page, article)
        page.keyboard.press("j")
        press(page, "c")
        page.reload()
        page.keyboard.press("u")
        said(page, "Undone: marked.")
        page.reload()
        page.keyboard.press("Shift+U")
        said(page, "Done again: marked.")

    browse(there_and_back)
    assert [action for action, _ in deeds(article)] == ["propose", "undo", "undo"]
    assert article.spans.get().state == "proposed"
