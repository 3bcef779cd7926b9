"""The shell around every page, the shop window's own addresses, and the pages that say no."""

import json
import re
from pathlib import Path
from unittest import mock

from django.shortcuts import render
from django.test import SimpleTestCase, override_settings

from casemgmt.interface import context, navigation, views

from .stub import Nobody, Visitor, request

ERRORS = sorted(
    path.name
    for path in (Path(__file__).resolve().parents[2] / "templates" / "errors").glob("*.html")
    if not path.name.startswith("_")
)


def page(**kwargs: object) -> str:
    return render(request("/ui/", **kwargs), "base.html").content.decode()


class Theme(SimpleTestCase):
    def test_choice_is_kept_in_a_cookie_and_read_by_the_server(self) -> None:
        answer = views.theme(request("/theme/", method="post", data={"theme": "dark", "next": "/day/"}))
        self.assertEqual((answer.status_code, answer["Location"]), (302, "/day/"))
        cookie = answer.cookies[context.THEME_COOKIE]
        self.assertEqual((cookie.value, cookie["httponly"], cookie["samesite"]), ("dark", True, "Lax"))
        asked = request("/")
        asked.COOKIES[context.THEME_COOKIE] = "dark"
        self.assertEqual(context.shell(asked)["theme"], "dark")
        self.assertEqual(context.shell(asked)["other_theme"], "light")

    def test_nonsense_is_not_kept(self) -> None:
        answer = views.theme(request("/theme/", method="post", data={"theme": '"><script>'}))
        self.assertEqual(answer.cookies[context.THEME_COOKIE].value, "")
        asked = request("/")
        asked.COOKIES[context.THEME_COOKIE] = '"><script>'
        self.assertEqual(context.theme_of(asked), "")

    def test_never_to_another_host(self) -> None:
        for target in ("https://example.org/", "//example.org/", "javascript:alert(1)"):
            for view in (views.theme, views.language):
                self.assertEqual(view(request("/", method="post", data={"next": target}))["Location"], "/")

    def test_post_only(self) -> None:
        self.assertEqual(views.theme(request("/theme/")).status_code, 405)
        self.assertEqual(views.language(request("/language/")).status_code, 405)


class Language(SimpleTestCase):
    def test_a_language_of_ours_is_kept_another_is_not(self) -> None:
        kept = views.language(request("/language/", method="post", data={"language": "ar"}))
        self.assertEqual(kept.cookies["django_language"].value, "ar")
        refused = views.language(request("/language/", method="post", data={"language": "xx"}))
        self.assertNotIn("django_language", refused.cookies)

    def test_direction_follows_the_language(self) -> None:
        with mock.patch("casemgmt.interface.context.get_language_bidi", return_value=True):
            self.assertEqual(context.direction_of(request("/")), "rtl")

    def test_a_page_is_turned_around_by_hand_in_the_demo_only(self) -> None:
        with override_settings(HAVEN_DEMO=True):
            self.assertEqual(context.direction_of(request("/?dir=rtl")), "rtl")
        with override_settings(HAVEN_DEMO=False):
            self.assertEqual(context.direction_of(request("/?dir=rtl")), "ltr")


class Stay(SimpleTestCase):
    def test_says_who_and_gives_a_token_and_is_not_kept(self) -> None:
        answer = views.stay(request("/stay/"))
        told = json.loads(answer.content)
        self.assertEqual(told["who"], str(Visitor().uid))
        self.assertTrue(told["token"])
        self.assertIn("no-store", answer["Cache-Control"])


class Navigation(SimpleTestCase):
    def test_by_role_and_only_what_exists(self) -> None:
        known = {"day": "/day/", "cases": "/cases/", "people": "/people/", "team": "/team/"}

        def address(name: str) -> str:
            if name in known:
                return known[name]
            raise navigation.NoReverseMatch

        with mock.patch("casemgmt.interface.navigation.reverse", address):
            shown = navigation.items_for(request("/cases/import/"))
            self.assertEqual([str(item.label) for item in shown], ["Today", "Cases"])
            self.assertEqual([item.is_current for item in shown], [False, True])
            keeper = navigation.items_for(request("/", user=Visitor(roles={"ADMINISTRATOR"})))
            self.assertEqual([str(item.label) for item in keeper], ["People"])
            self.assertEqual(navigation.items_for(request("/", user=Nobody())), [])

    def test_the_room_of_auditors_is_current_on_its_pages_elsewhere(self) -> None:
        auditor = Visitor(roles={"INTERNAL_AUDITOR"})
        for path, current in (
            ("/audit/", "Audit"), ("/reports/controls/", "Audit"), ("/reports/access-reviews/", "Audit"), ("/ui/", ""),
        ):  # fmt: skip
            known = {"auditor-home": "/audit/", "small-house": "/keeping-roles-apart/"}
            with mock.patch("casemgmt.interface.navigation.reverse", known.__getitem__):
                mine = [item for item in navigation.ITEMS if item.url_name in known]
                shown = navigation.items_for(request(path, user=auditor), mine)
            self.assertEqual("".join(str(item.label) for item in shown if item.is_current), current, path)

    def test_roles_are_those_of_reception(self) -> None:
        from casemgmt.accounts.choices import Role

        named = set().union(*(item.roles for item in navigation.ITEMS))
        self.assertLessEqual(named, set(Role.values))


class Shell(SimpleTestCase):
    def test_signed_in_page_has_the_way_to_hide(self) -> None:
        html = page()
        self.assertIn("Hide screen", html)
        self.assertIn('href="#main"', html)
        self.assertIn('<main id="main"', html)
        self.assertIn("Amina Kovač", html)

    def test_signed_out_page_knows_nobody(self) -> None:
        html = page(user=Nobody())
        self.assertNotIn("Hide screen", html)
        self.assertNotIn("data-who", html)

    def test_demo_says_so_on_every_page(self) -> None:
        with override_settings(HAVEN_DEMO=True):
            self.assertIn("fictional people only", page())
        with override_settings(HAVEN_DEMO=False):
            self.assertNotIn("fictional people only", page())

    def test_all_components_are_drawn(self) -> None:
        html = views.components(request("/ui/")).content.decode()
        for part in ("errsum", "duelist", 'class="tl"', "versus", "print-head", 'class="tabs"', "Why we ask", "steps"):
            self.assertIn(part, html)


class SayingNo(SimpleTestCase):
    def test_every_error_page_says_what_happened_and_what_to_do(self) -> None:
        self.assertEqual(len(ERRORS), 12)
        for name in ERRORS:
            html = render(request("/cases/x/"), f"errors/{name}").content.decode()
            self.assertEqual(html.count("<h1"), 1, name)
            self.assertGreaterEqual(len(re.findall(r"<p>[^<]+\.</p>", html)), 2, name)
            self.assertIn('href="/"', html)

    def test_error_pages_hold_no_token_nobody_and_no_address(self) -> None:
        """So that "does not exist" and "not yours" are the same bytes, and a dead database can still be told of."""
        for name in ERRORS:
            one = render(request("/cases/1/"), f"errors/{name}").content
            two = render(request("/cases/2/", user=Nobody()), f"errors/{name}").content
            self.assertEqual(one, two, name)
            self.assertNotIn(b"csrfmiddlewaretoken", one)

    def test_error_pages_ask_the_person_nothing(self) -> None:
        class Untouchable:
            def __getattr__(self, name: str) -> object:
                raise AssertionError(f"asked for {name}")

        for name in ERRORS:
            render(request("/", user=Untouchable()), f"errors/{name}")
