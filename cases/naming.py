"""Names that say nothing: case numbers and aliases. Both are generated, never typed, and unrelated to the person."""

import secrets
from collections.abc import Iterable

from django.conf import settings

#: Without letters and digits that look alike.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

#: Neutral words of nature and craft, chosen so as not to be read as given names in English.
ALIAS_WORDS = (
    "Acorn", "Alder", "Anchor", "Apricot", "Aspen", "Bamboo", "Beacon", "Birch", "Bluebell",
    "Boulder", "Bramble", "Breeze", "Canyon", "Caraway", "Cedar", "Chestnut", "Cinder", "Cobalt",
    "Comet", "Copper", "Cotton", "Cove", "Cypress", "Delta", "Driftwood", "Dune", "Estuary",
    "Feather", "Fennel", "Field", "Fjord", "Flint", "Foxglove", "Garnet", "Glacier", "Granite", "Grove", "Harbour",
    "Hawthorn", "Hazelnut", "Hillside", "Horizon", "Island", "Kelp", "Lagoon",
    "Lantern", "Larch", "Lotus", "Maple", "Marble", "Meadow", "Mimosa", "Mint", "Moss",
    "Mulberry", "Nectar", "Nutmeg", "Oak", "Oasis", "Ocean", "Onyx", "Orchard", "Oregano", "Osprey",
    "Papaya", "Pebble", "Pepper", "Pine", "Plateau", "Plum", "Poplar", "Prairie", "Quarry", "Quartz", "Quince",
    "Rain", "Reef", "Ridge", "River", "Sand", "Sequoia", "Sesame", "Shore", "Sparrow",
    "Spruce", "Summit", "Sundial", "Tamarind", "Teal", "Thistle", "Thyme", "Tide", "Timber", "Topaz", "Tundra", "Valley",
    "Vanilla", "Velvet", "Walnut", "Waterfall", "Wheat", "Yarrow", "Zenith", "Zinnia",
)  # fmt: skip


def new_case_number() -> str:
    """A random number like ``HV-7Q4K-29MX``: about 39 bits, no order, no meaning."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{settings.CASE_NUMBER_PREFIX}-{text[:4]}-{text[4:]}"


def new_alias(known_names: Iterable[str] = ()) -> str:
    """Two neutral words like "Cedar Harbour"; never one that equals a known name of the person."""
    known = {word.casefold() for name in known_names for word in name.split()}
    usable = [word for word in ALIAS_WORDS if word.casefold() not in known]
    first = secrets.choice(usable)
    second = secrets.choice([word for word in usable if word != first])
    return f"{first} {second}"


def could_be_number(text: str) -> bool:
    """Whether capitals and digits can be the end of a case number: four signs at least, of those that numbers have."""
    return len(text) >= 4 and all(sign in ALPHABET for sign in text[-8:])


def number_ending(text: str) -> str:
    """The end of a case number as it is stored, from its capitals and digits and without prefix: ``K29MX`` → ``K-29MX``."""
    return "-".join(part for part in (text[-8:-4], text[-4:]) if part)
