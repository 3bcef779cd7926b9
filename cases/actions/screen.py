"""The page of the list as a sheet: exactly its rows and columns, for colleagues inside the house."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from audit.log import record
from audit.verbs import Verb
from casemgmt.accounts.models import User
from casemgmt.interface.lines import in_a_row
from cases.htcds.export import BYTE_ORDER_MARK, line_writer, safe
from cases.listing import Row
from cases.models import Case

#: What the event calls the format.
SCREEN = "SCREEN"


def sheet_of(*, actor: User, rows: Sequence[Row], with_names: bool, sections: Sequence[str]) -> bytes:
    """The rows of one page as the screen shows them, as CSV no spreadsheet runs. Inside an opening of these cases.

    Changes nothing, so it is no action. Records EXPORT_MADE with count and checksum before a byte leaves.
    """
    writer = line_writer()
    heads = [_("Alias"), _("Case"), _("Tags")]
    heads += [_("Name")] if with_names else []
    heads += [_("Stage"), _("Next"), _("Due"), _("Lead caseworker")]
    lines = [writer.writerow(heads), *(writer.writerow(_cells(row, with_names)) for row in rows)]
    body: bytes = (BYTE_ORDER_MARK + "".join(lines)).encode()
    cases: list[Case] = [row.case for row in rows]
    record(
        Verb.EXPORT_MADE, actor=actor, refs=cases, sections=sorted(sections),
        detail={"count": len(cases), "format": SCREEN, "sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)},
    )  # fmt: skip
    return body


def _cells(row: Row, with_names: bool) -> list[str]:
    cells: list[Any] = [row.alias, row.case.number, in_a_row(row.tags)]
    cells += [row.name] if with_names else []
    cells += [row.shown_stage, row.next_kind, row.next_on.isoformat() if row.next_on else "", row.lead]
    return [safe(str(cell)) for cell in cells]
