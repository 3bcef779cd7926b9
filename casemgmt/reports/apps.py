from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """The gallery: counts and controls that read cases and services, and write to neither."""

    name = "casemgmt.reports"
    label = "reports"
