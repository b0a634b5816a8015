"""Steps that were done again.

After edeaR's repetitions: a *repeat* is a step that the employee who did it before does again, a
*redo* one that another employee does again. Where edeaR sets apart a step done again at once (a
self-loop), it counts here like any other. The step is compared with the last time it was done.
"""

from __future__ import annotations

import numpy as np

from features.friction.case_work import CaseWork
from features.friction.ordering import Places, by_code
from features.past_events import UNTOLD


def recurrences(work: CaseWork) -> tuple[Places, Places]:
    """The places in the work of the repeats, and of the redos.

    Steps without a name (:meth:`CaseWork.steps <features.friction.case_work.CaseWork.steps>`), or
    of which the employee is not told, are passed over.
    """
    step, actor = work.steps(), work.codes("actor")
    told = np.flatnonzero((step != UNTOLD) & (actor != UNTOLD))
    order, first = by_code(work.case[told], step[told])
    place = told[order]
    who = actor[place]
    same = np.zeros(len(place), dtype=bool)
    same[1:] = who[1:] == who[:-1]
    return place[~first & same], place[~first & ~same]
