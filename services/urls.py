"""Addresses of the workshops."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
