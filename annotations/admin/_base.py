"""What several pages share: looking only, deeds on what was ticked, refusals as form errors."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import IntegrityError, models
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from annotations import actions
from annotations.domain.refusals import Illegal, Refusal, Reused, Stale
from annotations.models import Deed, Person
from annotations.views.outcomes import STATUS, Outcome

# Addresses without a scheme are meant to be https; Django asks us to say so.
URLS: dict[Any, Any] = {models.URLField: {"assume_scheme": "https"}}


class Styled(admin.ModelAdmin):
    """A page that shows texts to the character, and what is fixed as fixed."""

    class Media:
        css = {"all": ["annotations/css/admin.css"]}


class ByDeeds(Styled):
    """Of what deeds govern: whoever may enter the admin may look; the deeds say who may do what."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    view_on_site = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LookOnly(ByDeeds):
    """Nothing to add or change; what is not shown by a method of the admin is shown as it is."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WithEvents(ByDeeds):
    """Its history is its events: the admin's own log knows nothing of deeds done elsewhere."""

    history_of: str

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return redirect(events_of(self.history_of, object_id))


class DeedsOnChosen(ByDeeds):
    """Lets deeds be done to the ticked rows of the list, each at the revision the list shows."""

    def action_checkbox(self, obj: Any) -> SafeString:
        box = super().action_checkbox(obj)
        return format_html('{}<input type="hidden" name="seen" value="{}">', box, _seen(obj))

    def chosen(self, request: HttpRequest) -> list[tuple[Any, int]]:
        """The ticked rows and the revision of each that the page showed.

        Not the queryset that an action gets: the list's filter drops what has changed since,
        and "select all" adds what is on other pages, which nobody has seen.
        """
        seen = dict(pair.split(":", 1) for pair in request.POST.getlist("seen") if ":" in pair)
        rows = self.get_queryset(request).filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
        return [
            (row, int(seen[str(row.pk)]))
            for row in rows
            if re.fullmatch("[0-9]{1,9}", seen.get(str(row.pk), ""))
        ]

    def tell(self, request: HttpRequest, past: str, outcomes: Iterable[Outcome]) -> None:
        """Say how many were done, and of the others why not."""
        whys = Counter(outcome.sentence for outcome in outcomes)
        if done := whys.pop("", 0):
            self.message_user(request, f"{past}: {done}.", messages.SUCCESS)
        for why, number in whys.items():
            sentence = f"Left as {'it is' if number == 1 else 'they are'}: {number}. {why}"
            self.message_user(request, sentence, messages.WARNING)


class RefusableForm(ModelForm):
    """A form whose saving may be refused: it is drawn again with the sentence and what was typed.

    Its hidden fields say what the page rested on; a refusal for that is told once.
    """

    refusal: Refusal | None = None

    def clean(self) -> Any:
        cleaned = super().clean()
        if self.refusal is not None:
            field = getattr(self.refusal, "field", "")
            self.add_error(field if field in self.fields else None, str(self.refusal))
            if isinstance(self.refusal, (Stale, Reused)):
                self._begin_again()
        return cleaned

    def _begin_again(self) -> None:
        """Say what is there now, and let saving once more be about that."""
        for name in self.changed_data:
            if name in self.fields and not self.fields[name].widget.is_hidden:
                stored = getattr(self.instance, name)
                self.add_error(name, f"Now it is: {'empty' if stored in (None, '') else stored}")
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        for field in self.hidden_fields():
            data[field.html_name] = field.initial
        self.data = data


class DeedForm(RefusableForm):
    """What is saved by a deed. request_id: makes a second click on “Save” harmless."""

    request_id = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)


class TellsRefusals(Styled):
    """Turns the Refusal that saving raises into a sentence on the form. Its form is Refusable."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as error:
            refusal = error
        except IntegrityError:
            refusal = Illegal(
                "Nothing was stored: somebody may have done the same at this moment. "
                "Look at how things stand, and try again."
            )
        request.refusal = refusal  # type: ignore[attr-defined]
        response = super().changeform_view(request, object_id, form_url, extra_context)
        response.status_code = STATUS[type(refusal)]
        return response

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return type(form.__name__, (form,), {"refusal": refusal}) if refusal else form


def deed(request: HttpRequest, form: Any = None) -> Deed:
    """The deed that this request asks for, not yet done."""
    assert isinstance(request.user, Person)
    return actions.deed_of(request.user, form.cleaned_data["request_id"] if form else None)


def exact(field: str, title: str) -> Callable[..., SafeString]:
    """A read-only field that shows a text to the character, its line ends and blanks, too."""

    @admin.display(description=title)
    def show(obj: Any) -> SafeString:
        return format_html('<div class="exact">{}</div>', getattr(obj, field))

    return show


def events_of(kind: str, pk: Any) -> str:
    """The address of the list of events of one thing; kind: the Event's field that names it."""
    query = urlencode({f"{kind}__id__exact": pk})
    return f"{reverse('admin:annotations_event_changelist')}?{query}"


def _seen(obj: Any) -> str:
    return f"{obj.pk}:{obj.revision}"
