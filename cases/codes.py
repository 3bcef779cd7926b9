"""Code lists as forms and pages use them: what is shipped, with what this house changed or added (domain.md R24).

Rules know shipped codes only. An own code names the one that it ``counts_as``; ``base`` answers it, and rules, units and
exports go by it, so that no administrator can write a code of which Haven does not know what it means. Rows are kept in
the memory of the process (``casemgmt.accounts.configured``): a page with a thousand codes asks for them once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language

from casemgmt.accounts import configured
from cases import access
from cases.choices.casework import ClosureReason
from cases.choices.configuration import CROSSWALKS, ListName
from cases.choices.documents import DocumentCategory
from cases.choices.notes import NoteType
from cases.choices.safety import IncidentKind
from cases.models import CodeRow

Words = str | Promise
#: As ``cases.models.CodeRow``: a longer one would tell by its length which code it is, beside the shipped ones.
LONGEST_CODE = 24
#: Between two shipped rows there is room for rows of one's own.
STEP = 10


@dataclass(frozen=True)
class CodeList:
    """One list. ``fixed``: rules ask for these, so they cannot be ended. ``unasked``: forms never offer them."""

    name: str
    choices: type[TextChoices]
    takes_own: bool = True
    fixed: frozenset[str] = frozenset()
    unasked: frozenset[str] = frozenset()
    #: Crosswalks that are shipped: code → system → code there.
    shipped: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What it is about."""
        return str(ListName(self.name).label)


@dataclass(frozen=True)
class Row:
    """A row as it stands, its ``label`` in the language of the page; ``row`` where something of it is stored."""

    code: str
    label: str
    counts_as: str = ""
    active_from: date | None = None
    active_to: date | None = None
    sort: int = 0
    crosswalks: Mapping[str, str] = field(default_factory=dict)
    row: CodeRow | None = None

    @property
    def is_own(self) -> bool:
        """Whether this house added it."""
        return bool(self.counts_as)

    def stands(self, on: date) -> bool:
        """Whether forms offer it on that day."""
        return (self.active_from is None or self.active_from <= on) and (self.active_to is None or on <= self.active_to)


_LISTS: dict[str, CodeList] = {}


def register(*lists: CodeList) -> None:
    """For a room that has code lists."""
    _LISTS.update({one.name: one for one in lists})


register(
    CodeList(
        ListName.CLOSURE_REASON, ClosureReason,
        fixed=frozenset({
            ClosureReason.LOST_CONTACT, ClosureReason.DECEASED, ClosureReason.DUPLICATE, ClosureReason.TRANSFERRED,
            ClosureReason.OTHER, ClosureReason.IMPORT_UNDONE,
        }),
        unasked=frozenset({ClosureReason.IMPORT_UNDONE}),
    ),
    CodeList(
        ListName.NOTE_TYPE, NoteType, fixed=frozenset({NoteType.CASE_CONFERENCE}),
        unasked=frozenset({NoteType.CASE_CONFERENCE}),
    ),
    # Its kind decides where a file may lie and whether it is previewed: words, order and dates, but no own rows.
    CodeList(
        ListName.DOCUMENT_CATEGORY, DocumentCategory, takes_own=False,
        fixed=frozenset({
            DocumentCategory.EVIDENCE, DocumentCategory.CONSENT, DocumentCategory.CORRESPONDENCE, DocumentCategory.OTHER,
        }),
    ),
    # Some kinds call whoever is on duty.
    CodeList(ListName.INCIDENT_KIND, IncidentKind, takes_own=False, fixed=frozenset(IncidentKind.values)),
)  # fmt: skip


def lists() -> list[CodeList]:
    """Every list, in the order of ``ListName``."""
    return [_LISTS[name] for name in ListName.values if name in _LISTS]


def the_list(name: str) -> CodeList | None:
    """The list of this name, or None."""
    return _LISTS.get(name)


# ---- What is stored, kept by the process ----


def _read() -> dict[tuple[str, str], CodeRow]:
    return {(row.list_name, row.code): row for row in access.for_the_house(CodeRow).order_by("pk")}


def _nothing() -> dict[tuple[str, str], CodeRow]:
    return {}


_ROWS = configured.Kept(_read, _nothing)


def forget() -> None:
    """A row was changed."""
    _ROWS.forget()


# ---- What pages and rules ask ----


def rows_of(name: str) -> list[Row]:
    """Every row of a list as it stands, ended ones too, in its order."""
    known = _LISTS[name]
    stored = {code: row for (of, code), row in _ROWS.now().items() if of == name}
    rows = [_row(known, code, place * STEP, stored.get(code)) for place, code in enumerate(known.choices.values, 1)]
    rows += [_row(known, code, 0, row) for code, row in stored.items() if row.counts_as]
    return sorted(rows, key=lambda row: (row.sort, row.label))


def _row(known: CodeList, code: str, usual: int, row: CodeRow | None) -> Row:
    shipped = known.shipped.get(base(known.name, code), {})
    own = {system: getattr(row, system) for system in CROSSWALKS} if row else {}
    if usual == 0 and row is not None and row.sort is None:
        # An own row without a place stands behind the one that it counts as.
        usual = known.choices.values.index(row.counts_as) * STEP + STEP + 1
    return Row(
        code, label(known.name, code), row.counts_as if row else "", row.active_from if row else None,
        row.active_to if row else None, row.sort if row and row.sort is not None else usual,
        {system: own.get(system) or shipped.get(system, "") for system in CROSSWALKS}, row,
    )  # fmt: skip


def label(name: str, code: str) -> str:
    """The words of a code in the language of the page: as this house translated it, as it called it, as it is shipped.

    A code that nobody knows (any more) is shown as it is.
    """
    row = _ROWS.now().get((name, code))
    language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
    if row is not None:
        if words := row.labels.get(language):
            return str(words)
        if row.label and (row.counts_as or language == configured.words().language):
            return row.label
    choices = _LISTS[name].choices
    return str(choices(code).label) if code in choices.values else code


def base(name: str, code: str) -> str:
    """The shipped code by which rules go: itself, or what an own one counts as. Raises ValueError for an unknown one."""
    choices = _LISTS[name].choices
    if code in choices.values:
        return str(choices(code).value)
    row = _ROWS.now().get((name, code))
    if row is None or row.counts_as not in choices.values:
        raise ValueError(f"{code!r} is not in the list {name}.")
    return row.counts_as


def known(name: str, code: str) -> str:
    """The code itself, for storing, also an ended one. Raises ValueError for an unknown one."""
    base(name, code)
    return str(code)


def is_known(name: str, code: str) -> bool:
    """Whether this is a code of the list, ended or not."""
    return code in _LISTS[name].choices.values or (name, code) in _ROWS.now()


def crosswalk(name: str, code: str, system: str) -> str:
    """What this code is in another system; of an own one without its own mapping, what the code is that it counts as."""
    own = _ROWS.now().get((name, code))
    if own is not None and (mapped := getattr(own, system)):
        return str(mapped)
    shipped = base(name, code)
    if shipped != code:
        return crosswalk(name, shipped, system)
    return _LISTS[name].shipped.get(shipped, {}).get(system, "")


def choices_of(name: str, *, keep: str = "") -> list[tuple[str, str]]:
    """What a form offers today, in the order of the list; ``keep`` is what the record holds already, ended or not."""
    today, unasked = timezone.localdate(), _LISTS[name].unasked
    return [
        (row.code, row.label) for row in rows_of(name)
        if (row.stands(today) and row.code not in unasked) or (keep and row.code == keep)
    ]  # fmt: skip


def all_choices(name: str) -> list[tuple[str, str]]:
    """Every answer of a list, ended ones too: what a changed record may hold already."""
    return [(row.code, row.label) for row in rows_of(name)]


def offered(name: str) -> Callable[[], list[tuple[str, str]]]:
    """The same as the choices of a field, asked by each form anew."""
    return lambda: choices_of(name)
