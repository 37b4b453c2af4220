"""What a reviewer is warned of, and that articles that are rightly marked give no warning."""

import json
import time
from itertools import product
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.domain.checks import Concern, warnings
from annotations.domain.extents import Extent, check_extent, only_place
from annotations.domain.fingerprints import text_group
from annotations.domain.units import quotations, sentences

LABELS = ("claim", "quote", "boilerplate")
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text("Aa s1.,\n \"'“”‘’«»「」()\u0301\xa0😀א", max_size=60),
    st.lists(
        st.sampled_from('“We won. |They lost,” |he said. |"Yes" |‘no’ |don\'t |\n|\n\n'.split("|")),
        max_size=25,
    ).map("".join),
)
ANYWHERE = st.builds(Extent, st.integers(-9, 70), st.integers(-9, 70))


def read(case):
    """The text of `case`, its span, in [square] brackets, and its boilerplate, in {curly} ones."""
    text, places = "", {bracket: [] for bracket in "[]{}"}
    for character in case:
        if character in places:
            places[character].append(len(text))
        else:
            text += character
    (span,) = map(Extent, places["["], places["]"])
    return text, span, list(map(Extent, places["{"], places["}"]))


def warned(case, label="claim", elsewhere=False):
    text, span, boilerplate = read(case)
    check_extent(text, span)
    return warnings(text, label, span, boilerplate, elsewhere)


# Quotation marks

BALANCED = {
    "a quote with its marks": "He said [“we won,”] and left",
    "marks of mixed kind": "Have [‘Serious Consequences'] Now",
    "double marks of mixed kind": 'He said [“we won"] and left',
    "French marks": "Il dit [« non »] et part",
    "German marks": "Er sagte [„nein“] und ging",
    "a quotation and words around it": "[He said “we won” twice] and left",
    "two quotations": "[“We won,” he said. “They lost.”] Then he left",
    "the words between two": "“We won,” [he said.] “They lost.”",
    "a claim in a quotation": "“We won. [They lost], all of them,” he said",
    "all the words of a quotation": "He said “[we won],” and left",
    "its words with their comma": "He said “[we won,]” and left",
    "a quotation in another": "“He said [‘no’] twice,” she said",
    "the words of a quotation in another": "“He said ‘[no]’ twice,” she said",
    "words around a quotation in another": "“[He said ‘no’ twice],” she said",
    "no marks at all": "[He said no] and left",
    "an apostrophe": "[Ukraine's top] commander",
    "a curly apostrophe": "[Ukraine’s top] commander",
    "a possessive of many": "the [journalists’ work and] the workers’ union",
    "elisions": "[the '90s and rock] 'n' roll, ’tis true",
    "apostrophes in a quotation": "‘[It’s over and we’re out],’ he said",
    "feet and inches": 'a 12" [record, and 6\'] 2" tall',
    "a mark that the article never closes": "He said [“we won] and left",
    "a mark that the article never opens": "He said [we won” and] left",
    "brackets": "He (and [she) left] (early",
    "blanks at its edges": "He said[ “we won,” ]and left",
    "emoji": "👩\u200d👧 said [“we won 🎉”] 🇺🇦",
    "Hebrew": 'הוא אמר ["לא נכנע"] ויצא',
    "a Hebrew abbreviation": '[צה"ל הודיע] כי "לא"',
    "Arabic": "قال [«لن نستسلم»] وخرج",
    "corner brackets": "首相は[「この『約束』は守る」]と述べた",
    "corner brackets in others": "首相は「この[『約束』]は守る」と述べた",
    "right before a quotation": "[首相は]「守る」と述べた",
    "right after a quotation": "首相は「守る」[と述べた]",
    "a claim in corner brackets": "首相は「[約束は守る]」と述べた",
    "a quotation in the next paragraph": "[He left.]\n\n“We won,” he said",
    "over paragraphs": "[“We won.”\n\n“They lost.”] Then he left",
    "the first paragraph of a speech": "He said: [“We won.]\n\n“They lost.”",
    "its middle paragraph": "“We won.\n\n[“They lost.]\n\n“It is over.”",
    "its last paragraph": "“We won.\n\n[“They lost.”] He left",
    "all of a speech": "[“We won.\n\n“They lost.\n\n“It is over.”] He left",
    "a claim in its first paragraph": "“[We won].\n\n“They lost.”",
    "all the words of that": "“[We won.]\n\n“They lost.”",
    "a claim in its last paragraph": "“We won.\n\n“[They lost].”",
    "a claim over its paragraphs": "“We won. [They lost.\n\n“And it is over], all of it.”",
    "a paragraph that ends in a quotation": "[“He said ‘no.’]\n\n“She said ‘yes.’”",
    "a line end at its edge": "He said: [“We won.\n]\n“They lost.”",
    "a speech that the article never closes": "“We [won.\n\n“They lost.] He left.",
    "a mark that is missing before others": "[“We won,] he said.\n\n“They lost.”",
}
UNBALANCED = {
    "without the first mark": "He said “[we won,”] and left",
    "without the last mark": "He said [“we won,]” and left",
    "from its middle": "He said “we [won,”] and left",
    "to its middle": "He said [“we] won,” and left",
    "from its middle and out": "He said “we [won,” and] left",
    "into its middle": "[He said “we] won,” and left",
    "from one into the next": "“We [won,” he said. “They] lost.” He, too.”",
    "marks of mixed kind": "Have ‘[Serious Consequences'] Now",
    "double marks of mixed kind": 'He said [“we won]" and left',
    "French marks": "Il dit «[ non »] et part",
    "German marks": "Er sagte [„nein]“ und ging",
    "without a full stop that goes with its mark": 'He called it [another "escalation]." Then',
    "a quotation in another": "“He said [‘no]’ twice,” she said",
    "out of a quotation in another": "“He said ‘[no’ twice],” she said",
    "the other, with a quotation in it": "“[He said ‘no’ twice,”] she said",
    "an apostrophe beside it": "“Ukraine's [top” commander]",
    "an apostrophe in it": "[‘It’s over] and we’re out,’ he said",
    "blanks at its edges": "He said “[ we won,” ]and left",
    "emoji": "👩\u200d👧 said “[we won 🎉”] 🇺🇦",
    "Hebrew": 'הוא אמר ["לא נכנע]" ויצא',
    "a Hebrew abbreviation": 'נאמר "[צה"ל הודיע"] ויצא',
    "Arabic": "قال «[لن نستسلم»] وخرج",
    "corner brackets": "首相は「[この『約束』は守る」]と述べた",
    "corner brackets in others": "首相は「この『[約束』は]守る」と述べた",
    "over paragraphs": "“We [won.”\n\n“They lost.”] Then he left",
    "over paragraphs, both in the middle": "“We [won.”\n\n“They] lost.”",
    "a speech without its first mark": "“[We won.\n\n“They lost.”] He left",
    "a speech without its last mark": "[“We won.\n\n“They lost.]” He left",
    "its last paragraph without the first": "“We won.\n\n“[They lost.”] He left",
    "its last paragraph without the last": "“We won.\n\n[“They lost.]” He left",
    "from the middle of a speech and out": "“We [won.\n\n“They lost,” he] said",
    "a quotation in a speech": "“He said [‘no]’ twice.\n\n“She left.”",
}


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("case", BALANCED.values(), ids=BALANCED)
def test_nothing_is_said_where_quotation_marks_are_taken_in_pairs_or_left_out(case, label):
    assert warned(case, label) == []


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("case", UNBALANCED.values(), ids=UNBALANCED)
def test_a_quotation_mark_without_the_one_it_belongs_to_is_told(case, label):
    assert warned(case, label) == [Concern.UNBALANCED_QUOTES]


# Words

CUTS = {
    "at its start": "They w[on the] war",
    "at its end": "They [won th]e war",
    "at both": "They w[on th]e war",
    "an accent": "the cafe[\u0301 was] shut",
    "a number": "by [3].5 percent",
    "an emoji": "👩[\u200d👧 won]",
    "a flag": "won [🇺]🇦",
    "Hebrew": "הוא א[מר לא]",
    "Arabic": "قا[ل لا]",
    "katakana": "コ[ーヒーを]飲む",
}
CUTS_NONE = {
    "between blanks": "They [won the] war",
    "before an apostrophe": "[Putin]’s war",
    "at a hyphen": "the [state]-owned bank",
    "before a full stop": "They lost [5 million in 2022]. Then",
    "beside an emoji": "👍[👍 won 🇺🇦]😀",
    "where no blanks are written": "我在[北京]工作",
    "blanks at its edges": "They[ won ]it",
    "the whole text": "[won]",
    "Hebrew": "הוא [אמר] לא",
    "Arabic": "[قال] لا",
}


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("case", CUTS.values(), ids=CUTS)
def test_a_span_that_cuts_a_word_is_told(case, label):
    assert warned(case, label) == [Concern.CUTS_WORD]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("case", CUTS_NONE.values(), ids=CUTS_NONE)
def test_a_span_of_whole_words_is_not(case, label):
    assert warned(case, label) == []


# Boilerplate

CROSSES = {
    "from before into it": "[He left. {Read] more}",
    "from within and out": "{Read [more} He left.]",
    "one of two": "{Read more} and {share [this} now]",
}
CROSSES_NONE = {
    "there is none": "[He left.] Then",
    "beside it": "[He left.]{ Read more}",
    "inside it": "{Read [more] now}",
    "around it": "[He left. {Read more} Then]",
    "the same": "{[Read more]} He left",
    "the same start": "{[Read] more} He left",
    "the same end": "[Then {read more}]",
    "but for a blank after the span": "{Then [read more}\n]He left",
    "but for a blank before the boilerplate": "He left[{\nread} more]",
    "but for a blank between": "[He left.{ ]Read more}",
}


@pytest.mark.parametrize("case", CROSSES.values(), ids=CROSSES)
def test_a_quote_that_lies_partly_in_boilerplate_is_told_and_only_a_quote(case):
    assert {label: warned(case, label) for label in LABELS} == {
        "claim": [],
        "quote": [Concern.CROSSES_BOILERPLATE],
        "boilerplate": [],
    }


@pytest.mark.parametrize("case", CROSSES_NONE.values(), ids=CROSSES_NONE)
def test_a_quote_inside_around_or_beside_boilerplate_is_not(case):
    assert warned(case, "quote") == []


@pytest.mark.parametrize(
    ("label", "elsewhere", "expected"),
    [
        ("claim", True, [Concern.BOILERPLATE_ELSEWHERE]),
        ("quote", True, [Concern.BOILERPLATE_ELSEWHERE]),
        ("boilerplate", True, []),
        ("claim", False, []),
    ],
)
def test_what_is_boilerplate_elsewhere_is_told_where_it_is_something_else(
    label, elsewhere, expected
):
    assert warned("[Read more] now", label, elsewhere) == expected


# What a reviewer reads


def test_several_warnings_come_in_one_order():
    assert warned("{He said “w[e} won,”] and", "quote", elsewhere=True) == list(Concern)


def test_each_warning_is_a_sentence_of_its_own():
    told = [concern.sentence for concern in Concern]
    assert len(set(told)) == len(Concern)
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in told)


# The seeds, rightly marked

# The last digits of an article's slug -> its boilerplate, by its first words and its last.
BOILERPLATE = {
    "000": [("Comments", "Comments")],
    "001": [("Comments", "Comments")],
    "002": [],
    "003": [],
    "004": [
        ("Support The Moscow Times!", "Support The Moscow Times!"),
        ("President Vladimir Putin talks", "Office / TASS"),
        ("… we have a small favor to ask.", "Read more"),
    ],
}
# What stands in no quotation marks and yet is a quote: indirect, mixed and block.
QUOTES = {
    "000": [
        "a lack of participation would be akin to “applauding Putin.”",
        "Ukraine should be allowed to “neutralize” Russian military bases from which missiles are "
        "being launched into Ukraine",
        "global fatigue over the conflict would benefit Russia",
    ],
    "001": [
        "NATO members in Europe are playing with fire by proposing to allow Ukraine to use Western "
        "weapons to strike inside Russia",
        "such actions could trigger a global conflict",
        "smaller countries considering deeper involvement to be aware of the risks they are "
        '"playing with," given their small land areas and dense populations',
    ],
    "002": [
        "Russia initiated the war by illegally invading Ukraine and could stop it at any time",
        "strikes on Russian territory with Western weapons would “directly involve” NATO in the "
        "war",
    ],
    "003": [
        "Stoltenberg “did not suffer from any dementia” when he worked constructively with Russia "
        "as the prime minister of Norway (2005-2013)",
        "This constant escalation can lead to serious consequences. If these serious consequences "
        "occur in Europe, how will the US behave, bearing in mind our parity in the field of "
        "strategic weapons? Hard to say. Do they want global conflict?",
        "this targeting is already done by “highly qualified specialists” from the West, without "
        "Ukrainian participation",
        "a lot of these countries have “a small territory and a very dense population.”",
    ],
    "004": [
        'they would be "defeated" by the Russian army',
        "while Ukraine would carry out the strikes, the responsibility for them would lie with "
        "Western suppliers of the weapons",
        'leaders should bear in mind the "small territory" and "dense population" of many European '
        "countries",
    ],
}
# Claims that are less than a sentence, in quotations and out of them, and those in an appeal.
CLAIMS = {
    "000": ["the EU has trained 50,000 Ukrainian troops outside the conflict zone"],
    "001": [
        "just 25 km (15 miles) from Kharkiv",
        "Russia now controlling 18% of Ukrainian territory",
    ],
    "002": [
        "which can hit targets up to 300 kilometers (190 miles) away",
        "Russia is a nuclear power",
        "Ukraine has the right to self-defense",
    ],
    "003": [
        "“did not suffer from any dementia” when he worked constructively with Russia",
        "They did, with their own hands",
        "long-range strikes on Russian territory using weaponry they have supplied would represent "
        "a conflict escalation and lead to “serious consequences,”",
        "isn’t working out",
    ],
    "004": [
        "while he believed Western military instructors were already in Ukraine operating "
        "undercover as mercenaries, countries such as France sending them officially would be "
        'another "escalation."',
        "The Moscow Times, an independent news source for over 30 years, has been unjustly branded "
        'as a "foreign agent" by the Russian government',
        "If you can, please support us monthly starting from just $2",
        "Mikhail Metzel / Russian Presidential Press and Information Office / TASS",
    ],
}


def seed(number):
    rows = json.loads(Path("fixtures/seed_articles.json").read_text())
    articles = (row["fields"] for row in rows if row["model"] == "annotations.article")
    return next(row["text"] for row in articles if row["slug"].endswith(number))


def boilerplate_of(number):
    text, found = seed(number), []
    for first, last in BOILERPLATE[number]:
        start = text.index(first)
        found.append(Extent(start, text.index(last, start) + len(last)))
    return found


def placed(text, words):
    place = only_place(text, words)
    assert isinstance(place, Extent), f"{words} stands {place} times"
    return place


def sentence_claims(text, boilerplate):
    """The sentences of the report as claims: without the full stop at their end."""
    for sentence in sentences(text, "en"):
        if not any(each.covers(sentence) for each in boilerplate):
            stop = sentence.of(text).endswith(".")
            yield Extent(sentence.start, sentence.end - stop)


def quoted_claims(text):
    """The words of the quotations as claims: without their marks and the stop at their end."""
    for quotation in quotations(text):
        words = quotation.of(text)[1:-1].rstrip(".,!")
        yield Extent(quotation.start + 1, quotation.start + 1 + len(words))


def right_marks(number):
    """Every mark of the article: its label and its extent."""
    text, boilerplate = seed(number), boilerplate_of(number)
    return [
        *(("boilerplate", extent) for extent in boilerplate),
        *(("quote", extent) for extent in quotations(text)),
        *(("quote", placed(text, words)) for words in QUOTES[number]),
        *(("claim", extent) for extent in sentence_claims(text, boilerplate)),
        *(("claim", extent) for extent in quoted_claims(text)),
        *(("claim", placed(text, words)) for words in CLAIMS[number]),
    ]


@pytest.mark.parametrize("number", BOILERPLATE)
def test_no_warning_is_given_on_a_seed_that_is_rightly_marked(number):
    text, boilerplate = seed(number), boilerplate_of(number)
    groups = {
        text_group(extent.of(seed(each))) for each in BOILERPLATE for extent in boilerplate_of(each)
    }
    marks = right_marks(number)
    assert len(marks) > 20
    for label, extent in marks:
        elsewhere = text_group(extent.of(text)) in groups
        told = warnings(text, label, extent, boilerplate, elsewhere)
        assert (extent.of(text), told) == (extent.of(text), [])


@pytest.mark.parametrize("number", BOILERPLATE)
def test_a_quote_of_the_seeds_that_lacks_one_mark_is_told(number):
    text = seed(number)
    for quotation, (first, last) in product(quotations(text), [(1, 0), (0, 1)]):
        lacking = Extent(quotation.start + first, quotation.end - last)
        assert warnings(text, "quote", lacking) == [Concern.UNBALANCED_QUOTES]


def test_half_an_appeal_in_a_quote_and_a_stub_as_a_claim_are_told():
    text, boilerplate = seed("004"), boilerplate_of("004")
    quote = Extent(text.index('"They should be'), text.index(" As you may have heard"))
    assert warnings(text, "quote", quote, boilerplate) == [Concern.CROSSES_BOILERPLATE]
    stub = placed(text, "Read more")
    assert warnings(text, "claim", stub, boilerplate, True) == [Concern.BOILERPLATE_ELSEWHERE]


# Whatever the text


@given(TEXTS, st.sampled_from(LABELS), ANYWHERE, st.lists(ANYWHERE, max_size=3), st.booleans())
@example("“a\n“b”", "quote", Extent(2**63, -(2**63)), [Extent(-(2**63), 2**63)], True)
def test_any_extent_in_any_text_gets_its_warnings_in_order(
    text, label, extent, boilerplate, elsewhere
):
    found = warnings(text, label, extent, boilerplate, elsewhere)
    assert found == [concern for concern in Concern if concern in found]
    assert label != "boilerplate" or set(found) <= {Concern.UNBALANCED_QUOTES, Concern.CUTS_WORD}


@given(TEXTS)
def test_a_whole_quotation_and_a_whole_sentence_take_both_marks(text):
    for extent in [*quotations(text), *sentences(text)]:
        assert Concern.UNBALANCED_QUOTES not in warnings(text, "claim", extent)


@given(TEXTS)
def test_in_one_paragraph_a_quotation_is_told_that_lacks_one_mark_but_not_both(text):
    text = text.replace("\n", " ")
    for quotation in quotations(text):
        for first, last in product((0, 1), repeat=2):
            extent = Extent(quotation.start + first, quotation.end - last)
            told = Concern.UNBALANCED_QUOTES in warnings(text, "quote", extent)
            assert told is (first != last)


# Speed: the bars are more than twenty times what it takes, so that a busy machine does not fail


def test_a_span_costs_its_paragraph_not_its_article():
    text = "“We won,” he said.\n\n" * 50_000
    begun = time.perf_counter()
    for start in range(500_000, 501_000, 20):
        assert warnings(text, "quote", Extent(start, start + 9)) == []
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize("piece", ["“We won.\n\n", "“We won.” ", "“We won.”\n", '"', "“x ‘y"])
def test_the_time_grows_with_the_span_not_with_its_square(piece):
    text = piece * (100_000 // len(piece)) + "“Over.”"
    begun = time.perf_counter()
    warnings(text, "quote", Extent(1, len(text)))
    assert time.perf_counter() - begun < 5
