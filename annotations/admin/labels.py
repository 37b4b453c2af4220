"""Labels, their attributes and choices. What files and spans name them by never changes."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse

from annotations.actions.labels import remove_attribute, remove_choice, save_label
from annotations.admin._base import RefusableForm, TellsRefusals
from annotations.admin.label_changes import change_spans
from annotations.domain.attributes import UNKNOWN, Kind
from annotations.domain.refusals import Refusal
from annotations.models import Choice, Label, LabelAttribute
from annotations.queries.guidelines import outdated


class LabelForm(RefusableForm):
    """A label. A guideline that somebody else has changed meanwhile is not overwritten unread."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.guideline_revision


class AttributeForm(RefusableForm):
    """An attribute of a label. Its key and kind are fixed once saved: values rest on them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("key", "kind"):
            if name in self.fields:
                self.fields[name].disabled = self.instance.pk is not None
        if "unless_attribute" in self.fields:
            self._limit_condition()

    def clean(self) -> Any:
        cleaned = super().clean()
        other, value = cleaned.get("unless_attribute"), cleaned.get("unless_value")
        if other and value:
            values = [*other.choices.values_list("key", flat=True), UNKNOWN]
            if value not in values:
                self.add_error("unless_value", f"One of: {', '.join(values)}.")
        return cleaned

    def _limit_condition(self) -> None:
        """To choices of the same label: other kinds have no values that one could name."""
        field: Any = self.fields["unless_attribute"]
        field.queryset = LabelAttribute.objects.select_related("label").filter(
            label=self.instance.label_id, kind=Kind.CHOICE
        )
        field.queryset = field.queryset.exclude(pk=self.instance.pk)

    def _get_validation_exclusions(self) -> Any:
        # In the label's rows the condition is not a field, but “required” must still fit it.
        condition = {"required", "unless_attribute", "unless_value"}
        return super()._get_validation_exclusions() - condition  # type: ignore[misc]


class ChoiceForm(ModelForm):
    """A choice. Its key is fixed once saved."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].disabled = self.instance.pk is not None

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"])
        if key == UNKNOWN:
            raise ValidationError("“unknown” may always be chosen, so it is not listed.")
        return key


class AttributeInline(admin.TabularInline):
    """The attributes in the label's own form; their conditions and choices are a click away."""

    model = LabelAttribute
    form = AttributeForm
    fields = ("key", "name", "kind", "required", "position")
    extra = 0
    can_delete = False
    show_change_link = True


class ChoiceInline(admin.TabularInline):
    """What a choice attribute offers."""

    model = Choice
    form = ChoiceForm
    fields = ("key", "name", "position")
    extra = 0


@admin.register(Label)
class LabelAdmin(TellsRefusals):
    """What spans may be said to be. None is deleted: archive it instead."""

    form = LabelForm
    list_display = ("name", "slug", "key", "colour", "line", "guideline_revision", "archived")
    list_filter = ("archived",)
    search_fields = ("name", "slug", "guideline")
    show_full_result_count = False
    inlines = (AttributeInline,)
    fields = (
        ("name", "slug"),
        ("key", "colour", "line"),
        "guideline",
        "guideline_revision",
        ("position", "archived"),
    )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.change_spans)
        name = "annotations_label_spans"
        return [path("<int:pk>/spans/", view, name=name), *super().get_urls()]

    def change_spans(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change many spans of the label."""
        return change_spans(self, request, get_object_or_404(Label, pk=pk))

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        label = kwargs.get("obj")
        if label is not None:
            context["outdated"] = outdated(label).count()
            context["may_change_spans"] = self.has_change_permission(request, label)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.fields, "seen") if self.has_change_permission(request, obj) else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("guideline_revision",) if obj is None else ("slug", "guideline_revision")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Label, form: Any, change: bool) -> None:
        save_label(label=obj, seen=form.cleaned_data["seen"] if change else None)


@admin.register(LabelAttribute)
class AttributeAdmin(TellsRefusals):
    """One attribute with its choices. It is added in its label's form, and goes from here."""

    form = AttributeForm
    list_display = ("name", "label", "key", "kind", "required", "unless_attribute", "unless_value")
    list_filter = ("label", "kind")
    show_full_result_count = False
    actions = None
    fields = (
        "label",
        ("key", "kind"),
        ("name", "position"),
        "required",
        ("unless_attribute", "unless_value"),
    )
    readonly_fields = ("label",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LabelAttribute]:
        return super().get_queryset(request).select_related("label", "unless_attribute__label")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return [ChoiceInline] if obj is not None and obj.kind == Kind.CHOICE else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for choice in formset.deleted_objects:
            remove_choice(choice=choice)
        for choice in [*formset.new_objects, *(each for each, _ in formset.changed_objects)]:
            choice.save()

    def delete_model(self, request: HttpRequest, obj: LabelAttribute) -> None:
        remove_attribute(attribute=obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect(reverse("admin:annotations_labelattribute_change", args=[object_id]))
