"""What the items of RSS and Atom files become, and what XML is not read."""

import io
from datetime import UTC, datetime

import pytest

from annotations.imports import FORMATS
from annotations.imports.rows import ArticleRow, BadRow

MOMENT = datetime(2024, 5, 28, 17, 30, tzinfo=UTC)
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Daily &amp; Sons</title><link>https://example.org/</link><language>en</language>
<image><title>Logo</title><link>https://example.org/logo</link></image>
<item>
 <title>We won &amp;amp; they lost</title>
 <media:title>Other</media:title>
 <link>https://example.org/1</link><guid isPermaLink="false">7</guid>
 <pubDate>Tue, 28 May 2024 19:30:00 +0200</pubDate>
 <description>A teaser.</description>
 <content:encoded><![CDATA[<p>We won.</p><script>x()</script>
 <p>They &#8220;lost&#8221; 🌉.</p>]]></content:encoded>
</item>
<item><title>Two</title><guid>https://example.org/2</guid>
<description>Second &amp;lt;b&amp;gt; text</description></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de">
<title type="html">The &lt;b&gt;Daily&lt;/b&gt;</title><link rel="self" href="https://example.org/self"/>
<entry><title>Eins</title><link rel="enclosure" href="https://example.org/a.mp3"/>
 <link href="https://example.org/1"/><id>tag:1</id><updated>2024-05-28T17:30:00Z</updated>
 <summary>Kurz</summary>
 <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
 <p>Wir <b>haben</b> gewonnen.</p><p>Zwei</p>
 </div></content>
</entry>
<entry xml:lang="fr"><title>Zwei</title>
 <summary type="html">&lt;p&gt;Kurz &amp;amp; gut&lt;/p&gt;</summary></entry>
<entry><title>Drei</title><content type="text">1 &lt; 2
3</content></entry>
</feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Old</title></channel>
<item><title>One</title><link>https://example.org/1</link>
 <description>Text</description><dc:date>2024-05-28T17:30:00Z</dc:date></item>
</rdf:RDF>"""


def read(words, after=0):
    raw = words if isinstance(words, bytes) else words.encode()
    return list(FORMATS["feed"].read(io.BytesIO(raw), "feed.xml", after))


def test_the_items_of_rss_are_articles():
    assert read(RSS) == [
        ArticleRow(
            1,
            "We won.\n\nThey “lost” 🌉.",
            title="We won & they lost",
            url="https://example.org/1",
            published_at=MOMENT,
            outlet="Daily & Sons",
            language="en",
        ),
        ArticleRow(
            2,
            "Second <b> text",
            title="Two",
            url="https://example.org/2",
            outlet="Daily & Sons",
            language="en",
        ),
    ]


def test_the_entries_of_atom_are_articles():
    known = {"outlet": "The Daily"}
    assert read(ATOM) == [
        ArticleRow(
            1,
            "Wir haben gewonnen.\n\nZwei",
            title="Eins",
            url="https://example.org/1",
            published_at=MOMENT,
            language="de",
            **known,
        ),
        ArticleRow(2, "Kurz & gut", title="Zwei", language="fr", **known),
        ArticleRow(3, "1 < 2\n3", title="Drei", language="de", **known),
    ]


def test_the_items_of_rss_1_are_articles():
    (row,) = read(RDF)
    assert (row.text, row.title, row.published_at, row.outlet) == ("Text", "One", MOMENT, "Old")


def test_items_that_were_read_before_are_passed_over():
    assert [row.line for row in read(ATOM, after=2)] == [3]


def test_an_item_without_text_is_refused_and_the_others_come_in():
    rows = read(RSS.replace("<description>Second &amp;lt;b&amp;gt; text</description>", ""))
    assert [type(row) for row in rows] == [ArticleRow, BadRow]
    assert "no text" in rows[1].why


def test_the_charset_that_the_declaration_names_is_used():
    rows = read(RSS.replace("🌉", "ü").replace("UTF-8", "ISO-8859-1").encode("cp1252"))
    assert rows[0].text == "We won.\n\nThey “lost” ü."


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (RSS.replace("UTF-8", "rot13"), "in “rot13”, which is not known"),
        (RSS.replace("UTF-8", "utf-7"), "in “utf-7”, which is not known"),
        (RSS.replace("UTF-8", "cp99999"), "in “cp99999”, which is not known"),
        (RSS.replace("UTF-8", "EUC-KR").encode() + b"\xff", "in “EUC-KR”, but byte"),
        (RSS[:700], "This is not well-formed XML"),
        ("<rss>&nbsp;</rss>", "This is not well-formed XML: Entity 'nbsp' not defined"),
        ("<rss/>", "There is no article in this file."),
        ("", "This is not well-formed XML"),
        ("<a>" * 100_000, "This is not well-formed XML"),
        ("<rss " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>", "XML"),
        ('<!DOCTYPE r [<!ENTITY a "x">]><rss>&a;</rss>', "declares entities of its own"),
        (
            '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>',
            "declares entities of its own",
        ),
        (
            '<!DOCTYPE r [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]><rss/>',
            "declares entities of its own",
        ),
    ],
)
def test_xml_that_cannot_be_read_or_means_harm_is_refused(raw, why):
    rows = read(raw)
    assert isinstance(rows[-1], BadRow)
    assert why in rows[-1].why or rows[-1].why == "There is no article in this file."


def test_a_document_type_of_elsewhere_is_not_fetched():
    doctype = '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/rss.dtd">'
    assert len(read(RSS.replace("?>", "?>" + doctype))) == 2
