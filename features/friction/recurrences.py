"""Steps that were done again.

After edeaR's repetitions: a *repeat* is a step that the employee who did it before does again, a
*redo* one that another employee does again. Where edeaR sets apart a step done again at once (a
self-loop), it counts here like any other. The step is compared with the last time it was done.
"""

from __future__ import annotations

from features.friction.case_work import CaseWork
from features.friction.marks import Marks
from features.kernels.recurrences import again_marks


def recurrences(work: CaseWork) -> Marks:
    """The ``repeats`` and ``redos`` in the work.

    Steps without a name (:meth:`CaseWork.steps <features.friction.case_work.CaseWork.steps>`), or
    of which the employee is not told, are passed over.
    """
    return Marks(("repeats", "redos"), again_marks(work.case, work.steps(), work.codes("actor")))
