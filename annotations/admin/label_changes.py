"""Changing many spans of a label: choose, look at the counts, do it; one deed, one undo."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse

from annotations import actions
from annotations.actions import Approvals, Done, LabelChange, counted
from annotations.actions.relabel import Foreseen, check_change, foresee
from annotations.domain.attributes import MAX_VALUE_LENGTH, UNKNOWN, Kind
from annotations.domain.lifecycle import Action, State
from annotations.domain.refusals import Refusal
from annotations.models import Label, LabelAttribute, Outlet, Person, Story
from annotations.queries.label_changes import Selection, by_state, selected
from annotations.views.outcomes import STATUS

MOST = 5000  # spans that are counted, and then changed, in one go
IN_ONE_REQUEST = 1000
LOOKED_AT_ONCE = 500  # as many articles' texts may be in memory
RELABEL, ATTRIBUTE, REOPEN = "relabel", "attribute:", "reopen"
# The states in which spans are changed at all; all others are left alone.
CHANGED = (State.PROPOSED, State.SENT_BACK, State.APPROVED)
_SPAN = re.compile(r"([0-9a-f-]{36}):([0-9]{1,9})\Z")
_YES_NO = {"yes": True, "no": False}


class SpansField(forms.CharField):
    """The spans that were counted, each as `<uid>:<revision>`, with blanks between."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        pairs = [_SPAN.match(each) for each in str(value or "").split()]
        try:
            return [(UUID(pair[1]), int(pair[2])) for pair in pairs if pair]
        except ValueError:
            return []

    def validate(self, value: Any) -> None:
        if not 0 < len(value) <= MOST:
            raise forms.ValidationError("Count the spans first: choose what to change, and look.")


class ChangeSpansForm(forms.Form):
    """What is to become of the spans of a label, and which of them are meant."""

    what = forms.ChoiceField(widget=forms.RadioSelect, label="What is to be changed?")
    to = forms.ModelChoiceField(Label.objects.filter(archived=False), required=False, label="to")
    approvals = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        label="What of those that are approved?",
        choices=[
            (Approvals.STAND.value, "Approvals stand, recorded as mine"),
            (Approvals.REOPEN.value, "Reopen: they wait for review again"),
        ],
    )
    story = forms.ModelChoiceField(Story.objects.all(), required=False, empty_label="any")
    outlet = forms.ModelChoiceField(Outlet.objects.all(), required=False, empty_label="any")
    outdated = forms.BooleanField(
        required=False, label="Only approved ones that were decided under an older guideline"
    )

    def __init__(self, *args: Any, label: Label, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label = label
        to: Any = self.fields["to"]
        to.queryset = to.queryset.exclude(pk=label.pk)
        asked = label.attributes.exclude(kind=Kind.ANCHORED).prefetch_related("choices")
        self.attributes = {attribute.key: attribute for attribute in asked}
        for key, attribute in self.attributes.items():
            self.fields[f"old_{key}"] = _value_field(attribute, "from")
            self.fields[f"new_{key}"] = _value_field(attribute, "to")
        what: Any = self.fields["what"]
        what.choices = [
            (RELABEL, "Their label"),
            *((f"{ATTRIBUTE}{key}", each.name) for key, each in self.attributes.items()),
            (REOPEN, "Nothing: only reopen those that are approved"),
        ]

    def rows(self) -> Iterator[tuple[Any, list[Any]]]:
        """Each choice of what to change with its own fields, for the page."""
        for choice in self["what"]:
            key = str(choice.data["value"]).removeprefix(ATTRIBUTE)
            names = {RELABEL: ["to"], REOPEN: []}.get(key, [f"old_{key}", f"new_{key}"])
            yield choice, [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        what = cleaned.get("what", "")
        key = what.removeprefix(ATTRIBUTE)
        if what == RELABEL and not cleaned.get("to") and "to" not in self.errors:
            self.add_error("to", "Choose the label that they are to have.")
        if key in self.attributes and cleaned.get(f"old_{key}") == cleaned.get(f"new_{key}"):
            self.add_error(f"new_{key}", "Choose another value than the old one.")
        if what not in ("", REOPEN) and not cleaned.get("approvals"):
            self.add_error("approvals", "Choose what becomes of approvals.")
        return cleaned

    @property
    def attribute(self) -> LabelAttribute | None:
        """The attribute that is to be changed, if one is."""
        return self.attributes.get(self.cleaned_data["what"].removeprefix(ATTRIBUTE))

    def selection(self) -> Selection:
        chosen, attribute = self.cleaned_data, self.attribute
        return Selection(
            self.label,
            attribute,
            self._value("old", attribute),
            chosen["story"],
            chosen["outlet"],
            chosen["outdated"],
        )

    def change(self) -> LabelChange:
        if self.cleaned_data["what"] == RELABEL:
            return LabelChange(label=self.cleaned_data["to"].slug)
        attribute = self.attribute
        if attribute is None:
            return LabelChange()
        return LabelChange(attribute=attribute.key, value=self._value("new", attribute))

    def what_of_approvals(self) -> Approvals:
        reopens = self.cleaned_data["what"] == REOPEN
        return Approvals.REOPEN if reopens else Approvals(self.cleaned_data["approvals"])

    def sentence(self) -> str:
        """What would be done, for the page with the counts."""
        if self.cleaned_data["what"] == RELABEL:
            return f"{self.label.name} becomes {self.cleaned_data['to'].name}"
        if self.attribute is None:
            return f"Approved spans of {self.label.name} are reopened"
        old, new = (
            dict(getattr(self.fields[f"{time}_{self.attribute.key}"], "choices", ())).get(
                value := self.cleaned_data[f"{time}_{self.attribute.key}"], value or "empty"
            )
            for time in ("old", "new")
        )
        return f"{self.attribute.name} of {self.label.name}: “{old}” becomes “{new}”"

    def _value(self, time: str, attribute: LabelAttribute | None) -> Any:
        if attribute is None:
            return None
        value = self.cleaned_data[f"{time}_{attribute.key}"].strip()
        if attribute.kind == Kind.YES_NO:
            value = _YES_NO.get(value, value)
        return None if value == "" else value


class DoForm(forms.Form):
    """The second step: which spans were counted, and the request that makes a repeat harmless."""

    spans = SpansField()
    request_id = forms.UUIDField(widget=forms.HiddenInput)


def change_spans(model_admin: Any, request: HttpRequest, label: Label) -> HttpResponse:
    """GET: what to change, and once that is chosen the counts. POST: do it, or go on."""
    if not model_admin.has_change_permission(request, label):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else request.GET
    chosen = sent if "step" in sent else None
    form = ChangeSpansForm(chosen, initial=sent.dict(), label=label)
    if chosen is None or not form.is_valid():
        status = 200 if chosen is None else 422
        return _page(model_admin, request, label, status, form=form)
    assert isinstance(request.user, Person)
    try:
        check_change(form.change(), form.what_of_approvals(), request.user)
        if request.method == "POST":
            return _do(model_admin, request, form)
        return _count(model_admin, request, form)
    except Refusal as refusal:
        status = STATUS.get(type(refusal), 409)
        return _page(model_admin, request, label, status, form=form, error=str(refusal))


def _count(model_admin: Any, request: HttpRequest, form: ChangeSpansForm) -> HttpResponse:
    """The second step: what would be done, and to how many, before anything is."""
    assert isinstance(request.user, Person)
    spans = selected(form.selection())
    states = by_state(spans)
    uids = spans.filter(state__in=CHANGED).values_list("uid", flat=True).iterator()
    foreseen = Foreseen()
    looked_at = 0
    while len(foreseen.spans) < MOST:
        batch = list(islice(uids, min(LOOKED_AT_ONCE, MOST - len(foreseen.spans))))
        if not batch:
            break
        looked_at += len(batch)
        foresee(foreseen, batch, form.change(), form.what_of_approvals(), request.user)
    left = foreseen.skipped + _alone(states)
    counts = {
        "changes": [
            (state.words, number, _then(done)) for (state, done), number in foreseen.changed.items()
        ],
        "left": left.most_common(),
        "dropped": foreseen.dropped.most_common(),
        "waved": [(each.sentence, number) for each, number in foreseen.waved.most_common()],
        "number": len(foreseen.spans),
        "beyond": sum(states.get(state, 0) for state in CHANGED) - looked_at,
        "most": MOST,
        "sentence": form.sentence(),
        "reopens": any(
            state is State.APPROVED and done is not Action.AMEND for state, done in foreseen.changed
        ),
    }
    do = DoForm(
        initial={
            "spans": " ".join(f"{uid}:{revision}" for uid, revision in foreseen.spans),
            "request_id": uuid4(),
        }
    )
    return _page(model_admin, request, form.label, 200, form=form, do=do, counts=counts)


def _do(model_admin: Any, request: HttpRequest, form: ChangeSpansForm) -> HttpResponse:
    """Change those that were counted; where they are too many for one request, offer to go on."""
    do = DoForm(request.POST)
    if not do.is_valid():
        error = " ".join(str(words) for field in do.errors.values() for words in field)
        return _page(model_admin, request, form.label, 422, form=form, error=error)
    assert isinstance(request.user, Person)
    done = actions.change_many(
        spans=do.cleaned_data["spans"],
        change=form.change(),
        approvals=form.what_of_approvals(),
        deed=actions.deed_of(request.user, do.cleaned_data["request_id"]),
        at_most=IN_ONE_REQUEST,
    )
    if done.remaining:
        context = {"form": form, "do": do, "done": done, "sentence": form.sentence()}
        return _page(model_admin, request, form.label, 200, **context)
    here = reverse("admin:annotations_label_spans", args=[form.label.pk])
    messages.success(request, _told(request, done, here))
    return redirect(here)


def _told(request: HttpRequest, done: Done, here: str) -> str:
    """What was done, with the button that undoes it."""
    number = len(done.spans)
    past = "Reopened" if done.deed.action == Action.REOPEN else "Changed"
    what = f"{past} {number:,} span{'' if number == 1 else 's'}"
    context = {
        "sentence": f"{what} · {counted(done.skipped)}." if done.skipped else f"{what}.",
        "deed": done.deed,
        "request_id": uuid4(),
        "next": here,
        "csrf_token": get_token(request),
    }
    return render_to_string("admin/annotations/label/_done.html", context)


def _page(
    model_admin: Any, request: HttpRequest, label: Label, status: int, **context: Any
) -> TemplateResponse:
    everywhere = {
        **model_admin.admin_site.each_context(request),
        "title": f"Change spans of {label.name}",
        "opts": model_admin.opts,
        "label": label,
        "media": model_admin.media,
    }
    template = "admin/annotations/label/change_spans.html"
    return TemplateResponse(request, template, everywhere | context, status=status)


def _alone(states: dict[State, int]) -> Any:
    """Those that are left alone for the state they are in."""
    counter: Any = Foreseen().skipped
    for state, number in states.items():
        if state not in CHANGED:
            counter[state.words] += number
    return counter


def _then(action: Action) -> str:
    """What becomes of them, in words for the page."""
    if action is Action.AMEND:
        return "the approval stands, as yours"
    if action is Action.REOPEN:
        return "waits for review again"
    return "waits for review; you are its last editor, so somebody else decides"


def _value_field(attribute: LabelAttribute, label: str) -> forms.Field:
    """A field for a value of the attribute, or for none."""
    if attribute.kind == Kind.TEXT:
        words = "Nothing means empty."
        return forms.CharField(
            required=False, label=label, max_length=MAX_VALUE_LENGTH, help_text=words
        )
    offered = (
        [("yes", "yes"), ("no", "no")]
        if attribute.kind == Kind.YES_NO
        else [(each.key, each.name) for each in attribute.choices.all()]
    )
    choices = [("", "empty"), *offered, (UNKNOWN, "unknown")]
    return forms.ChoiceField(required=False, label=label, choices=choices)
