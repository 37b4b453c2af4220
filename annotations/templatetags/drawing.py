"""The text and the list of its spans as HTML: what a page has thousands of.

In Python, and not in a template, for two reasons (ADR 12): a character between two tags would be
one in the article's text, and a page of 2,000 spans has to be there at once.
"""

from collections.abc import Collection, Iterable
from itertools import groupby
from operator import attrgetter

from django import template
from django.template.defaultfilters import truncatechars
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from annotations.domain.lifecycle import LIVE, State
from annotations.models import Article, Span
from annotations.queries.desk import Drawn, DrawnParagraph, Row, ShownSpan

register = template.Library()

ROW_WORDS = 160  # characters of a span's words in the list
QUEUED_WORDS, TITLE = 120, 40  # characters of them in the queue, and of an article without outlet
DEEPEST_BAR = 3  # further ones lie on it; a click, `o` and the list find them
ROOMY = 2  # more lines than these under one word need more room between the lines of text


@register.simple_tag
def paragraph(drawn: DrawnParagraph, at: int | None = None) -> SafeString:
    """One paragraph: its words under their lines, its bars in the margin, its line ends.

    The element's text is the stored text of the paragraph and not one character more. at: the
    primary key of the span that it is about.
    """
    here = " here" if any(span.pk == at for span in drawn.bars) else ""
    barred = f' barred{here}" data-spans="{_uids(drawn.bars)}"' if drawn.bars else '"'
    depth = max((len(segment.spans) for segment in drawn.segments), default=0)
    roomy = " roomy" if depth > ROOMY else ""
    return mark_safe(  # noqa: S308 - every word of the article is escaped below
        f'<p id="p{drawn.number}" data-start="{drawn.start}" dir="auto" '
        f'class="paragraph{roomy}{barred}>'
        + "".join(_bar(drawn, at, span) for at, span in enumerate(drawn.bars))
        + "".join(_segment(segment, at) for segment in drawn.segments)
        + f'<span class="ends">{drawn.ends}</span></p>'
    )


@register.simple_tag
def rows(drawn: DrawnParagraph) -> SafeString:
    """The rows of the spans that start in a paragraph; the scripts know the spans from them."""
    listed = "".join(map(_row, drawn.rows))
    return mark_safe(f'<div id="r{drawn.number}" class="of">{listed}</div>')  # noqa: S308


@register.simple_tag
def queued(
    spans: Iterable[Span], there: str, at: int | None, leased: Collection[int]
) -> SafeString:
    """The rows of the review's queue, article by article: fifty come with every decision.

    there: the queue's address, for one more parameter. at: the primary key of the span that is
    open. leased: the articles, by id, that others are at.
    """
    drawn = [
        _of_article(first.article, article in leased)
        + "".join(_queued(each, escape(there), at) for each in [first, *rest])
        for article, (first, *rest) in groupby(spans, attrgetter("article_id"))
    ]
    return mark_safe("".join(drawn))  # noqa: S308 - as above


def _of_article(article: Article, leased: bool) -> str:
    whose = str(article.outlet) if article.outlet else truncatechars(article.title, TITLE)
    note = ' · <span class="note">somebody else is here</span>' if leased else ""
    return f'<p class="of" role="presentation">{escape(whose)}{note}</p>'


def _queued(span: Span, there: str, at: int | None) -> str:
    answered = "" if span.fresh or span.state != State.PROPOSED else "answered · "
    here = ' aria-current="true"' if span.pk == at else ""
    to = f"{there}span={span.uid}"
    return (
        f'<div id="row-{span.uid}" role="row" class="row is-{span.state}"><div role="gridcell">'
        f'<a href="{to}" hx-get="{to}" hx-target="#card" hx-sync="#main:queue all"{here}>'
        f'<span class="label hue-{span.label.colour} line-{span.label.line}">'
        f"{escape(span.label.name)}</span> "
        f'<span class="state">{answered}{escape(str(span.author or span.origin))}</span> '
        f'<q class="words" dir="auto">{escape(truncatechars(span.text, QUEUED_WORDS))}</q>'
        "</a></div></div>"
    )


def _segment(segment: Drawn, at: int | None = None) -> str:
    """A stretch of words: each span over it is a line, the shortest nearest the words."""
    words = escape(segment.text)
    if not segment.spans:
        return words
    deepest = len(segment.spans)
    lines = "".join(
        f'<span class="{_look(span)} deep{deepest - depth}">'
        for depth, span in enumerate(segment.spans)
    )
    uids = _uids(segment.spans[::-1])
    here = ' class="here"' if any(span.pk == at for span in segment.spans) else ""
    return f'<mark{here} data-spans="{uids}">{lines}{words}{"</span>" * deepest}</mark>'


def _bar(drawn: DrawnParagraph, at: int, span: ShownSpan) -> str:
    came_on = " came-on" if span.start < drawn.start else ""
    goes_on = " goes-on" if span.end > drawn.end else ""
    # Its key is no other label's.
    letter = escape((span.label.key or span.label.name[:1]).upper())
    name = escape(span.label.name)
    return (
        f'<span class="bar at{min(at, DEEPEST_BAR)} {_look(span)}{came_on}{goes_on}" '
        f'data-letter="{letter}" title="{name}"></span>'
    )


def _row(row: Row) -> str:
    span, lacking, threads = row
    talk = f" · {threads} open comment{'' if threads == 1 else 's'}" if threads else ""
    live = " data-drawn" if span.state in LIVE else ""
    needs = f' <span class="lacking">needs {escape(lacking)}</span>' if lacking else ""
    amended = ", amended" if span.amended else ""
    return (
        f'<div id="span-{span.uid}" role="row" class="row is-{span.state}" '
        f'data-start="{span.start}" data-end="{span.end}" data-slug="{span.label.slug}" '
        f'data-revision="{span.revision}"{live}{" data-lacking" if lacking else ""}>'
        f'<div role="gridcell"><a href="?span={span.uid}">'
        f'<span class="label hue-{span.label.colour} line-{span.label.line}">'
        f"{escape(span.label.name)}</span> "
        f'<span class="state">{State(span.state).words}{amended}{talk}</span>{needs} '
        f'<q class="words" dir="auto">{escape(truncatechars(span.text, ROW_WORDS))}</q>'
        "</a></div></div>"
    )


def _look(span: ShownSpan) -> str:
    return f"hue-{span.label.colour} line-{span.label.line} is-{span.state}"


def _uids(spans: tuple[ShownSpan, ...]) -> str:
    return " ".join(str(span.uid) for span in spans)
