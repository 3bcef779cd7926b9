"""Catalogues: every message is found as Django asks for it, nothing broken gets in, and what lies there holds."""

import json
import os
import re
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from django.core.management import CommandError, call_command
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import trans_real

from casemgmt.operations.words import catalogues, compiling, extracting, judging
from casemgmt.operations.words.extracting import Message

pytestmark = pytest.mark.once

#: Every way in which a template can ask for words.
SAMPLE = """{% load i18n %}
   {% translate "Plain" %} {% translate "50% off" %} {% translate "Kept" as kept %}{{ kept }}
 {% translate "May" context "month" %} {{ _("In a variable") }} {{ nothing|default:_("In a filter") }}
  {% if x %}
{% blocktranslate trimmed with who=name %}
    {{ who }} opened
    it, 100% sure
{% endblocktranslate %}
      {% endif %}{% blocktranslate %} Not trimmed
 {{ name }} {% endblocktranslate %}
{% blocktranslate trimmed count n=two %}{{ n }} file{% plural %}{{ n }} files{% endblocktranslate %}
{% blocktranslate trimmed count n=two context "paper" %}one{% plural %}many{% endblocktranslate %}
{% blocktranslate trimmed asvar told with who=name %}Told {{ who }}{% endblocktranslate %}{{ told }}
"""


@pytest.fixture
def upside_down(tmp_path, monkeypatch, settings):
    """Spanish in which every message of the sample is itself in brackets."""
    catalogue = catalogues.empty("es")
    for message in extracting.messages_of_text(SAMPLE, is_template=True):
        words = f"[{message.plural or message.singular}]"
        catalogue.add(message.id, (words, words) if message.plural else words, context=message.context or None)
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue)
    settings.LOCALE_PATHS = [tmp_path]
    monkeypatch.setattr(trans_real, "_translations", {})
    yield
    trans_real._translations = {}


def test_django_finds_every_message_of_a_template(upside_down):
    with translation.override("es"):
        page = Template(SAMPLE).render(Context({"name": "Rosa", "x": True, "two": 2}))
    words = re.sub(r"\s+", " ", page).strip()
    assert words == (
        "[Plain] [50% off] [Kept] [May] [In a variable] [In a filter] "
        "[Rosa opened it, 100% sure] [ Not trimmed Rosa ] [2 files] [many] [Told Rosa]"
    )


def test_no_template_escapes_a_quote():
    """Django's own extraction keeps the backslash, the tag does not: such a message would never be found."""
    assert [one.singular for one in extracting.extract().values() if "\\" in one.singular] == []


def test_python_is_read_with_all_functions():
    text = (
        "_('a'); _now('b'); gettext_lazy('c' \n 'd'); pgettext('month', 'May'); ngettext('one', 'many', n)\n"
        "gettext_noop('e'); ngettext_lazy('%(n)s x', '%(n)s xs', 'n'); gettext(variable); npgettext('p', 'q', 'qs', n)\n"
    )
    found = [(one.context, one.singular, one.plural) for one in extracting.messages_of_text(text, is_template=False)]
    assert found == [
        ("", "a", ""), ("", "b", ""), ("", "cd", ""), ("month", "May", ""), ("", "one", "many"), ("", "e", ""),
        ("", "%(n)s x", "%(n)s xs"), ("p", "q", "qs"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "message", "string", "said"),
    [
        ("es", Message("Hello %(name)s"), "Hola", "differs in %(name)s"),
        ("es", Message("Hello {name}"), "Hola {nombre}", "differs in {name}, {nombre}"),
        ("es", Message("<strong>No</strong>"), "<strong>No<strong>", "differs in"),
        ("es", Message("100%% sure"), "100 % segura", "differs in %%"),
        ("es", Message("Line\n"), "Línea", "another space or line"),
        ("es", Message("%(n)s day", "%(n)s days"), ("%(n)s día", ""), "lacks plural forms: there are 2"),
        ("es", Message("%(n)s day", "%(n)s days"), "%(n)s días", "lacks plural forms"),
        ("es", Message("%(n)s day", "%(n)s days"), ("un día", "días"), "differs in %(n)s"),
        ("fr", Message("%(n)s day", "%(n)s days"), ("un jour", "%(n)s jours"), "differs in %(n)s"),
        ("ar", Message("%(n)s day", "%(n)s days"), ("%(n)s",) * 5, "there are 6"),
        ("ar", Message("%(n)s day", "%(n)s days"), ("لا", "يوم", "يومان", "أيام", "%(n)s يومًا", "%(n)s يوم"), "differs in %(n)s"),
        ("ar", Message("%(n)s day", "%(n)s days"), ("%(m)s", "يوم", "يومان", "%(n)s", "%(n)s", "%(n)s"), "form 0 holds %(m)s"),
    ],
)  # fmt: skip
def test_broken_translations_are_named(language, message, string, said):
    faults = list(judging.faults_of(language, message, string))
    assert faults and said in faults[0]


@pytest.mark.parametrize(
    ("language", "message", "string"),
    [
        ("es", Message("Hello %(name)s, %(n)s"), "%(n)s, hola %(name)s"),
        ("es", Message("%(n)s day", "%(n)s days"), ("un día", "%(n)s días")),
        ("fr", Message("one day", "%(n)s days"), ("%(n)s jour", "%(n)s jours")),
        ("ar", Message("%(n)s day", "%(n)s days"), ("لا", "يوم", "يومان", "%(n)s أيام", "%(n)s يومًا", "%(n)s يوم")),
    ],
)
def test_good_translations_pass(language, message, string):
    assert list(judging.faults_of(language, message, string)) == []


def test_catalogues_that_lie_here_hold():
    for verdict in judging.judge_all():
        assert verdict.broken == []
        assert not judging.COMPLETE or not verdict.missing, verdict.language


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_files_are_as_the_program_writes_them(language):
    """Sorted, unwrapped, without times or places: else two translators' work would collide."""
    text = catalogues.path_of(language).read_text(encoding="utf-8")
    assert text == catalogues.text_of(language, catalogues.read(language))
    assert "\n#:" not in text and "POT-Creation-Date" not in text and "Last-Translator" not in text


@pytest.fixture
def own_folder(tmp_path, monkeypatch) -> Path:
    """Catalogues of this test alone, with two messages."""
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    messages = [Message("Close", places=["a.py"]), Message("%(n)s day", "%(n)s days", places=["b.html"])]
    monkeypatch.setattr(extracting, "extract", lambda: {one.key: one for one in messages})
    monkeypatch.setattr(judging, "extract", extracting.extract)
    return tmp_path


def filled(own_folder: Path, rows: list[dict]) -> None:
    """Hand translations in."""
    file = own_folder / "rows.json"
    file.write_text(json.dumps(rows))
    call_command("words", fill="es", file=file)


def test_filling_takes_what_holds_and_names_the_rest(own_folder, capsys):
    filled(
        own_folder,
        [{"id": "Close", "text": "Cerrar"}, {"id": "%(n)s day", "text": ["un día", "días"]}, {"id": "x", "text": "y"}],
    )
    said = capsys.readouterr().out
    assert "1 translated, 1 missing, 2 refused" in said and "differs in %(n)s" in said
    assert catalogues.read("es").get("Close").string == "Cerrar"
    assert catalogues.path_of("es").with_suffix(".mo").exists()


def test_check_fails_on_what_is_broken_and_says_what_is_missing(own_folder, monkeypatch, capsys):
    filled(own_folder, [{"id": "Close", "text": "Cerrar"}])
    with pytest.raises(CommandError):
        call_command("words", check=True)
    said = capsys.readouterr().out
    assert "es: 1 translated, 1 missing, 0 broken" in said and "es: “%(n)s day” is not translated (b.html)" in said

    monkeypatch.setattr(judging, "COMPLETE", False)
    call_command("words", check=True)

    path = catalogues.path_of("es")
    whole = path.read_text()
    path.write_text(whole.replace("Cerrar", "Cerrar %(x)s"))
    with pytest.raises(CommandError):
        call_command("words", check=True)
    path.write_text(whole.replace('msgid "Close"', '#, fuzzy\nmsgid "Close"'))
    with pytest.raises(CommandError):
        call_command("words", check=True)
    assert "somebody was not sure" in capsys.readouterr().out


def test_update_keeps_translations_and_drops_what_is_no_longer_said(own_folder):
    filled(own_folder, [{"id": "Close", "text": "Cerrar"}])
    path = catalogues.path_of("es")
    before = path.read_text()
    path.write_text(before + '\nmsgid "Old"\nmsgstr "Viejo"\n')
    call_command("words", update=True)
    assert path.read_text() == before


def test_compiled_anew_only_where_the_catalogue_is_newer(own_folder):
    filled(own_folder, [{"id": "Close", "text": "Cerrar"}])
    assert compiling.compile_stale() == []
    source = catalogues.path_of("es")
    later = source.with_suffix(".mo").stat().st_mtime_ns + 1_000_000_000
    os.utime(source, ns=(later, later))
    assert compiling.compile_stale() == ["es"]
