"""Django's loaddata, except that it never overwrites what is here.

The stock command writes whole rows: a field that the fixture leaves out goes back to its
default, so loading the seed articles again would make a reviewed article open.
"""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.commands import loaddata
from django.core.serializers.base import DeserializedObject
from django.db.models import Model

from annotations import actions
from annotations.models import Article, Choice, Label, LabelAttribute

# What belongs to another row: its model -> the field that names the owner, the owner's model.
_OWNED: dict[type[Model], tuple[str, type[Model]]] = {
    LabelAttribute: ("label", Label),
    Choice: ("attribute", LabelAttribute),
}
# A model and a natural key; or a primary key, where the model has none.
Name = tuple[type[Model], Any]


class Command(loaddata.Command):
    """Installs what is missing of our own models and leaves alone what is here."""

    def loaddata(self, fixture_labels: Any) -> None:
        self._kept: set[Name] = set()
        super().loaddata(fixture_labels)
        if self._kept and self.verbosity >= 1:
            self.stdout.write(f"Left alone {len(self._kept)} object(s) that were here already")

    def save_obj(self, obj: DeserializedObject) -> bool:
        """Save the object unless it is one of ours and here; returns whether it was saved."""
        if obj.object._meta.app_label == "annotations":
            owner, name = _names(obj)
            # What somebody took off a label stays off: with its owner it is left alone, too.
            if owner in self._kept or self._is_here(obj.object):
                self._kept.add(name)
                return False
        saved = bool(super().save_obj(obj))
        if saved and isinstance(obj.object, Article):
            actions.sketch_article(obj.object, using=self.using)
        return saved

    def _is_here(self, row: Model) -> bool:
        same = type(row)._default_manager.using(self.using)
        if row.pk is not None and same.filter(pk=row.pk).exists():
            return True  # by its natural key, too: the deserialiser has looked that up
        if isinstance(row, Article):
            return same.filter(
                outlet=row.outlet_id, url=row.url, text_sha256=row.text_sha256
            ).exists()
        return False


def _names(obj: DeserializedObject) -> tuple[Name | None, Name]:
    """How to tell the object's owner, if it has one, and the object itself."""
    row: Any = obj.object
    if type(row) not in _OWNED:
        return None, (type(row), row.natural_key() if hasattr(row, "natural_key") else row.pk)
    field, model = _OWNED[type(row)]
    try:
        key = getattr(row, field).natural_key()
    except ObjectDoesNotExist:  # it was not found by the name the fixture has for it
        unresolved = {field.name: key for field, key in (obj.deferred_fields or {}).items()}
        key = tuple(unresolved.get(field, ()))
    return (model, key), (type(row), (*key, row.key))
