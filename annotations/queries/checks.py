"""What a reviewer is warned of before approving spans, looked up for many at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Count

from annotations.domain.checks import Concern, warnings
from annotations.domain.extents import BadExtent, Extent, check_extent
from annotations.domain.fingerprints import text_group
from annotations.domain.lifecycle import LIVE, RESTING
from annotations.models import Article, Span

BOILERPLATE = "boilerplate"


class _Beside(NamedTuple):
    """A live boilerplate span of the same article."""

    pk: int
    extent: Extent


def concerns(spans: Sequence[Span]) -> dict[int, list[Concern]]:
    """What may be wrong with each span as it stands in memory: its key -> warnings.

    In two statements at most, however many they are. The spans bring label and article along; what
    they are meant to become need not be stored yet.
    """
    marked = [span for span in spans if span.label.slug != BOILERPLATE]
    beside = _beside(marked)
    elsewhere = _elsewhere(marked, beside)
    return {
        span.pk: warnings(
            span.article.text,
            span.label.slug,
            span.extent,
            [each.extent for each in beside[span.article_id] if each.pk != span.pk],
            span.pk in elsewhere,
        )
        for span in spans
    }


def bring_texts(spans: Sequence[Span]) -> None:
    """The articles' texts for all of them at once, where they were fetched without."""
    wanted = Article.objects.filter(pk__in={span.article_id for span in spans}).order_by()
    texts = dict(wanted.values_list("pk", "text"))
    for span in spans:
        span.article.text = texts[span.article_id]


def errors(span: Span) -> list[str]:
    """What no approval may pass over, in sentences: the words are not those of the article.

    The database holds that they are; this is for a span from a database that was repaired by hand.
    """
    try:
        check_extent(span.article.text, span.extent)
    except BadExtent as error:
        return [str(error)]
    if span.extent.of(span.article.text) != span.text:
        return ["Its words are not those that stand at its place in the article."]
    return []


def _beside(spans: Collection[Span]) -> Mapping[int, list[_Beside]]:
    """By article, the live boilerplate around these spans."""
    beside: dict[int, list[_Beside]] = defaultdict(list)
    if not spans:
        return beside
    live = Span.objects.filter(
        article__in={span.article_id for span in spans},
        start__lt=max(span.end for span in spans),
        end__gt=min(span.start for span in spans),
        label__slug=BOILERPLATE,
        layer=None,
        state__in=LIVE,
    )
    for pk, article_id, start, end in live.order_by("pk").values_list(
        "pk", "article", "start", "end"
    ):
        beside[article_id].append(_Beside(pk, Extent(start, end)))
    return beside


def _elsewhere(spans: Collection[Span], beside: Mapping[int, list[_Beside]]) -> set[int]:
    """Those of the spans whose folded text is live boilerplate at some other place."""
    if not spans:
        return set()
    groups = {span.pk: text_group(span.text) for span in spans}
    live = Span.objects.filter(
        text_group__in=set(groups.values()), label__slug=BOILERPLATE, layer=None, state__in=LIVE
    )
    # A span that is boilerplate now and is to be something else is not its own elsewhere.
    others = live.exclude(pk__in=groups).exclude(article__state__in=RESTING)
    counted = others.order_by().values_list("text_group").annotate(times=Count("pk"))
    times: dict[str, int] = dict(counted)
    return {
        span.pk
        for span in spans
        if times.get(groups[span.pk], 0) > _right_here(span, beside[span.article_id])
    }


def _right_here(span: Span, beside: Iterable[_Beside]) -> int:
    """How many of them lie at the span's own place: that is not elsewhere."""
    return sum(each.extent == span.extent and each.pk != span.pk for each in beside)
