"""Request data to domain values, or sentences. Forms validate and never save."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from annotations.actions import Change
from annotations.domain.attributes import UNKNOWN, Kind
from annotations.domain.checks import Concern
from annotations.domain.extents import Extent, only_place
from annotations.domain.lifecycle import State
from annotations.domain.text import fold_line_ends
from annotations.models import Article, Label, LabelAttribute, Span
from annotations.queries.groups import At
from annotations.queries.review import Queue

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}\Z", re.ASCII)
_PLACE = re.compile(r"(?P<start>[0-9]{1,18})-(?P<end>[0-9]{1,18})\Z", re.ASCII)
_OF_ARTICLE = re.compile(r"(?P<article>[-\w]{1,120}):(?P<place>[0-9]{1,18}-[0-9]{1,18})\Z")
_AT = re.compile(r"(?P<waiting>[0-9]{1,9})-(?P<pk>[0-9]{1,18})\Z", re.ASCII)
_SEEN_SPAN = re.compile(
    r"(?P<uid>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}):(?P<seen>[0-9]{1,9})\Z", re.ASCII
)
SPANS_AT_ONCE = 5_000  # settings.DATA_UPLOAD_MAX_NUMBER_FIELDS leaves room for the others
_CHOOSE_DAYS = "Choose how long it is to be good for."
FILES_AT_ONCE = 50
_YES_NO: dict[str, bool | str] = {"yes": True, "no": False, UNKNOWN: UNKNOWN}


class OffsetField(forms.CharField):
    """A place in a text: a whole number and nothing that merely looks like one."""

    def clean(self, value: Any) -> int | None:
        digits = super().clean(value)
        if not digits:
            return None
        if not _WHOLE_NUMBER.match(digits):
            raise forms.ValidationError("A place in the text is a whole number.")
        return int(digits)


class DeedForm(forms.Form):
    """What every deed brings: the id that makes a repeat harmless."""

    request_id = forms.UUIDField(
        error_messages={
            "required": "The form lacks its request id; please reload the page.",
            "invalid": "The form’s request id is not one; please reload the page.",
        }
    )

    def sentence(self) -> str:
        """The first thing that is wrong, or nothing."""
        for messages in self.errors.values():
            return str(messages[0])
        return ""

    def field_at_fault(self) -> str:
        return next(iter(self.errors), "")

    @property
    def request_uid(self) -> UUID:
        return self.cleaned_data["request_id"]


class WavedField(forms.Field):
    """The warnings that were shown and are waved through; what is none is left out."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[Concern]:
        return [concern for concern in Concern if concern.value in (value or ())]


class SeenForm(DeedForm):
    """A deed on something that its actor has seen at some revision."""

    action = forms.CharField(max_length=20)
    seen = OffsetField(
        error_messages={"required": "The form does not say which revision you saw; please reload."}
    )
    reason = forms.CharField(required=False, max_length=200)
    comment = forms.CharField(required=False, strip=False, max_length=5000)
    nothing_missing = forms.BooleanField(required=False)
    waved = WavedField(required=False)

    def clean_comment(self) -> str:
        return fold_line_ends(self.cleaned_data["comment"]).strip()


class SpanForm(DeedForm):
    """New words to mark. Without start and end the words must stand in the article just once."""

    label = forms.CharField(max_length=50, error_messages={"required": "Choose a label."})
    start = OffsetField(required=False)
    end = OffsetField(required=False)
    text = forms.CharField(strip=False, error_messages={"required": "Select words first."})

    def __init__(self, data: QueryDict, article: Article) -> None:
        super().__init__(data)
        self.article = article

    def clean_text(self) -> str:
        return fold_line_ends(self.cleaned_data["text"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            cleaned["extent"] = self._extent(cleaned["start"], cleaned["end"], cleaned["text"])
        return cleaned

    def attributes(self) -> dict[str, Any]:
        """The filled `attr_…` fields, as the label's attributes take them."""
        if not any(name.startswith("attr_") for name in self.data):
            return {}
        label = Label.objects.filter(slug=self.cleaned_data["label"]).first()
        return attribute_values(self.data, label, also=None) if label else {}

    def _extent(self, start: int | None, end: int | None, words: str) -> Extent | None:
        if start is not None and end is not None:
            return Extent(start, end)
        if start is not None or end is not None:
            self.add_error("start", "A span needs both a start and an end.")
            return None
        place = only_place(self.article.text, words)
        if isinstance(place, Extent):
            return place
        self.add_error(
            "text",
            "These words do not stand in the article."
            if place == 0
            else f"These words stand {place} times in the article: take more of the words around "
            "them, or say where they start and end.",
        )
        return None


class ChangeForm(forms.Form):
    """What somebody wants a span to be. Fields that did not come leave it as it is."""

    label = forms.CharField(required=False, max_length=50)
    start = OffsetField(required=False)
    end = OffsetField(required=False)
    text = forms.CharField(required=False, strip=False)

    sentence = DeedForm.sentence
    field_at_fault = DeedForm.field_at_fault

    def __init__(self, data: QueryDict, span: Span) -> None:
        super().__init__(data)
        self.span = span

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (cleaned.get("start") is None) != (cleaned.get("end") is None):
            self.add_error("start", "A span needs both a start and an end.")
        return cleaned

    def change(self) -> Change:
        """The change, for `actions`. Only after the form is valid."""
        cleaned = self.cleaned_data
        moved = cleaned["start"] is not None
        label = Label.objects.filter(slug=cleaned["label"]).first() or self.span.label
        relabelled = label.pk != self.span.label_id
        also = self.span.label if relabelled else None
        attributes = attribute_values(self.data, label, also=also)
        _let_go_of_anchors(attributes, self.span.attributes)
        brought = any(name.startswith("attr_") for name in self.data)
        return Change(
            extent=Extent(cleaned["start"], cleaned["end"]) if moved else None,
            text=fold_line_ends(cleaned["text"]) if moved else None,
            label=cleaned["label"] or None,
            attributes=attributes if brought and not (relabelled and not attributes) else None,
        )


def attribute_values(
    data: Mapping[str, Any], label: Label, *, also: Label | None
) -> dict[str, Any]:
    """The filled `attr_<key>` fields of a form as values for `domain.attributes`.

    Keys the label does not have are kept, so that the action refuses them, unless the label
    `also` has them: a form drawn for one label may be sent with another.
    """
    asked = {attribute.key: attribute for attribute in label.attributes.all()}
    known = asked.keys() | ({each.key for each in also.attributes.all()} if also else set())
    values: dict[str, Any] = {
        key: _value_of(data, attribute) for key, attribute in asked.items() if f"attr_{key}" in data
    }
    parts = {f"{key}_{end}" for key in known for end in ("start", "end")}
    for name in data:
        key = name.removeprefix("attr_")
        if name.startswith("attr_") and key not in known and key not in parts:
            values[key] = data[name]
    return {key: value for key, value in values.items() if value is not None}


def _let_go_of_anchors(values: dict[str, Any], stored: Mapping[str, Any]) -> None:
    """Where other words were typed over an anchored value, its old place says nothing any more."""
    for key, value in values.items():
        was = stored.get(key)
        if isinstance(value, dict) and isinstance(was, dict) and value["value"] != was["value"]:
            place = (value["start"], value["end"])
            if place == (was["start"], was["end"]):
                values[key] = {"value": value["value"], "start": None, "end": None}


def _value_of(data: Mapping[str, Any], attribute: LabelAttribute) -> Any:
    name = f"attr_{attribute.key}"
    value = data[name]
    if value.strip() == "":
        return None
    if attribute.kind == Kind.YES_NO:
        return _YES_NO.get(value, value)
    if attribute.kind == Kind.ANCHORED:
        return {
            "value": value,
            "start": _offset(data.get(f"{name}_start", "")),
            "end": _offset(data.get(f"{name}_end", "")),
        }
    return value


def _offset(value: str) -> int | str | None:
    """The number, None for nothing, and what is no number as it came, for the domain to refuse."""
    if not value:
        return None
    return int(value) if _WHOLE_NUMBER.match(value) else value


class QueueForm(forms.Form):
    """The review's filters, from the address; what is unknown there counts as not set."""

    state = forms.ChoiceField(
        required=False,
        choices=[
            (state.value, "waiting" if state is State.PROPOSED else state.words)
            for state in (State.PROPOSED, State.SENT_BACK, State.APPROVED, State.REJECTED)
        ],
    )
    label = forms.CharField(required=False)
    outlet = forms.CharField(required=False)
    story = forms.CharField(required=False)
    article = forms.CharField(required=False)
    author = forms.CharField(required=False)
    origin = forms.CharField(required=False)
    days = forms.IntegerField(required=False, min_value=0, max_value=36500)
    answered = forms.BooleanField(required=False)
    group = forms.IntegerField(required=False, min_value=0, max_value=2**62)
    in_progress = forms.BooleanField(required=False)
    own = forms.BooleanField(required=False)

    def queue(self) -> Queue:
        self.is_valid()
        chosen = self.cleaned_data
        return Queue(
            state=State(chosen.get("state") or State.PROPOSED),
            label=chosen.get("label", ""),
            outlet=chosen.get("outlet", ""),
            story=chosen.get("story", ""),
            article=chosen.get("article", ""),
            author=chosen.get("author", ""),
            origin=chosen.get("origin", ""),
            days=chosen.get("days") or 0,
            answered=chosen.get("answered", False),
            group=chosen.get("group") or 0,
            in_progress=chosen.get("in_progress", False),
            own=chosen.get("own", False),
        )


def fresh_request_id() -> str:
    """An id for a form that is being drawn."""
    return str(uuid4())


class PlacesField(forms.Field):
    """Extents of a text, each as `<start>-<end>`, in the order they came."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[Extent]:
        places = [_PLACE.match(each) for each in value]
        if not all(places):
            raise forms.ValidationError("A place is two whole numbers, as in 12-20.")
        return [Extent(int(place["start"]), int(place["end"])) for place in places if place]


class LikeForm(DeedForm):
    """Where a span's words stand, too, and are to be marked like it."""

    seen = OffsetField(
        error_messages={"required": "The form does not say which revision you saw; please reload."}
    )
    place = PlacesField(error_messages={"required": "Tick at least one place."})


class PlacesInArticlesField(forms.Field):
    """Extents in articles, each as `<slug>:<start>-<end>`, in the order they came."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[tuple[str, Extent]]:
        found = [_OF_ARTICLE.match(each) for each in value]
        if not all(found):
            raise forms.ValidationError("A place is an article’s slug and two whole numbers.")
        places = [match["place"].split("-") for match in found if match]
        return [
            (match["article"], Extent(int(start), int(end)))
            for match, (start, end) in zip(filter(None, found), places, strict=True)
        ]


class SuggestForm(DeedForm):
    """Where a group's words stand unmarked and its label is to be suggested, as one span has it.

    like: that span. Which of the card's spans are ticked comes along as `span`.
    """

    like = forms.UUIDField(error_messages={"invalid": "There is no such span."})
    seen = OffsetField(
        error_messages={"required": "The form does not say which revision you saw; please reload."}
    )
    place = PlacesInArticlesField(error_messages={"required": "Tick at least one place."})


class AmongGroupsForm(forms.Form):
    """Where somebody is among the text groups; what is no such place counts as not said.

    group: the one that is open. after: a place in their order. more: not all of the open one's
    spans were on the screen. back: towards the first. ticks: the form brought what is ticked.
    """

    group = forms.IntegerField(required=False, min_value=1, max_value=10**18)
    after = forms.CharField(required=False)
    more = forms.BooleanField(required=False)
    back = forms.BooleanField(required=False)
    ticks = forms.BooleanField(required=False)

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        match = _AT.match(self.cleaned_data.get("after", ""))
        at = At(int(match["waiting"]), int(match["pk"])) if match else None
        nothing = dict.fromkeys(("more", "back", "ticks"), False)
        return {"group": None, **nothing, **self.cleaned_data, "after": at}


class SeenSpansField(forms.Field):
    """Spans, each as `<uid>:<revision seen>`, in the order they came."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[tuple[UUID, int]]:
        if len(value) > SPANS_AT_ONCE:
            raise forms.ValidationError(
                f"{SPANS_AT_ONCE:,} spans at most can be decided at once; these are {len(value):,}."
            )
        found = [_SEEN_SPAN.match(each) for each in value]
        if not all(found):
            raise forms.ValidationError(
                "A span is named by its id and the revision you saw; please reload the page."
            )
        return [(UUID(each["uid"]), int(each["seen"])) for each in found if each]


class BulkForm(DeedForm):
    """One verdict on many spans. `actions` knows which verdicts there are."""

    span = SeenSpansField(error_messages={"required": "Tick at least one span."})
    action = forms.CharField(max_length=20, error_messages={"required": "Choose a verdict."})
    reason = forms.CharField(required=False, max_length=200)
    comment = forms.CharField(required=False, strip=False, max_length=5000)

    clean_comment = SeenForm.clean_comment


class CommentForm(DeedForm):
    """Something to say. `actions` knows which words may be said."""

    text = forms.CharField(required=False, strip=False)
    span = forms.UUIDField(
        required=False, error_messages={"invalid": "There is no such span in this article."}
    )
    reply_to = forms.UUIDField(
        required=False, error_messages={"invalid": "There is no such comment here."}
    )

    def clean_text(self) -> str:
        return fold_line_ends(self.cleaned_data["text"]).strip()


class CorrectionForm(DeedForm):
    """The text that is to replace an article's, and what is known of it beside.

    previewed: the SHA-256 of the text of which the page shows what will come along.
    """

    seen = OffsetField(
        error_messages={"required": "The form does not say which revision you saw; please reload."}
    )
    text = forms.CharField(required=False, strip=False)
    title = forms.CharField(required=False, max_length=500)
    url = forms.URLField(required=False, max_length=500, assume_scheme="https")
    published_at = forms.DateTimeField(
        required=False, error_messages={"invalid": "That is no date and time of publication."}
    )
    previewed = forms.CharField(required=False)

    def clean_text(self) -> str:
        return fold_line_ends(self.cleaned_data["text"])


class FindingForm(DeedForm):
    """What was found of an approved span. `actions` knows what a finding takes."""

    seen = OffsetField(
        error_messages={"required": "The form does not say which revision you saw; please reload."}
    )
    finding = forms.CharField(required=False, max_length=20)
    note = forms.CharField(required=False, strip=False)

    def clean_note(self) -> str:
        return fold_line_ends(self.cleaned_data["note"]).strip()


class TokenForm(DeedForm):
    """A token to be made. `actions` knows which names and lifetimes (in days) it may have."""

    name = forms.CharField(required=False)
    days = forms.IntegerField(error_messages=dict.fromkeys(("required", "invalid"), _CHOOSE_DAYS))


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """The files that were chosen, one at least."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list) and data else [data or None]
        if len(files) > FILES_AT_ONCE:
            raise forms.ValidationError(f"Choose at most {FILES_AT_ONCE} files at once.")
        return [forms.FileField.clean(self, each) for each in files]


class ImportForm(DeedForm):
    """Files to bring in. Without a format each is guessed."""

    file = FilesField(
        max_length=2_000,
        allow_empty_file=True,  # which is told when it is read, unpacked
        error_messages={
            "required": "Choose a file first.",
            "max_length": "A file’s name is too long.",
        },
    )
    format = forms.ChoiceField(required=False)
    trial = forms.BooleanField(required=False)
    corrections = forms.BooleanField(required=False)

    def __init__(self, *args: Any, formats: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["format"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "by the file"), *formats.items()]
        choice.error_messages["invalid_choice"] = "There is no such format."
