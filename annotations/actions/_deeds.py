"""How a deed is recorded: once, whole, or not at all."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from functools import wraps
from hashlib import sha256
from typing import Any, ParamSpec
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from annotations.domain.lifecycle import Action
from annotations.domain.refusals import Reused
from annotations.models import Article, Deed, Person, Span

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A span, or an article, that a deed left as it was, and the sentence why.

    kind: the same in a few words, for counting: "your own".
    """

    span: Span | None
    why: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What a deed did: the rows as they are now, and what it passed over.

    repeated: the request had been answered before; nothing was written this time. remaining: how
    many spans are still to be looked at: the same request again goes on with them.
    """

    deed: Deed
    article: Article
    spans: tuple[Span, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    repeated: bool = False
    remaining: int = 0

    @property
    def span(self) -> Span:
        """The one span of a deed on one span."""
        return self.spans[0]


def counted(skipped: Iterable[Skipped]) -> str:
    """What was skipped, by its kinds, most first: "skipped 3: 2 your own, 1 has a warning"."""
    kinds = Counter(each.kind for each in skipped)
    told = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common())
    return f"skipped {kinds.total():,}: {told}"


def deed_of(actor: Person, request_id: UUID | None = None) -> Deed:
    """A person's deed, not yet done. Give it to an action."""
    return Deed(actor=actor, request_id=request_id or uuid4())


def deed_of_machine(machine: str, request_id: UUID | None = None) -> Deed:
    """A machine's deed, not yet done; machine: what it calls itself, as `import:wire.jsonl`."""
    return Deed(actor=None, machine=machine, request_id=request_id or uuid4())


def records(
    action: Action, prepare: Callable[[Deed, dict[str, Any]], None] | None = None
) -> Callable[[Callable[P, Done]], Callable[P, Done]]:
    """Make a function the one way to do a deed: in one transaction, once for each request id.

    The function takes only keywords, among them `deed`, not yet saved. A request id seen before
    gets the first answer again if actor and payload are the same, and is refused (Reused) if not.
    prepare: completes the deed, in the transaction, before it is stored.
    """

    def decorate(act: Callable[P, Done]) -> Callable[P, Done]:
        @wraps(act)
        def recorded(*args: P.args, **kwargs: P.kwargs) -> Done:
            deed = kwargs["deed"]
            assert isinstance(deed, Deed)
            sign(deed, action, {name: kwargs[name] for name in kwargs if name != "deed"})
            if earlier := _repeat_of(deed):
                return earlier
            try:
                with transaction.atomic():
                    if prepare is not None:
                        prepare(deed, kwargs)
                    deed.save(force_insert=True)
                    return act(*args, **kwargs)
            except IntegrityError:
                # Two of the same request at once: the first is through by now.
                if earlier := _repeat_of(deed):
                    return earlier
                raise

        return recorded

    return decorate


def sign(deed: Deed, action: Action, payload: Mapping[str, Any]) -> None:
    """Say in the deed what it does, and with what: by that a repeat is known."""
    deed.action = action.value
    # Who does it stands beside: in another database, and under another name, they are the same.
    told = json.dumps([deed.action, payload], sort_keys=True, default=_plain)
    deed.payload_sha256 = sha256(told.encode()).hexdigest()


def known(deed: Deed) -> Deed | None:
    """The deed that this one, signed, repeats. Raises Reused if it does not say the same."""
    earlier = Deed.objects.filter(request_id=deed.request_id).first()
    if earlier is not None and _told(earlier) != _told(deed):
        raise Reused(
            "This form was sent before with other contents. "
            "The page shows how things stand; please do it again from here."
        )
    return earlier


def _repeat_of(deed: Deed) -> Done | None:
    earlier = known(deed)
    if earlier is None:
        return None
    events = list(earlier.events.select_related("article", "span__label", "span__article"))
    if not events:
        raise Reused("What this form did is no longer on record.")
    spans = {event.span.pk: event.span for event in events if event.span}
    passed_over = (
        earlier.undoes.events.filter(span__isnull=False)
        .exclude(span__in=spans)
        .select_related("span__label", "span__article")
        if earlier.undoes
        else ()
    )
    return Done(
        earlier,
        events[0].article,
        tuple(spans.values()),
        tuple(Skipped(event.span, "It was left as it was.") for event in passed_over),
        repeated=True,
    )


def _told(deed: Deed) -> tuple[int | None, str, str]:
    return deed.actor_id, deed.machine, deed.payload_sha256


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
