"""Labels, and the typed attributes they ask of their spans."""

from dataclasses import replace

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from annotations.domain.attributes import Attribute, Kind
from annotations.models.columns import NamedBySlug, choices_of, one_of

# The letters that no screen uses for itself, so that labels may have them.
LABEL_KEYS = "bcdfhilqrty"


class Colour(models.TextChoices):
    """Twelve hues, each legible on paper and in the dark (css/tokens.css)."""

    BLUE = "blue"
    TEAL = "teal"
    GREEN = "green"
    OLIVE = "olive"
    GOLD = "gold"
    ORANGE = "orange"
    RED = "red"
    PINK = "pink"
    PLUM = "plum"
    VIOLET = "violet"
    BROWN = "brown"
    SLATE = "slate"


class Line(models.TextChoices):
    """How its underline is drawn, so that colour is never the only sign."""

    SOLID = "solid"
    WAVY = "wavy"
    DOTTED = "dotted"
    DOUBLE = "double"


class Label(models.Model):
    """What a span is said to be: claim, quote, boilerplate at first. Archived, never deleted."""

    slug = models.SlugField(max_length=50, unique=True, help_text="Never changes: files name it.")
    name = models.CharField(max_length=50)
    key = models.CharField(
        max_length=1,
        blank=True,
        validators=[
            RegexValidator(
                f"^[{LABEL_KEYS}]$", f"One of {', '.join(LABEL_KEYS)}: the screens use the others."
            )
        ],
        help_text="The letter that tags with it.",
    )
    colour = models.CharField(max_length=10, choices=Colour.choices)
    line = models.CharField(max_length=10, choices=Line.choices, default=Line.SOLID)
    guideline = models.TextField(blank=True)
    guideline_revision = models.PositiveIntegerField(default=1, editable=False)
    position = models.PositiveSmallIntegerField(default=0)
    archived = models.BooleanField(default=False, help_text="Not offered any more; its spans stay.")

    objects = NamedBySlug["Label"]()

    class Meta:
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(
                name="label_key_is_free", condition=Q(key__in=["", *LABEL_KEYS])
            ),
            models.UniqueConstraint(
                name="label_key_used_once",
                fields=["key"],
                condition=~Q(key="") & Q(archived=False),
                violation_error_message="Another label has this key.",
            ),
            models.CheckConstraint(
                name="label_colour_known", condition=Q(colour__in=Colour.values)
            ),
            models.CheckConstraint(name="label_line_known", condition=Q(line__in=Line.values)),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class AttributeManager(models.Manager["LabelAttribute"]):
    """Finds an attribute by its label's slug and its key."""

    def get_by_natural_key(self, label: str, key: str) -> "LabelAttribute":
        return self.get(label__slug=label, key=key)


class LabelAttribute(models.Model):
    """A typed field of a label."""

    label = models.ForeignKey(Label, models.PROTECT, related_name="attributes")
    key = models.SlugField(max_length=30, help_text="Never changes: files name it.")
    name = models.CharField(max_length=50)
    kind = models.CharField(max_length=10, choices=choices_of(Kind))
    required = models.BooleanField(default=False, help_text="Before approval.")
    unless_attribute = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Not required while this attribute has the value below.",
    )
    unless_value = models.CharField(max_length=30, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = AttributeManager()

    class Meta:
        ordering = ["label", "position", "key"]
        constraints = [
            models.UniqueConstraint(name="attribute_key_once_a_label", fields=["label", "key"]),
            models.CheckConstraint(name="attribute_kind_known", condition=one_of("kind", Kind)),
            models.CheckConstraint(
                name="attribute_condition_whole",
                condition=Q(unless_attribute__isnull=True, unless_value="")
                | Q(required=True, unless_attribute__isnull=False) & ~Q(unless_value=""),
                violation_error_message="A condition needs an attribute, a value and “required”.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label.slug}.{self.key}"

    def natural_key(self) -> tuple[str, str]:
        return (self.label.slug, self.key)

    natural_key.dependencies = ["annotations.label"]  # type: ignore[attr-defined]

    @property
    def spec(self) -> Attribute:
        """What the domain needs to know of it. Reads `choices` and `unless_attribute`."""
        return replace(self.requirement, choices=tuple(each.key for each in self.choices.all()))

    @property
    def requirement(self) -> Attribute:
        """The same without its choices, for who only asks whether it is missing."""
        return Attribute(
            key=self.key,
            name=self.name,
            kind=Kind(self.kind),
            required=self.required,
            unless=(
                (self.unless_attribute.key, self.unless_value) if self.unless_attribute else None
            ),
        )


class ChoiceManager(models.Manager["Choice"]):
    """Finds a choice by its label's slug, its attribute's key and its own."""

    def get_by_natural_key(self, label: str, attribute: str, key: str) -> "Choice":
        return self.get(attribute__label__slug=label, attribute__key=attribute, key=key)


class Choice(models.Model):
    """One value that a choice attribute may take."""

    attribute = models.ForeignKey(LabelAttribute, models.PROTECT, related_name="choices")
    key = models.SlugField(max_length=30, help_text="Never changes: files name it.")
    name = models.CharField(max_length=50)
    position = models.PositiveSmallIntegerField(default=0)

    objects = ChoiceManager()

    class Meta:
        ordering = ["attribute", "position", "key"]
        constraints = [
            models.UniqueConstraint(name="choice_key_once", fields=["attribute", "key"]),
            models.CheckConstraint(
                name="choice_is_not_unknown", condition=~Q(key__in=["", "unknown"])
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str, str]:
        # A fixture may name an attribute that was taken off its label since.
        owner = self.attribute.natural_key() if self.attribute_id else ("", "")
        return (*owner, self.key)

    natural_key.dependencies = ["annotations.labelattribute"]  # type: ignore[attr-defined]
