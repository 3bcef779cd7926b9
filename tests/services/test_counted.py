"""Quantities in words."""

import pytest

from services.choices import Unit, counted


@pytest.mark.parametrize(
    ("quantity", "unit", "words"),
    [
        ("1", Unit.TRIP, "1 trip"), ("1.00", Unit.EVENT, "1 time"), ("90", Unit.MINUTES, "90 minutes"),
        ("1.50", Unit.HOURS, "1.5 hours"), ("10", Unit.ITEM, "10 items"), ("0", Unit.NIGHT, "0 nights"),
    ],
)  # fmt: skip
def test_a_quantity_in_words(quantity, unit, words):
    assert counted(quantity, unit) == words
