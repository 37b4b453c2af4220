"""What a form needs to be sent."""

from django import template

from annotations.forms import fresh_request_id

register = template.Library()

register.simple_tag(fresh_request_id)
