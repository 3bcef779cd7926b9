"""``manage.py words``: keep the catalogues in step with the sources, hand out what is untranslated, take translations in."""

import json
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgmt.operations.words import catalogues, compiling, extracting, judging


class Command(BaseCommand):
    """Work on the words of the interface in other languages. Touches no database."""

    help = "Update, check and fill in the catalogues of translations (docs/words.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One of five."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--update", action="store_true", help="bring all catalogues in step with the sources, and compile"
        )
        what.add_argument(
            "--check", action="store_true", help="say what is missing, and fail where a translation is broken"
        )
        what.add_argument(
            "--missing", metavar="LANGUAGE", choices=catalogues.LANGUAGES, help="print what is untranslated, as JSON"
        )
        what.add_argument(
            "--fill", metavar="LANGUAGE", choices=catalogues.LANGUAGES, help="take translations from --file"
        )
        what.add_argument("--compile", action="store_true", help="compile what has changed")
        parser.add_argument(
            "--file", type=Path, help="JSON: [{id, plural?, context?, text}], text a list where there are plurals"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        if options["update"]:
            messages = extracting.extract()
            for language in catalogues.LANGUAGES:
                catalogues.write(language, extracting.updated(language, messages))
            compiling.compile_stale()
            self._count(judging.judge_all())  # what is missing now is about to be translated
        elif options["check"]:
            self._check()
        elif options["missing"]:
            self._print_missing(options["missing"])
        elif options["fill"]:
            self._fill(options["fill"], options["file"])
        else:
            compiling.compile_stale()

    def _check(self) -> None:
        """What is counted, what is missing where nothing may be. Raises CommandError."""
        verdicts = judging.judge_all()
        self._count(verdicts)
        for verdict in verdicts:
            if judging.COMPLETE:
                for message in verdict.missing:
                    self.stdout.write(
                        f"{verdict.language}: “{message.singular}” is not translated ({message.places[0]})"
                    )
        if not all(verdict.holds for verdict in verdicts):
            raise CommandError("The catalogues are not in order: docs/words.md says how to mend them.")

    def _count(self, verdicts: list[judging.Verdict]) -> None:
        """One line a language, then what is broken."""
        for verdict in verdicts:
            self.stdout.write(
                f"{verdict.language}: {verdict.translated} translated, {len(verdict.missing)} missing, "
                f"{len(verdict.broken)} broken"
            )
        for line in (line for verdict in verdicts for line in verdict.broken):
            self.stdout.write(line)

    def _print_missing(self, language: str) -> None:
        missing = judging.judge(language, extracting.extract()).missing
        rows = [
            {
                "id": message.singular,
                **({"plural": message.plural} if message.plural else {}),
                **({"context": message.context} if message.context else {}),
                "where": message.places[:2],
            }
            for message in sorted(missing, key=lambda one: (one.places[0], one.singular))
        ]
        self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))

    def _fill(self, language: str, file: Path | None) -> None:
        """Take in what holds; name what does not, and leave that untranslated."""
        if file is None:
            raise CommandError("Which file? --file translations.json")
        messages = extracting.extract()
        catalogue: Catalog = extracting.updated(language, messages)
        refused = 0
        for row in json.loads(file.read_text(encoding="utf-8")):
            message = messages.get((row.get("context", ""), row["id"]))
            if message is None:
                self.stdout.write(f"not said anywhere (any more): “{row['id']}”")
                refused += 1
                continue
            text = tuple(row["text"]) if isinstance(row["text"], list) else row["text"]
            faults = list(judging.faults_of(language, message, text)) if text and all(text) else ["is empty"]
            if faults:
                self.stdout.write(f"“{row['id']}” {'; '.join(faults)}")
                refused += 1
                continue
            entry = catalogue.get(message.singular, message.context or None)
            assert entry is not None  # it was put there above, from the same messages
            entry.string = text
            entry.flags.discard("fuzzy")
        catalogues.write(language, catalogue)
        compiling.compile_stale()
        verdict = judging.judge(language, messages)
        self.stdout.write(
            f"{language}: {verdict.translated} translated, {len(verdict.missing)} missing, {refused} refused"
        )
