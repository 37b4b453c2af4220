"""The schema, and what must hold whoever writes. Rows are written only by annotations.actions.

What a row can know of itself is a constraint here; the rest is in annotations/triggers.py.
Offsets are Unicode code points, half-open.
"""

from annotations.models.articles import Article, Outlet, Story
from annotations.models.comments import Comment
from annotations.models.deeds import Deed, Event
from annotations.models.exports import Export, Via
from annotations.models.groups import TextGroup
from annotations.models.labels import LABEL_KEYS, Choice, Label, LabelAttribute
from annotations.models.people import Person
from annotations.models.spans import Span
from annotations.models.spot_checks import SpotCheck
from annotations.models.tokens import Scope, Token
from annotations.models.uploads import Sketch, Upload, UploadLine

__all__ = [
    "LABEL_KEYS",
    "Article",
    "Choice",
    "Comment",
    "Deed",
    "Event",
    "Export",
    "Label",
    "LabelAttribute",
    "Outlet",
    "Person",
    "Scope",
    "Sketch",
    "Span",
    "SpotCheck",
    "Story",
    "TextGroup",
    "Token",
    "Upload",
    "UploadLine",
    "Via",
]
