"""Written readably, served tightly: nothing may be lost on the way."""

import gzip
import re
from pathlib import Path

import brotli
from django.contrib.staticfiles import finders
from django.test import SimpleTestCase, override_settings

from casemgmt.interface.finders import JOINED, PARTS, JoinedFilesFinder, join, tighten


class JoinedFiles(SimpleTestCase):
    def test_django_finds_them(self) -> None:
        for path in JOINED:
            found = finders.find(path)
            self.assertTrue(found, path)
            self.assertEqual(Path(str(found)).read_text(), join(JOINED[path]))

    def test_no_rule_is_lost(self) -> None:
        tight = join(JOINED["haven/haven.css"])
        for part in JOINED["haven/haven.css"]:
            readable = re.sub(r"/\*.*?\*/", "", (PARTS / part).read_text(), flags=re.DOTALL)
            for selector in re.findall(r"^\s*([.\w:\[][^{}@;]*?)\s*\{", readable, flags=re.MULTILINE):
                self.assertIn(re.sub(r",\s+", ",", selector), tight, part)
        self.assertEqual(tight.count("{"), tight.count("}"))
        self.assertIn(":lang(ar)", tight)
        self.assertIn("(prefers-color-scheme:dark)", tight)

    def test_scripts_keep_their_lines(self) -> None:
        tight = join(["app.js"])
        self.assertNotIn("/*", tight)
        self.assertIn('"use strict";', tight)
        self.assertNotIn("//", (PARTS / "app.js").read_text().replace("://", ""), "line comments would not be dropped")

    def test_no_comment_mark_inside_a_string(self) -> None:
        for name in ("app.js", "drafts.js", "uploads.js"):
            for line in (PARTS / name).read_text().splitlines():
                self.assertNotRegex(line, r"[\"'][^\"']*/\*[^\"']*[\"']")
        self.assertEqual(tighten("a\n  /* x\n y */\n  b\n"), "a\nb\n")

    def test_compressed_twins_are_offered_where_they_are_served(self) -> None:
        with override_settings(WHITENOISE_USE_FINDERS=True):
            finder = JoinedFilesFinder()
            offered = [path for path, _storage in finder.list(None)]
        self.assertIn("haven/haven.css.br", offered)
        plain = Path(finder.storage.path("haven/haven.css")).read_bytes()
        self.assertEqual(brotli.decompress(Path(finder.storage.path("haven/haven.css.br")).read_bytes()), plain)
        self.assertEqual(gzip.decompress(Path(finder.storage.path("haven/haven.css.gz")).read_bytes()), plain)
        with override_settings(WHITENOISE_USE_FINDERS=False):
            self.assertNotIn("haven/haven.css.br", [path for path, _storage in JoinedFilesFinder().list(None)])

    def test_first_load_stays_light(self) -> None:
        """Styles and script together, uncompressed and on the wire: part of the 40 KB of a page's first load."""
        plain = {path: join(parts).encode() for path, parts in JOINED.items() if path.count("-") == 0}
        self.assertLess(sum(map(len, plain.values())), 33_000)
        self.assertLess(sum(len(gzip.compress(body, 9)) for body in plain.values()), 9_000)
