"""Paragraphs, sentences and quotations of a text, and the form a quote's shape suggests."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.domain.extents import Extent
from annotations.domain.segments import paragraphs
from annotations.domain.units import (
    Units,
    paragraph_units,
    quotation_form,
    quotations,
    sentences,
    units,
)

SEEDS = json.loads(Path("fixtures/seed_articles.json").read_text())
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text("Aa sS1.!?…,\n \"'“”‘’„«»‹›()[]「」。-–\u0301\u2028\xa0😀", max_size=60),
    st.lists(
        st.sampled_from(
            '“We won. |They lost,” |he said. |"Yes" |don\'t |the workers’ |‘no’ |Mr. |Smith |'
            "in the U.S. |(a. B) |\n|\n\n|« Oui. » |Go! ".split("|")
        ),
        max_size=25,
    ).map("".join),
)


def words_of(text, extents):
    return [extent.of(text) for extent in extents]


def cut(case):
    """A text and its sentences from `case`, where a bar stands at each cut."""
    return case.replace("|", ""), [sentence.strip() for sentence in case.split("|")]


# Paragraphs


def test_paragraphs_are_trimmed_and_blank_ones_are_left_out():
    text = "\n\n  One. Two. \n \t\n\xa0Three\u2028four\u3000\n\n"
    assert words_of(text, paragraph_units(text)) == ["One. Two.", "Three\u2028four"]


@pytest.mark.parametrize("text", ["", "\n\n\n", " \n\t\u3000 "])
def test_a_blank_text_has_no_units(text):
    assert units(text) == Units((), (), (), ())


# Sentences


@pytest.mark.parametrize(
    "case",
    [
        "He left. |She stayed! |Why? |Nobody knew.",
        "Mr. Smith met J. K. Rowling and J.R.R. Martin in the U.S. Senate. |She left.",
        "MR. SMITH SPOKE. |HE LEFT.",
        "Gen. Lee, Sen. Roe, Lt. Col. Poe and Dr. No spoke. |They left.",
        "He was born in the U.S. |She was not.",
        "He was born in the U.S. |“We won,” he said.",
        "Shares of Acme Inc. Chairman Roe fell. |He works for Acme Inc. |It pays.",
        "It began at 5 a.m. Kyiv time and ended at 9 p.m. |Then it rained.",
        "On Jan. 6 he came, e.g. Tuesday, i.e. Roe vs. Wade.",
        "See No. 5, pp. 3-4 and vol. 2. |He said no. |She came.",
        "St. Petersburg and Mt. Everest.",
        "It fell 1.5 percent to $2. |It’s low.",
        "She has a Ph.D. degree. |Plan B. |The end.",
        "It was I. |She knew of World War I. |The end.",
        "1. First thing. |2. Second thing. |A. Roe said so.",
        "Wait… |What? |So... |Then he went.",
        "We will … Russia must … wait.",
        "… we have a favor to ask. |Thank you.",
        "He left. |[…] Then (...) he came.",
        "Yes. . . no. |Then.",
        "Wait?! |Really!!! |OK.",
        "He won (!) Gold. |He did (?) Never.",
        "“Why?” asked Roe. |“Why not?” he said.",
        "It’s in www.example.com. |Sales of it rose. |iPhone sales fell.",
        "Made in the E.U.-zone, i.e. near Non-St. Foch.",
        "It grew 5%. |👉 Subscribe now! |🔥 Read more",
        "Metzel / TASS. |All of it.",
        "It is over ! |Go.",
        ". A",
        "He left" + 30 * " " + ". |She stayed.",
    ],
)
def test_sentences_end_at_a_stop_but_not_at_an_abbreviation(case):
    text, expected = cut(case)
    assert words_of(text, sentences(text)) == expected


@pytest.mark.parametrize(
    "case",
    [
        "“We won. They lost,” he said. |It rained.",
        "He said “we won. They lost.” |It rained.",
        '"We won. They lost!" he cried. |"Yes."',
        "‘We won. They lost,’ the workers’ man said. |OK.",
        "« Oui. Non. » |Il part. |« Oui. » dit-il.",
        "„Ja. Nein“, sagte er. |»Ja. Nein.« |Er ging.",
        "“Do they want war?” Putin asked. |“No!” President Putin told reporters.",
        "“They lost!” Putin said the West was wrong.".replace("!” ", "!” |"),
        "“Why?” |He asked nobody.",
        "He left.|“We won,” she said.|“Go.”|“No.”",
        "He left (on Oct. 7. It rained). |(He came. She went.) |Then it rained.",
        "“Never closed. |Cut as if it were not there. |Yes.",
        "He said (never closed. |Cut all the same.",
    ],
)
def test_a_sentence_is_never_broken_inside_a_quotation_or_brackets(case):
    text, expected = cut(case)
    assert words_of(text, sentences(text)) == expected


@pytest.mark.parametrize(
    ("language", "case"),
    [
        (
            "de",
            "Am 3. Oktober kam Dr. h. c. Roth, z. B. am Do. um 5 Uhr. |Das war der 3. |Er ging.",
        ),
        ("de-AT", "Nr. 5 usw. blieb, bzw. Hr. Meier ging. |So ist es."),
        ("cs", "Dne 5. Května přišel. |Byl tam."),
        ("fr", "M. Macron et Mme. Roux, av. Foch, p. 5. |Il part."),
        ("es", "El Sr. López va a EE. UU. el lunes. |¿Qué pasó? |¡Nada!"),
        ("it", "L'on. Meloni e il sig. Rossi, art. 5. |Fine."),
        ("pt", "O Sr. Silva e a Dra. Costa. |Fim."),
        ("nl", "Dhr. Jansen en mevr. De Vries. |Ja."),
        ("pl", "Prof. Nowak, ul. Długa, w 2022 r. Rosja. |On był."),
        ("ru", "В 2022 г. Россия, г-н Иванов, 5 тыс. человек, А. С. Пушкин. |Он был."),
        ("uk", "У 2022 р. Росія, вул. Хрещатик. |Він був."),
        ("hi", "यह ठीक है। |डॉ. शर्मा आए। |अंत।"),
        ("ar", "هل رحل؟ |نعم. |ذهب د. أحمد."),
        ("am", "ጠቅላይ ብለዋል። |300 ሰዎች።"),
        ("ja", "首相は「守る。約束だ。」と述べた。|人口は1億人。|「はい。」|「いいえ。」"),
        ("zh", "他说：“不。绝不。”他走了。|真的吗？|是的！"),
        ("sw", "Mr. Roe alikuja. |Alikwenda."),
        ("", "The 3. |Roe said. |Mr. Poe."),
    ],
)
def test_each_language_has_its_own_abbreviations_and_stops(language, case):
    text, expected = cut(case)
    assert words_of(text, sentences(text, language)) == expected


def test_no_accent_is_cut_from_the_stop_that_bears_it():
    text = "一。\u0301二。三"
    assert words_of(text, sentences(text)) == ["一。\u0301二。", "三"]


def test_only_a_line_feed_ends_a_sentence_without_a_stop():
    text = "One\u2028two\x85three\nFour"
    assert words_of(text, sentences(text)) == ["One\u2028two\x85three", "Four"]


# Quotations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He said “we won,” she "no" and they ‘yes’.', ["“we won,”", '"no"', "‘yes’"]),
        ("Have ‘Serious Consequences' Now", ["‘Serious Consequences'"]),
        ('“We know," he said. "Yes,” she added.', ['“We know,"', '"Yes,”']),
        ("« Oui », «non», ‹ si ›.", ["« Oui »", "«non»", "‹ si ›"]),
        ("„Ja“, »Nein«, „tak”, ‚na‘.", ["„Ja“", "»Nein«", "„tak”", "‚na‘"]),
        ("”Ja”, sa han, »nej».", ["”Ja”", "»nej»"]),
        ('“Ja“, „Ja".', ["“Ja“", '„Ja"']),
        ("首相は「この『約束』は」と。", ["「この『約束』は」", "『約束』"]),
        ('他说“我们‘赢’了”然后"不"。', ["“我们‘赢’了”", "‘赢’", '"不"']),
        ('She said:“yes”and:"no"too.', ["“yes”", '"no"']),
        ("(“We won,” he said.) [“No.”] —“Yes”—", ["“We won,”", "“No.”", "“Yes”"]),
        ('"We won—" he said. "...and then," he said.', ['"We won—"', '"...and then,"']),
        ('" spaced " and ‘ too ’.', ['" spaced "', "‘ too ’"]),
        ("“A.”“B.”", ["“A.”", "“B.”"]),
        ("He is 'in', she's 'out'.", ["'in'", "'out'"]),
        ("” stray ’ marks » close ) nothing", []),
        ("“” \"\" ' ' « » (“”)", []),
        ("“\u0301a”\ufe00b", ["“\u0301a”\ufe00"]),
        ("(a) [b] “(c” d)", ["“(c”"]),
    ],
)
def test_quotations_come_with_their_marks_of_whatever_kind(text, expected):
    assert words_of(text, quotations(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't, journalists', l’été, O’Neill, Hawai‘i, 1990's", []),
        ("the ’90s, '80s, ‘90s, rock 'n' roll, ’tis, 'em", []),
        ('6\'2" tall, a 12" record', []),
        ("‘Cause the workers’ union said so", []),
        ("James' car isn't 'his'.", ["'his'"]),
        ('“Post”’s and "Post"\'s line', ["“Post”", '"Post"']),
        ("a ‚ comma", []),
        ('צה"ל אמר "לא".', ['"לא"']),
    ],
)
def test_an_apostrophe_is_no_quotation_mark(text, expected):
    assert words_of(text, quotations(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("‘The journalists’ work is hard,’ he said.", ["‘The journalists’ work is hard,’"]),
        ("'The workers' work,' he said. 'Yes.'", ["'The workers' work,'", "'Yes.'"]),
        ("‘We’re rockin’ tonight,’ he said.", ["‘We’re rockin’ tonight,’"]),
        ("the ‘terrorists’ and the journalists’ union", ["‘terrorists’"]),
        ("the ‘terrorists’ and the ‘end.’", ["‘terrorists’", "‘end.’"]),
    ],
)
def test_a_possessive_ends_a_quotation_only_if_nothing_else_does(text, expected):
    assert words_of(text, quotations(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“He said ‘no’ twice,” she said.", ["“He said ‘no’ twice,”", "‘no’"]),
        ("\"'No,' he said,\" she said.", ["\"'No,' he said,\"", "'No,'"]),
        ("'He said \"yes\" too,' she said.", ["'He said \"yes\" too,'", '"yes"']),
        ('"I like "Hamlet" much."', ['"I like "Hamlet" much."', '"Hamlet"']),
        ("»›Nein‹ nie«", ["»›Nein‹ nie«", "›Nein‹"]),
        ("« Il a dit « non » hier »", ["« Il a dit « non » hier »", "« non »"]),
        ("“It’s ‘never closed,” he said", ["“It’s ‘never closed,”"]),
        ("‘It’s “never closed,’ he said", []),
    ],
)
def test_outer_quotations_come_before_those_within(text, expected):
    assert words_of(text, quotations(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“First.\n\n“Second,” he said.", ["“First.", "“Second,”"]),
        ('He said: "One.\n"Two.\n"Three."', ['"One.', '"Two.', '"Three."']),
        ("“He said ‘no.\n\n“Two.”", ["“He said ‘no.", "“Two.”"]),
        ("“First. “Second,” he said.", ["“Second,”"]),
        ("“First.\n\nSecond.”", []),
        ("“First.\n\n‘Second.’", ["‘Second.’"]),
        ("“First.\n\n(“Second.”)", ["“Second.”"]),
        ("He said “\n\n“Second.”", ["“Second.”"]),
        ("He said ‘no.\n\n’90s music.", []),
        ("“First.\n\n” stray", []),
        ("“First.", []),
    ],
)
def test_an_unclosed_mark_begins_a_quotation_only_if_the_next_paragraph_goes_on(text, expected):
    assert words_of(text, quotations(text)) == expected


# Forms


@pytest.mark.parametrize(
    ("words", "form"),
    [
        ("“We are safe,”", "direct"),
        ("“We won. They lost.”", "direct"),
        ("“No.”", "direct"),
        ("“First.”\n\n“Second.”", "direct"),
        ("“First paragraph of the speech.", "direct"),
        ("“the mayor's big gamble”", "direct"),
        ("「この『約束』は守る」", "direct"),
        ("“neutralize”", "scare"),
        ("‘Serious Consequences'", "scare"),
        ("“U.S.-backed long-range strikes”", "scare"),
        ("“serious consequences”.", "scare"),
        ("『約束』", "scare"),
        ("that they would be “defeated” soon", "mixed"),
        ("“We won,” he said.", "mixed"),
        ("members are playing with fire", "indirect"),
        ("It isn't so.", "indirect"),
        ("", "indirect"),
        ("Hard to say. Do they want it?", "block"),
        ("One paragraph\n\nand another", "block"),
    ],
)
def test_the_form_of_a_quote_shows_in_its_shape(words, form):
    assert quotation_form(words) == form


def test_every_form_is_a_choice_of_the_label():
    rows = json.loads(Path("fixtures/labels.json").read_text())
    choices = [row["fields"] for row in rows if row["model"] == "annotations.choice"]
    keys = {choice["key"] for choice in choices if choice["attribute"] == ["quote", "form"]}
    assert keys == {"direct", "indirect", "mixed", "scare", "block"}


# The seeds


def seed(number):
    articles = (row["fields"] for row in SEEDS if row["model"] == "annotations.article")
    return next(row["text"] for row in articles if row["slug"].endswith(number))


def test_the_appeal_of_article_004_falls_into_its_sentences():
    text = seed("004")
    found = words_of(text, sentences(text, "en"))
    assert len(found) == 32
    assert found[:2] == [
        "Support The Moscow Times!",
        "Putin Says Western Weapons Striking Russia Would Have ‘Serious Consequences'",
    ]
    start = found.index("… we have a small favor to ask.")
    assert [sentence.split()[0] for sentence in found[start:]] == (
        "… As This We, Our But Your If It's Thank paiment Not Remind Read".split()
    )


@pytest.mark.parametrize(
    ("number", "many"), [("000", 5), ("001", 2), ("002", 6), ("003", 11), ("004", 16)]
)
def test_every_pair_of_marks_in_the_seeds_is_a_quotation(number, many):
    text = seed(number)
    assert len(quotations(text)) == many
    assert all(quotation_form(quote.of(text)) in {"direct", "scare"} for quote in quotations(text))


def test_several_quoted_sentences_of_article_003_stay_one_with_who_said_them():
    text = seed("003")
    found = [sentence for sentence in words_of(text, sentences(text)) if "reap" in sentence]
    assert len(found) == 1
    assert found[0].startswith("“What caused this? They did,")
    assert found[0].endswith("are used,” the Russian president added.")


# Whatever the text


@given(TEXTS)
@example("“a\n“b”\n‘s’ a. “")
def test_units_are_trimmed_ordered_and_within_one_paragraph(text):
    found = units(text)
    frames = [paragraph.words for paragraph in paragraphs(text)]
    for kind in (found.sentences, found.paragraphs, found.quotations):
        for unit in kind:
            words = unit.of(text)
            assert words
            assert words == words.strip()
            assert any(frame.covers(unit) for frame in frames)
        assert list(kind) == sorted(kind, key=lambda unit: (unit.start, -unit.end))
        assert len(set(kind)) == len(kind)


@given(TEXTS)
def test_sentences_and_paragraphs_each_cover_all_that_is_not_blank_once(text):
    found = units(text)
    for kind in (found.sentences, found.paragraphs):
        times = [0] * len(text)
        for unit in kind:
            for at in range(unit.start, unit.end):
                times[at] += 1
        assert all(many == 1 or char.isspace() for many, char in zip(times, text, strict=True))
        assert max(times, default=0) <= 1


@given(TEXTS)
def test_no_sentence_ends_inside_a_quotation_and_no_quotations_cross(text):
    found = units(text)
    edges = {edge for unit in found.sentences for edge in (unit.start, unit.end)}
    for quote in found.quotations:
        assert not any(quote.start < edge < quote.end for edge in edges)
        for other in found.quotations:
            assert quote.covers(other) or other.covers(quote) or not quote.overlaps(other)


@given(TEXTS, st.sampled_from(["", "en-GB", "de", "ja", "tlh", "-"]))
def test_asked_one_by_one_they_are_the_same(text, language):
    found = units(text, language)
    assert found == Units(
        tuple(sentences(text, language)),
        tuple(paragraph_units(text)),
        tuple(quotations(text)),
        found.stops,
    )
    assert len(found.stops) == len(found.sentences)


@pytest.mark.parametrize(
    ("sentence", "own"),
    [
        ("It rained.", True),
        ("See no. 5.", True),
        ("That was plan B.", True),
        ("بلغ عدد النازحين 1.5 مليون.", True),
        ("He works at Acme Inc.", False),
        ("He left the U.S.", False),
        ("It was 5 p.m.", False),
        ("“We won.”", False),
        ("Wait...", False),
        ("Did it rain?", False),
        (".", False),
    ],
)
def test_a_sentence_tells_whether_its_full_stop_is_its_own(sentence, own):
    assert units(sentence).stops == (own,)


@given(TEXTS)
def test_every_text_has_a_form(text):
    assert quotation_form(text) in {"direct", "indirect", "mixed", "scare", "block"}


@given(TEXTS)
def test_every_quotation_is_direct_or_scare_by_its_own_shape(text):
    for quote in quotations(text):
        assert quotation_form(quote.of(text)) in {"direct", "scare"}


# Speed: the bars are some twenty times what it takes, so that a busy machine does not fail


@pytest.mark.parametrize(
    "piece",
    [
        "He said “we won. They lost,” at 5 p.m. in the U.S. ",
        '"',
        "“",
        "'",
        "“x ",
        '"x" ',
        "‘s’ a ",
        "「。」",
        "(a. ",
        ". ",
        "A. ",
        "Ab. ",
        '." ',
        ".”",
        "!- - - ",
        "« a. » ",
        "“a\n",
        "a\n",
        "\n",
        " ",
        "a",
        "\u0301",
        "“A?” Aa Aa Aa Aa Aa ",
    ],
)
def test_the_time_grows_with_the_text_not_with_its_square(piece):
    text = "“" + (piece * (100_000 // len(piece)))
    begun = time.perf_counter()
    units(text)
    assert time.perf_counter() - begun < 5


def test_deep_nesting_is_no_deep_recursion():
    text = "“x" * 20_000 + "”" * 20_000
    found = quotations(text)
    assert len(found) == 20_000
    assert found[0] == Extent(0, len(text))
