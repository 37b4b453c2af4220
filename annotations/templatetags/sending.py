"""What a form needs to be sent."""

from uuid import uuid4

from django import template

register = template.Library()


@register.simple_tag
def fresh_request_id() -> str:
    """An id of the form's own: one page offers several deeds, and each is a request."""
    return str(uuid4())
