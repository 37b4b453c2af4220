"""Numbers as people read them."""

from django import template

register = template.Library()


@register.filter
def thousands(number: int) -> str:
    """1234567 -> "1,234,567"."""
    return f"{number:,}"
