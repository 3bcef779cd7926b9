"""The shop window: templates, styles, small scripts and the words forms share. It holds no data."""

from django.apps import AppConfig


class InterfaceConfig(AppConfig):
    """What a person sees. Imports Django alone, so that no right can be decided here."""

    name = "casemgmt.interface"
    label = "interface"
