"""The visible text of a page, exactly; and what of it is suggested as boilerplate."""

import io
import sys
from datetime import UTC, datetime

import pytest

from annotations.imports import FORMATS, _page
from annotations.imports._html import Layout, visible
from annotations.imports._html import read as lay_out
from annotations.imports.rows import ArticleRow, BadRow, Remark

SENTENCE = (
    "The mayor said “we are fine” 🌉 on day {} of the works, and the bridge, which is older than "
    "anybody in the town can remember, would cost <b>{} million</b> in the end, as people say here."
)
PARAGRAPHS = "\n".join(f"<p>{SENTENCE.format(n, n)}</p>" for n in range(8))
PAGE = f"""<!doctype html><html lang="en"><head><title>The bridge | Daily</title>
<meta charset="utf-8">
<meta property="og:site_name" content="Daily"><meta property="og:title" content="The bridge">
<meta property="article:published_time" content="2024-05-28T19:30:00+02:00">
<link rel="canonical" href="https://example.org/bridge"><style>p {{ color: red }}</style></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>
<main><article><h1>The bridge</h1>{PARAGRAPHS}</article>
<aside><h2>Read more</h2><a href="/a">Another story about things</a></aside></main>
<div hidden>Never seen</div><footer><p>© Daily 2024. All rights reserved.</p></footer>
<script>document.write("<p>Never seen</p>")</script></body></html>"""


def read(page, after=0):
    raw = page if isinstance(page, bytes) else page.encode()
    return list(FORMATS["html"].read(io.BytesIO(raw), "page.html", after))


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        pytest.param(
            "<p>One <b> two </b> three.</p> <p>Four</p>", "One two three.\n\nFour", id="p"
        ),
        pytest.param("a<br>b<br><br>c<br>", "a\nb\n\nc", id="br"),
        pytest.param("<ul><li>a</li> <li> b <a>c</a></ul>d", "a\nb c\n\nd", id="list"),
        pytest.param("<div>a<div>b</div></div>c", "a\nb\nc", id="div"),
        pytest.param("<p>a<p>b", "a\n\nb", id="tags that end by themselves"),
        pytest.param("<pre>\n a\n\n   b  \nc</pre>d", "a\n\n   b\nc\n\nd", id="pre"),
        pytest.param("<table><tr><td>1<td>2<tr><td>3</table>", "1\t2\n3", id="table"),
        pytest.param("a&nbsp;&amp;&lt;b&gt;&#128;&hellip;", "a\xa0&<b>€…", id="entities"),
        pytest.param("a\xa0 \xa0b\u2028c\u3000d", "a\xa0 \xa0b\u2028c\u3000d", id="other blanks"),
        pytest.param("a \t\n\r\f b", "a b", id="white space"),
        pytest.param("<b>a</b><i>b</i> <span> c</span>", "ab c", id="inline"),
        pytest.param("a<!-- b -->c<?php d ?>e", "ace", id="comments"),
        pytest.param("a<script>if (b<c) '<p>d'</script>e", "ae", id="script"),
        pytest.param("a<style>b</style><template><p>c</p></template>d", "ad", id="style"),
        pytest.param("a<noscript>b</noscript><iframe>c</iframe>", "a", id="noscript"),
        pytest.param("a<svg><title>b</title><text>c</text></svg>d", "ad", id="svg"),
        pytest.param("<p hidden>a<p>b", "b", id="hidden"),
        pytest.param("<div hidden><p>a</p><p>b</p></div>c", "c", id="hidden deep"),
        pytest.param("<div style='DISPLAY : none'>a<p>b</div>c", "c", id="display none"),
        pytest.param("<div hidden='until-found'>a</div>", "a", id="found when searched"),
        pytest.param("<select><option>a</select><textarea>b</textarea><button>c", "c", id="form"),
        pytest.param("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢kan", id="ruby"),
        pytest.param("<head><title>a</title></head><body>b", "b", id="title"),
        pytest.param("</p></div>a</b>", "a", id="only ends"),
        pytest.param("<a.b:c d>x</a.b:c><x-y>z</x-y>", "xz", id="unknown tags"),
        pytest.param("a&#0;b&#xD800;c", "a\ufffdb\ufffdc", id="no characters"),
        pytest.param("", "", id="nothing"),
        pytest.param(" \n", "", id="blank"),
        pytest.param("<p></p><div> </div>", "", id="empty blocks"),
    ],
)
def test_what_is_seen_is_laid_out_as_a_browser_does(html, seen):
    assert visible(html) == seen


def test_every_line_of_the_layout_is_one_of_the_text():
    layout = Layout()
    lay_out(PAGE, layout)
    assert [layout.text[line.start : line.end] for line in layout.lines] == [
        line for line in layout.text.split("\n") if line
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "x",
        "<b>" * 100_000 + "x",
        "<table>" * 20_000 + "x",
        "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">x",
        "<p " + "a=1 " * 100_000 + ">x",
        "x" + "<!--" * 200_000,
        "x" + "</p>" * 200_000,
        "x<p title='" + "y" * 1_000_000,
        "x" + "<br>" * 50_000,
    ],
)
def test_a_page_that_means_harm_costs_no_more_than_its_length(page):
    assert [row.text for row in read(page) if isinstance(row, ArticleRow)] == ["x"]


def test_a_page_is_an_article_with_all_that_is_seen_of_it():
    (row,) = read(PAGE)
    known = (row.title, row.url, row.outlet, row.language, row.published_at)
    moment = datetime(2024, 5, 28, 17, 30, tzinfo=UTC)
    assert known == ("The bridge", "https://example.org/bridge", "Daily", "en", moment)
    assert row.text.startswith(
        "Home\nNews\n\nThe bridge\n\nThe mayor said “we are fine” 🌉 on day 0"
    )
    assert row.text.endswith("© Daily 2024. All rights reserved.")
    assert "Never seen" not in row.text


def test_what_trafilatura_leaves_out_is_suggested_and_the_rest_is_not():
    (row,) = read(PAGE)
    assert [(span.label, span.text) for span in row.spans] == [
        ("boilerplate", "Home\nNews"),
        ("boilerplate", "Read more\n\nAnother story about things"),
        ("boilerplate", "© Daily 2024. All rights reserved."),
    ]
    assert all(row.text[span.start : span.end] == span.text for span in row.spans)


def test_the_signs_that_pages_are_marked_with_may_stand_on_them():
    page = PAGE.replace("on day", "".join(_page._signs()[:500]) + " on day")
    assert [span.text for span in read(page)[0].spans][0::2] == [
        "Home\nNews",
        "© Daily 2024. All rights reserved.",
    ]


def test_a_page_with_more_pieces_than_signs_is_marked_with_two_each(monkeypatch):
    signs = _page._signs()[:6]
    monkeypatch.setattr(_page, "_signs", lambda: signs)
    assert len(read(PAGE)[0].spans) == 3
    monkeypatch.setattr(_page, "_signs", lambda: signs[:2])
    remark, row = read(PAGE)
    assert isinstance(remark, Remark)
    assert row.spans == ()


def test_a_page_that_is_nested_too_deeply_comes_in_without_suggestions():
    remark, row = read(f"<body>{'<div>' * 300}{PAGE}")
    assert "nothing is suggested" in remark.what
    assert row.spans == ()


def test_a_page_on_which_there_is_no_article_comes_in_without_suggestions():
    *_, row = read("<title>T</title><p>Hi</p>")
    assert (row.text, row.title, row.spans) == ("Hi", "T", ())


@pytest.mark.parametrize("page", ["", "<p></p>", "<script>x</script>"])
def test_a_page_on_which_nothing_is_seen_is_refused(page):
    assert read(page) == [BadRow(1, "Nothing on this page is visible text.")]


def test_json_ld_says_what_no_meta_tag_does():
    block = (
        '{"@graph":[{"@type":"WebPage"},{"@type":["NewsArticle"],"headline":"We won","publisher":'
        '{"name":"Daily"},"datePublished":"2024-05-28T17:30:00Z","inLanguage":"en"}]}'
    )
    script = '<script type="application/ld+json">{}</script>'
    page = script.format("{broken") + script.format("[" * 5000) + script.format(block) + "<p>Hi</p>"
    *_, row = read(page)
    assert (row.title, row.outlet, row.language) == ("We won", "Daily", "en")
    assert row.published_at == datetime(2024, 5, 28, 17, 30, tzinfo=UTC)


def test_what_a_page_does_not_say_is_not_guessed():
    *_, row = read("<p>28 May 2024, by Anna, example.org</p>")
    assert (row.title, row.url, row.outlet, row.language, row.published_at) == ("",) * 4 + (None,)


@pytest.mark.parametrize("charset", ["windows-1252", "ISO-8859-1", "latin1"])
def test_the_charset_that_a_page_names_is_used(charset):
    page = f'<meta charset="{charset}"><p>Zürich “wins”</p>'
    assert read(page.encode("cp1252"))[-1].text == "Zürich “wins”"


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (b"<p>Z\xfcrich", "not UTF-8"),
        (b"<meta charset=utf-8><p>Z\xfcrich", "not UTF-8"),
        (b"<meta charset=unicode_escape><p>a", "which is not known"),
    ],
)
def test_a_page_in_another_charset_than_it_says_is_refused(page, why):
    (row,) = read(page)
    assert why in row.why


def test_a_page_that_was_read_before_is_passed_over():
    assert read(PAGE, after=1) == []


def test_without_trafilatura_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    (row,) = read(PAGE)
    assert row.why.endswith("pip install -r requirements-html.txt.")


def test_whatever_a_page_does_to_trafilatura_it_comes_in(monkeypatch):
    def fail(*_, **__):
        raise RecursionError

    monkeypatch.setattr("trafilatura.bare_extraction", fail)
    remark, row = read(PAGE)
    assert "nothing is suggested" in remark.what
    assert row.text.startswith("Home")
