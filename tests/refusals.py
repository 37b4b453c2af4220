"""That a deed was refused, with a sentence, and left everything as it was."""

from contextlib import contextmanager

import pytest

from annotations.domain.refusals import Refusal
from annotations.models import Article, Comment, Deed, Event, Outlet, Span, SpotCheck, Story


def everything():
    """Every row that deeds write, whole."""
    return {
        model.__name__: list(model.objects.order_by("pk").values_list())
        for model in (Article, Comment, Deed, Event, Outlet, Span, SpotCheck, Story)
    }


@contextmanager
def refused(kind: type[Refusal], words: str = ""):
    """What is done within is refused as that kind, in those words, and nothing is written."""
    before = everything()
    with pytest.raises(kind) as caught:
        yield caught
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert str(caught.value).endswith((".", ")."))
    assert everything() == before
