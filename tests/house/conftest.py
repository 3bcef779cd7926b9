"""Fixtures of the house's tests: two cases with something of everything."""

from tests.house.world import north, south, world

__all__ = ["north", "south", "world"]
