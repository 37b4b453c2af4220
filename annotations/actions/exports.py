"""Exports on record: who takes what away. No deeds: nothing that was marked or decided changes."""

from typing import NamedTuple

from django.utils import timezone

from annotations import permissions
from annotations.domain.refusals import Illegal
from annotations.models import Export, Person, Token, Via
from annotations.queries.chosen import plain
from annotations.queries.exports import ExportFilter


class Sum(NamedTuple):
    """What went out: spans, articles and bytes, and the SHA-256 of the bytes, in hex."""

    spans: int
    articles: int
    bytes: int
    sha256: str


def begin_export(
    *,
    person: Person | None,
    format: str,
    chosen: ExportFilter,
    pseudonyms: bool = False,
    token: Token | None = None,
) -> Export:
    """Put on record that somebody takes this away, before the first byte of it leaves.

    person: None for an operator, who runs the command. token: what they were known by, if it was
    not their session. Raises NotPermitted unless the person exports.
    """
    if person is not None:
        permissions.check_export(person)
    by_token = Via.SESSION if token is None else Via.TOKEN
    return Export.objects.create(
        person=person,
        via=Via.COMMAND if person is None else by_token,
        token=token,
        format=format,
        chosen=plain(chosen),
        pseudonyms=pseudonyms,
    )


def end_export(*, export: Export, out: Sum, whole: bool) -> Export:
    """Put on record what went out, and whether that was the whole file.

    Of a file that was cut off no checksum is kept, so that nobody takes a part for the whole.
    Raises Illegal for an export that has ended.
    """
    ended = Export.objects.filter(pk=export.pk, ended_at=None).update(
        ended_at=timezone.now(),
        whole=whole,
        spans=out.spans,
        articles=out.articles,
        bytes=out.bytes,
        sha256=out.sha256 if whole else "",
    )
    if not ended:
        raise Illegal("This export has ended.")
    export.refresh_from_db()
    return export
