"""What forms take and refuse, and how they say so."""

import datetime as dt
from uuid import UUID

import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import SimpleTestCase
from django.utils.datastructures import MultiValueDict

from casemgmt.interface.forms import (
    CodeField,
    DayField,
    HavenForm,
    LineField,
    TextField,
    UploadField,
    clean_text,
    code_choices,
)

KEY = "6f1a2b3c-0d4e-4f56-8a7b-9c0d1e2f3a4b"


class Example(HavenForm):
    alias = LineField(label="Alias")
    story = TextField(label="What happened", required=False)
    born = DayField(label="Born on", required=False, past=True, help_text="If she knows it.")
    work = CodeField([("FARM", "Farm")], label="Work", ask=True)
    file = UploadField(label="File", required=False, max_bytes=10)
    why = {"born": "We ask to know who is a minor."}


def example(**answers: str) -> Example:
    return Example(data={"alias": "River", **answers})


class Text(SimpleTestCase):
    def test_arabic_marks_joiners_and_emoji_stay(self) -> None:
        for text in ("مُحَمَّد", "می‌خواهم", "👩‍👧 ok", "‏שלום"):
            self.assertEqual(clean_text(text), clean_text(clean_text(text)))
            self.assertEqual([c for c in text if c in "‌‍‏"], [c for c in clean_text(text) if c in "‌‍‏"])

    def test_composed_form_is_kept(self) -> None:
        self.assertEqual(clean_text("Jose\u0301"), "José")

    def test_line_ends_are_one_kind(self) -> None:
        self.assertEqual(clean_text("a\r\nb\rc"), "a\nb\nc")
        with self.assertRaises(ValidationError):
            clean_text("a\nb", lines=False)

    def test_nul_and_control_characters_are_refused_beside_the_field(self) -> None:
        for bad in ("a\x00b", "a\x1bb", "a\x7fb", "a\x85b", "a\ud800b"):
            form = example(story=bad)
            self.assertFalse(form.is_valid(), repr(bad))
            self.assertIn("position 2", form.errors["story"][0])
            self.assertNotIn("story", form.cleaned_data)

    def test_a_plain_django_field_is_looked_at_too(self) -> None:
        from django import forms

        class Plain(HavenForm):
            word = forms.CharField()

        self.assertFalse(Plain(data={"word": "a\x1bb"}).is_valid())


class Key(SimpleTestCase):
    def test_new_for_each_rendering_and_kept_when_the_form_comes_back(self) -> None:
        one, two = Example(), Example()
        self.assertNotEqual(one["form_key"].value(), two["form_key"].value())
        self.assertEqual(one["form_key"].value(), one["form_key"].value())
        again = Example(data={"form_key": KEY})
        self.assertFalse(again.is_valid())
        self.assertIn(KEY, str(again["form_key"]))

    def test_key_is_handed_to_the_action(self) -> None:
        form = example(form_key=KEY)
        self.assertTrue(form.is_valid(), form.errors)
        self.assertEqual(form.key, UUID(KEY))
        without = example()
        self.assertTrue(without.is_valid())
        self.assertIsNone(without.key)

    def test_a_broken_key_is_an_error_in_words(self) -> None:
        form = example(form_key="nonsense")
        self.assertFalse(form.is_valid())
        self.assertIn("out of date", form.errors["form_key"][0])


@time_machine.travel(dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC), tick=False)
class Days(SimpleTestCase):
    def test_iso_is_taken_and_the_browser_gets_iso_back(self) -> None:
        form = example(born="2001-02-03")
        self.assertTrue(form.is_valid())
        self.assertEqual(form.cleaned_data["born"], dt.date(2001, 2, 3))
        html = str(Example(initial={"born": dt.date(2001, 2, 3)})["born"])
        self.assertIn('type="date"', html)
        self.assertIn('value="2001-02-03"', html)

    def test_a_birth_in_the_future_and_a_slip_of_the_year(self) -> None:
        self.assertTrue(example(born="2026-11-21").is_valid())
        self.assertIn("not come yet", example(born="2026-11-22").errors["born"][0])
        self.assertIn("before 1900", example(born="0026-01-01").errors["born"][0])
        self.assertIn("year-month-day", example(born="03/02/2001").errors["born"][0])


class Codes(SimpleTestCase):
    def test_left_alone_means_not_asked(self) -> None:
        form = example()
        form.is_valid()
        self.assertEqual(form.cleaned_data["work"], "NOT_ASKED")
        self.assertInHTML('<option value="NOT_ASKED" selected>Not asked yet</option>', str(form["work"]))

    def test_unknown_code_is_refused(self) -> None:
        self.assertIn("in the list", example(work="SHIP").errors["work"][0])

    def test_flavours_follow_the_list_and_are_not_doubled(self) -> None:
        listed = code_choices([("A", "A"), ("UNKNOWN", "Not known")], empty="Choose", declined=True, unknown=True)
        self.assertEqual([code for code, _label in listed], ["", "A", "UNKNOWN", "DECLINED"])


class Files(SimpleTestCase):
    def test_too_large_says_both_sizes(self) -> None:
        files = MultiValueDict({"file": [SimpleUploadedFile("a.pdf", b"x" * 2048)]})
        form = Example(data={"alias": "River"}, files=files)
        self.assertFalse(form.is_valid())
        self.assertIn("2.0\xa0KB", form.errors["file"][0])
        self.assertIn("10\xa0bytes", form.errors["file"][0])


class Drawing(SimpleTestCase):
    def test_help_and_error_are_tied_to_the_control(self) -> None:
        form = example(born="nonsense")
        form.is_valid()
        html = form["born"].as_field_group()
        self.assertInHTML(
            '<input type="date" name="born" value="nonsense" id="id_born" aria-invalid="true" '
            'aria-describedby="id_born_helptext id_born_error">',
            html,
        )
        self.assertIn('id="id_born_helptext"', html)
        self.assertIn('id="id_born_error"', html)
        self.assertIn("We ask to know who is a minor.", html)

    def test_what_was_typed_is_escaped(self) -> None:
        form = Example(data={"alias": "<script>"})
        self.assertNotIn("<script>", form["alias"].as_field_group())

    def test_summary_links_to_each_field(self) -> None:
        form = Example(data={"alias": "", "born": "x"})
        html = Template('{% include "_errors.html" with form=form %}').render(Context({"form": form}))
        self.assertIn("2 answers need another look", html)
        self.assertIn('href="#id_alias"', html)
        self.assertIn('href="#id_born"', html)
        clean = Template('{% include "_errors.html" with form=form %}').render(Context({"form": example()}))
        self.assertEqual(clean.strip(), "")
