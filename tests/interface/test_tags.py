"""Dates in words, icons, keys: what ``{% load haven %}`` gives."""

import datetime as dt
import re
from uuid import UUID
from zoneinfo import ZoneInfo

import time_machine
from django.template import Context, Template
from django.test import SimpleTestCase
from django.utils import timezone, translation

MOMENT = dt.datetime(2026, 11, 21, 9, 15, tzinfo=dt.UTC)


def drawn(source: str, **context: object) -> str:
    return Template("{% load haven %}" + source).render(Context(context))


@time_machine.travel(MOMENT, tick=False)
class DatesInWords(SimpleTestCase):
    def test_countdown(self) -> None:
        today = dt.date(2026, 11, 21)
        for days, words in (
            (34, "34 days left"),
            (1, "1 day left"),
            (0, "due today"),
            (-1, "1 day overdue"),
            (-3, "3 days overdue"),
        ):
            self.assertEqual(drawn("{% days_left day %}", day=today + dt.timedelta(days=days)), words)
        self.assertEqual(drawn("{% days_left day %}", day=None), "")

    def test_tone_follows_the_countdown(self) -> None:
        today = dt.date(2026, 11, 21)
        for days, tone in ((-1, "bad"), (0, "warn"), (7, "warn"), (8, "")):
            self.assertEqual(drawn("{% due_tone day %}", day=today + dt.timedelta(days=days)), tone)

    def test_today_is_the_readers_own_day(self) -> None:
        with timezone.override(ZoneInfo("Pacific/Kiritimati")):  # already tomorrow there
            self.assertEqual(drawn("{% days_left day %}", day=dt.date(2026, 11, 22)), "1 day left")
        noon = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
        with time_machine.travel(noon, tick=False), timezone.override(ZoneInfo("Pacific/Kiritimati")):
            self.assertEqual(drawn("{% days_left day %}", day=dt.date(2026, 11, 22)), "due today")

    def test_day_and_moment_stand_in_time_elements(self) -> None:
        self.assertEqual(
            drawn("{{ d|local_date }}", d=dt.date(2026, 12, 3)), '<time datetime="2026-12-03">3 December 2026</time>'
        )
        with timezone.override(ZoneInfo("Europe/Berlin")):
            self.assertEqual(
                drawn("{{ d|local_datetime }}", d=MOMENT),
                '<time datetime="2026-11-21T10:15:00+01:00">21 Nov 2026, 10:15</time>',
            )
        self.assertEqual(drawn("{{ d|local_date }}{{ d|local_datetime }}{{ d|local_when }}", d=None), "")

    def test_near_moments_are_said_as_people_say_them(self) -> None:
        self.assertIn(">Today, 09:15<", drawn("{{ d|local_when }}", d=MOMENT))
        self.assertIn(">Yesterday, 09:15<", drawn("{{ d|local_when }}", d=MOMENT - dt.timedelta(days=1)))
        self.assertIn(">19 Nov 2026, 09:15<", drawn("{{ d|local_when }}", d=MOMENT - dt.timedelta(days=2)))


class Marks(SimpleTestCase):
    def test_icon_is_for_the_eye_only_and_has_no_inline_style(self) -> None:
        svg = drawn('{% icon "lock" 14 %}')
        self.assertIn('class="i"', svg)
        self.assertIn('aria-hidden="true"', svg)
        self.assertIn('width="14"', svg)
        self.assertNotIn("style", svg)

    def test_only_icons_along_the_line_of_reading_turn_around(self) -> None:
        self.assertIn("flip", drawn('{% icon "chevron-right" %}'))
        self.assertNotIn("flip", drawn('{% icon "phone" %}'))

    def test_form_key_is_new_each_time(self) -> None:
        keys = re.findall(r'value="([^"]+)"', drawn("{% form_key %}{% form_key %}"))
        self.assertEqual(len({UUID(key) for key in keys}), 2)

    def test_visible_to_names_people_and_escapes(self) -> None:
        self.assertIn("Visible to: Care team", drawn('{% visible_to "Care team" %}'))
        listed = drawn("{% visible_to names True %}", names=["Legal", "<b>"])
        self.assertIn("Visible to: Legal, &lt;b&gt;", listed)
        self.assertIn("info", listed)


class ThingsOfAList(SimpleTestCase):
    def test_they_stand_as_the_readers_script_writes_them_and_escaped(self) -> None:
        by_hand = "{% for one in things %}{{ one }}{% if not forloop.last %}{% comma %}{% endif %}{% endfor %}"
        source = "{{ things|in_a_row }}; " + by_hand
        for language, between in (("en", ", "), ("ar", "، ")):
            line = f"Tea{between}&lt;b&gt;"
            with translation.override(language):
                self.assertEqual(drawn(source, things=["Tea", "<b>"]), f"{line}; {line}")
