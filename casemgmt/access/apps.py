from django.apps import AppConfig


class AccessConfig(AppConfig):
    """The guard desk: sections, permissions and rules, with no domain in it."""

    name = "casemgmt.access"
    label = "access"
