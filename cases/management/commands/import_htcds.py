"""``manage.py import_htcds FILE --as EMAIL --reason TEXT [--team NAME]``: bring in a case sheet from the server."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from audit import clock
from audit.context import audit_context
from casemgmt.access.errors import Refused
from casemgmt.accounts.models import Team, User
from cases import access
from cases.actions import imports
from cases.htcds.errors import SheetRefused
from cases.htcds.findings import BAD, field_label, sentence
from cases.htcds.sheet import read_sheet
from cases.models import ImportBatch, ImportRow
from cases.opening import open_own


class Command(BaseCommand):
    """Brings in a case sheet in the name of a person, as if she had done it on the page; the ledger keeps both."""

    help = "Import an HTCDS case sheet (.xlsx or CSV) for a person, with a reason. Twice creates nothing twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="email", required=True, help="e-mail of the person it is done for")
        parser.add_argument("--reason", required=True, help="why it is done here and not on the page")
        parser.add_argument("--team", default="", help="name of the team; needed where the person has several")

    def handle(self, *, file: Path, email: str, reason: str, team: str, **options: Any) -> None:
        person = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if person is None:
            raise CommandError(_("Nobody with this e-mail address has an account that is active."))
        if not reason.strip():
            raise CommandError(_("Say why in --reason."))
        content = self._content(file)
        language = translation.override(person.language or settings.LANGUAGE_CODE)
        with language, audit_context("command", reason, on_behalf_of=person):
            self._import(person, self._team(person, team), file, content)

    def _content(self, file: Path) -> bytes:
        try:
            if file.stat().st_size > settings.DOCUMENT_MAX_BYTES:
                raise CommandError(_("This file is larger than the limit."))
            return file.read_bytes()
        except OSError:
            raise CommandError(_("This file cannot be read: check the path and its permissions.")) from None

    def _team(self, person: User, name: str) -> Team:
        teams = list(Team.objects.filter(group_id__in=person.team_group_ids()).order_by("name"))
        if name:
            teams = [team for team in teams if team.name.casefold() == name.strip().casefold()]
        if not teams:
            raise CommandError(_("This person is in no such team."))
        if len(teams) > 1:
            raise CommandError(_("This person has several teams. Name one with --team."))
        return teams[0]

    def _import(self, person: User, team: Team, file: Path, content: bytes) -> None:
        """Read, understand, take; what was wrong first, the tally last."""
        try:
            sheet = read_sheet(content)
            batch = imports.begin_import(
                actor=person, now=clock.now(), team=team, file_name=file.name, sheet=sheet, at_once=True
            )
        except SheetRefused as error:
            raise CommandError(str(error)) from None
        except Refused:
            raise CommandError(_("This person may not open cases in this team.")) from None
        for remark in sheet.remarks:
            self.stdout.write(sentence(remark))
        self._tell_rejected(person, batch)
        batch = imports.take_good_rows(actor=person, now=clock.now(), batch_uid=batch.uid, at_once=True)
        while batch.state == ImportBatch.State.TAKING:
            batch = imports.take_rows(actor=person, now=clock.now(), batch_uid=batch.uid)
        counts = imports.tally(person, batch)
        State = ImportRow.State
        self.stdout.write(
            f"{counts[State.TAKEN]} imported, {counts[State.BAD]} rejected, {counts[State.KNOWN]} already known"
        )

    def _tell_rejected(self, person: User, batch: ImportBatch) -> None:
        """Row and column of everything that is wrong, in words, without repeating more of the sheet than needed."""
        rejected = access.own(ImportRow, person, "batch__owner").filter(batch=batch, state=ImportRow.State.BAD)
        with open_own(person):
            for row in rejected.order_by("number").iterator(chunk_size=200):
                for finding in row.findings or []:
                    if finding["level"] == BAD:
                        words = {
                            "row": row.number, "column": finding["column"], "field": field_label(finding["name"]),
                            "sentence": sentence(finding),
                        }  # fmt: skip
                        self.stdout.write(_("Row %(row)s, column %(column)s (%(field)s): %(sentence)s") % words)
        if batch.state == ImportBatch.State.READY and rejected.exists():
            self.stdout.write(_("The rejected rows wait for correction at /import/%(uid)s/.") % {"uid": batch.uid})
