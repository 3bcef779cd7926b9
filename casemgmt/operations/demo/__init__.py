"""The demo: fictional people, made through the real actions."""

from .making import make_demo

__all__ = ["make_demo"]
