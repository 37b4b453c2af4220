"""The desk's addresses."""

from django.urls import path

urlpatterns: list = []
