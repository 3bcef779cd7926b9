from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The engine room: server, worker, health, demo."""

    name = "casemgmt.operations"
    label = "operations"
