"""House rules of templates and styles, read from the files themselves, so that no page can forget them."""

import re
from pathlib import Path

import pytest

from casemgmt.interface.templatetags.haven import icon

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path
    for folder in (ROOT / "templates", *(ROOT / room for room in ("casemgmt", "cases", "services", "audit")))
    for path in folder.rglob("*.html")
)
STYLES = sorted((ROOT / "casemgmt" / "interface" / "static").rglob("*.css"))
SCRIPTS = sorted((ROOT / "casemgmt" / "interface" / "static").rglob("*.js"))

COMMENT = re.compile(r"\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|\{#.*?#\}|<!--.*?-->", re.DOTALL)
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
#: Content of /ui/ is made up and shown to nobody who works.
UNTRANSLATED_ALLOWED = {"templates/ui/components.html"}

FORBIDDEN = {
    "an inline style (the policy drops it silently)": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "something from another host": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
    "a data: address": re.compile(r"(?:src|href)\s*=\s*[\"']data:", re.IGNORECASE),
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def faults(text: str) -> list[str]:
    """What a template does that no template may do."""
    found = []
    bare = COMMENT.sub("", text)
    html = TAGS.sub("x", bare)
    for what, pattern in FORBIDDEN.items():
        if pattern.search(html):
            found.append(what)
    for opening in re.findall(r"<script\b[^>]*>", html, re.IGNORECASE):
        if "src=" not in opening and "application/json" not in opening:
            found.append("an inline script")
    for tag in TAGS.findall(bare):
        if re.search(r"\.(?:all|count|exists|objects|values|order_by)\b", tag):
            found.append(f"a query: {tag}")
        if re.search(r"\|\s*safe\b|\bautoescape\s+off\b", tag):
            found.append(f"unescaped text: {tag}")
    if re.search(r"<title>[^<]*\{\{(?!\s*SITE_NAME)", bare):
        found.append("a value in the page title")
    return found


def unwrapped(text: str) -> list[str]:
    """Words for people that no translator would ever see."""
    bare = COMMENT.sub("", text)
    bare = re.sub(r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}", "", bare, flags=re.DOTALL)
    bare = re.sub(r"\{%\s*block main_class\s*%\}[\w -]*\{%\s*endblock\s*%\}", "", bare)
    bare = TAGS.sub("", bare)
    words = re.findall(r"(?:aria-label|title|placeholder|alt)\s*=\s*\"([^\"]*[a-z]{2,}[^\"]*)\"", bare)
    bare = re.sub(r"<(?:script|style)\b.*?</(?:script|style)>", "", bare, flags=re.DOTALL)
    texts = re.sub(r"<[^>]*>", "\n", bare).replace("&nbsp;", " ")
    return words + [line.strip() for line in texts.splitlines() if re.search(r"[a-z]{2,}", line)]


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_keeps_the_house_rules(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_word_is_wrapped_for_translation(path: Path) -> None:
    if name(path) not in UNTRANSLATED_ALLOWED:
        assert unwrapped(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.name.startswith("_")], ids=name)
def test_partial_names_its_variables(path: Path) -> None:
    opening = re.sub(r"^\s*(?:\{% extends [^%]*%\})?\s*", "", path.read_text(encoding="utf-8"))
    assert opening.startswith(("{% comment %}", "{#")), "a partial opens with a comment naming the variables it takes"


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_styles_know_no_left_and_right(path: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    physical = re.findall(
        r"(?:margin|padding|border)-(?:left|right|top|bottom)|(?:text-align|float):\s*(?:left|right)|[;{\s](?:left|right):",
        css,
    )
    assert physical == []
    assert "@import" not in css
    assert "url(" not in css


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_store_nothing_and_run_no_text(path: Path) -> None:
    script = path.read_text()
    for word in ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "eval(", "innerHTML", "outerHTML"):
        assert word not in script


@pytest.mark.parametrize(
    "bad",
    [
        '<p style="width:40%">',
        "<style>p{}</style>",
        "<script>alert(1)</script>",
        '<button onclick="x()">',
        '<a href="javascript:x">',
        '<img src="https://example.org/x.png">',
        "{% for note in case.notes.all %}",
        "{{ notes.count }}",
        "{{ text|safe }}",
        "<title>{{ case.alias }}</title>",
    ],
)
def test_the_lint_sees_a_planted_fault(bad: str) -> None:
    assert faults(bad)


def test_the_lint_sees_unwrapped_words_and_lets_wrapped_ones_pass() -> None:
    assert unwrapped("<p>Hello there</p>") == ["Hello there"]
    assert unwrapped('<nav aria-label="Main">') == ["Main"]
    assert unwrapped('{% load i18n %}<p>{% translate "Hello" %} · {{ name }}</p>') == []
    assert (
        faults('<script type="application/json">{}</script><script src="{% static \'a.js\' %}" defer></script>') == []
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_icon_exists(path: Path) -> None:
    named = re.findall(r"""\{% icon ["']([\w-]+)["']|icon_name=["']([\w-]+)["']""", path.read_text(encoding="utf-8"))
    for one, other in named:
        assert icon(one or other)
