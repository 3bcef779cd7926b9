"""Every pair of text and ground in the tokens, light and dark: 4.5:1 for text, 3:1 for edges and focus (WCAG AA)."""

import re
from itertools import product
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

STYLES = Path(__file__).resolve().parents[2] / "casemgmt" / "interface" / "static" / "haven"

GROUNDS = ("bg", "surface", "surface-2")
TEXT_ON_GROUNDS = ("ink", "ink-2", "link", "brand", "bad", "warn", "ok", "info", "muted")
TEXT_PAIRS = [
    *product(TEXT_ON_GROUNDS, GROUNDS),
    ("brand-ink", "brand"),
    ("brand-ink", "brand-strong"),
    ("brand", "brand-soft"),
    *((tone, f"{tone}-soft") for tone in ("ok", "warn", "bad", "info", "muted")),
    # what stands on a note or an error summary
    *product(("ink", "link"), ("ok-soft", "warn-soft", "bad-soft", "info-soft", "muted-soft", "brand-soft")),
    ("ink-2", "info-soft"),
    ("ink-2", "warn-soft"),
]
EDGE_PAIRS = [
    *product(("line-strong", "focus", "brand", "bad", "warn", "info", "ok"), GROUNDS),
    ("focus", "brand-soft"),
    ("focus", "bad-soft"),
    ("focus", "warn-soft"),
    ("focus", "info-soft"),
    ("focus", "ok-soft"),
    ("brand", "muted-soft"),  # the progress bar on its track
]


def themes() -> dict[str, dict[str, str]]:
    """The colours of each theme, as written in tokens.css."""
    css = re.sub(r"/\*.*?\*/", "", (STYLES / "tokens.css").read_text(), flags=re.DOTALL)
    blocks = dict(re.findall(r"(:root[^{]*?)\s*\{([^{}]*)\}", css))
    names = {":root": "light", ":root[data-theme=dark]": "dark", ":root:not([data-theme])": "device dark"}
    return {
        names[selector.strip()]: dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", body))
        for selector, body in blocks.items()
    }


def luminance(colour: str) -> float:
    """Relative luminance of ``#rgb`` or ``#rrggbb`` (WCAG 2.2)."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_measures_as_the_standard_does() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)


def test_all_three_themes_are_there_and_complete() -> None:
    found = themes()
    assert set(found) == {"light", "dark", "device dark"}
    assert set(found["light"]) == set(found["dark"])
    assert found["dark"] == found["device dark"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGE_PAIRS)
def test_edges_and_focus_can_be_seen(theme: str, edge: str, ground: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[edge], colours[ground]) >= 3


def test_colours_live_in_the_tokens_alone() -> None:
    """Elsewhere only names of tokens, and system colours in forced-colours mode; paper and the backdrop excepted."""
    for part in ("base.css", "components.css"):
        css = (STYLES / part).read_text().replace("rgba(10, 20, 20, .55)", "")
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", css), part
