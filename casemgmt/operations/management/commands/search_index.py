"""``manage.py search_index``: what the search indexes are, tell and cost; filling them, new keys, taking them down."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit.context import audit_context
from audit.log import record
from audit.verbs import Verb
from cases import search_index, search_plan
from cases.actions import indexing
from cases.choices.search import IndexName

HEAD = ("index", "bits", "rows", "values", "candidates", "identifiable", "without", "recommended")


class Command(BaseCommand):
    """Look after the blind indexes of the search."""

    help = (
        "status: what there is. plan: what a stolen index would tell, on the real names, and how many bits to choose. "
        "fill: build the indexes while people work. rotate: new keys, old tokens and keys destroyed. drop: take down."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["status", "plan", "fill", "rotate", "drop"])
        parser.add_argument("--reason", default="", help="why, for the ledger; required for fill, rotate and drop")
        parser.add_argument("--bits", action="append", default=[], metavar="INDEX=BITS", help="for example NAME=14")
        parser.add_argument("--json", action="store_true", help="for plan and status: as JSON")

    def handle(self, *args: Any, what: str, reason: str, bits: list[str], **options: Any) -> None:
        """Do one thing. Each is safe to interrupt and to ask again."""
        if what in ("fill", "rotate", "drop") and not reason.strip():
            raise CommandError("Say why with --reason. It goes into the ledger.")
        chosen = self._bits(bits)
        if chosen and what not in ("fill", "rotate"):
            raise CommandError("--bits goes with fill and rotate.")
        if what == "status":
            self._status(options["json"])
            return
        with audit_context("command", reason.strip() or "What the search indexes would tell."):
            if what == "plan":
                self._plan(options["json"])
            elif what == "fill":
                self._fill(reason, chosen)
            elif what == "rotate":
                epoch = indexing.rotate(reason=reason, bits=chosen, say=self._say)
                self.stdout.write(f"Epoch {epoch} is in use. Older tokens and their keys are destroyed.")
            else:
                indexing.drop(reason=reason)
                self.stdout.write("The search indexes are down. Searches compare in memory.")
                if search_index.is_wanted():
                    self.stdout.write(
                        f"CASE_SEARCH is {settings.CASE_SEARCH}: the worker will build them again. Set it to scan first."
                    )

    def _fill(self, reason: str, bits: dict[str, int]) -> None:
        standing = {one.index: one.bits for one in search_index.states()}
        changed = [name for name, number in bits.items() if standing.get(name, number) != number]
        if changed:
            raise CommandError(f"{', '.join(changed)} is there with other bits. Change them with rotate --bits.")
        indexing.fill(reason=reason, bits=bits, say=self._say)
        self.stdout.write("The indexes are ready.")
        if not search_index.ready():
            self.stdout.write(f"CASE_SEARCH is {settings.CASE_SEARCH}: searches still compare in memory.")

    def _say(self, done: int, total: int) -> None:
        self.stdout.write(f"{done} of {total} cases …")

    def _status(self, as_json: bool) -> None:
        rows = [
            {"index": one.index, "epoch": one.epoch, "bits": one.bits, "state": one.state, "ready_at": one.ready_at}
            for one in search_index.states()
        ]
        done, total = indexing.progress()
        told = {"setting": settings.CASE_SEARCH, "answers": "index" if search_index.ready() else "scan",
                "filled": done, "cases": total, "indexes": rows}  # fmt: skip
        if as_json:
            self.stdout.write(json.dumps(told, default=str))
            return
        self.stdout.write(f"CASE_SEARCH={told['setting']}: questions are answered by {told['answers']}.")
        self.stdout.write(f"{done} of {total} cases are in the indexes." if rows else "There are no indexes.")
        for row in rows:
            self.stdout.write(f"{row['index']:<12} epoch {row['epoch']}  {row['bits']} bits  {row['state']}")

    def _plan(self, as_json: bool) -> None:
        leaks = search_plan.measure()
        for leak in leaks:
            detail = {"index": leak.index, "bits": leak.recommended, "count": leak.rows}
            record(Verb.INDEX_PLANNED, actor=None, detail=detail)
        if as_json:
            self.stdout.write(json.dumps([asdict(leak) for leak in leaks]))
            return
        rows = [
            (
                leak.index, str(leak.bits), str(leak.rows), str(leak.distinct), f"{leak.candidates:.1f}",
                f"{leak.identifiable:.2%}", f"{leak.unindexed:.1%}", str(leak.recommended or "do not index"),
            )
            for leak in leaks
        ]  # fmt: skip
        widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
        for row in (HEAD, *rows):
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        self.stdout.write(
            "\ncandidates: cases opened for a question that fits somebody. identifiable: rows whose token stands out by "
            "its count.\nwithout: cases that this index cannot find. Change bits with: search_index rotate --bits NAME=14"
        )

    def _bits(self, said: list[str]) -> dict[str, int]:
        chosen = {}
        for one in said:
            name, _, number = one.partition("=")
            if name not in IndexName.values or name in search_index.MATCHING:
                raise CommandError(f"{name} is none of {', '.join(search_index.SEARCHED)}.")
            if not number.isascii() or not number.isdigit() or not 4 <= int(number) <= 20:
                raise CommandError("Bits are a number from 4 to 20, for example NAME=14.")
            chosen[name] = int(number)
        return chosen
