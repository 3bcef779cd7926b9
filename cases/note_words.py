"""What a note says of itself besides its text, in words: for its page, the matter's page, print and an attorney's own copy."""

from typing import Any

from django.utils.translation import gettext as _

from cases.choices.notes import POSSIBLY_WAIVED, NoteType, Present


def words_about(about: dict[str, Any] | None) -> dict[str, Any]:
    """``type``, ``present`` (who was there, by role), ``is_waived``; empty where the note does not say."""
    about = about or {}
    present = [str(Present(code).label) for code in about.get("present", [])]
    return {
        "type": NoteType(about["type"]).label if "type" in about else "",
        "present": [*present, *([about["others"]] if "others" in about else [])],
        "is_waived": about.get("waiver") == POSSIBLY_WAIVED,
    }


def with_its_words(about: dict[str, Any] | None, body: str) -> str:
    """The text of a note beneath what it says of itself, for paper and files."""
    words = words_about(about)
    lines = [str(words["type"])] if words["type"] else []
    if words["present"]:
        lines.append(_("There: %(who)s") % {"who": ", ".join(words["present"])})
    if words["is_waived"]:
        lines.append(_("Privilege possibly waived"))
    return "\n\n".join(["\n".join(lines), body]) if lines else body
