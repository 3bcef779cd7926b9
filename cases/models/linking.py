"""Joint cases: one person, one case, her own keys; and what binds two of them, sealed on both sides (domain.md §0b)."""

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON
from cases.models.base import CaseRecord


class CaseLink(CaseRecord):
    """One side of a link: a row of each case, under that case's keys. No plain column names the other case, or says when.

    ``what`` holds ``{"kind", "link", "others", "made_at", "made_by", "ended"}``: a code of ``LinkKind``, a uid that both
    sides share, the uids of the other cases, and of a link that is over ``{"at", "by", "reason"}``.
    """

    what = SealedJSON(fid="case_link.what", section=Section.CARD)
    row_mac = RowMac()
