"""What can go wrong in the case room: one class a situation, one sentence each. No sentence holds a value of a case.

Each module has the errors of one kind of work: ``casework``, ``survivor``, ``files``, ``exchange`` (sheets in and out),
``sharing`` (giving access), ``releases``, ``guarding`` (emergency, standing in, the rota, bookings), ``walls``, ``reviews``,
``people`` and ``erasing``.
"""

from django.utils.translation import gettext_lazy as _


class CaseError(Exception):
    """A situation that a person can do something about; ``str()`` is the sentence to show."""

    sentence = _("This did not work.")
    #: The field of a form beside which the sentence belongs; empty where it is about the whole.
    field = ""

    def __str__(self) -> str:
        return str(self.sentence)
