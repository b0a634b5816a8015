"""The rivals that have to be learned or fetched: plain take-up, LambdaMART and the champion.

They are learned once a training, on the rows and under the embargo of the heads, and measured with
them. The others (:mod:`models.baselines`) are as good as free and are made where they are measured.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from features.catalogue import Objective
from models.bundle import Bundle
from models.examples import Progress
from models.heads import Trees
from models.incumbent import Incumbent
from models.learning import Learner
from models.list_ranker import ListRanker, learn_ranker
from models.take_up import learn_take_up


@dataclass(frozen=True)
class Rivals:
    """What there is to compare with.

    Parameters
    ----------
    take_up
        By service; a service with too few takers has none.
    ranker
        None where too few lists tell an order.
    champion
        None before the first promotion, or when it is of another pack.
    """

    take_up: dict[str, Trees] = field(default_factory=dict)
    ranker: ListRanker | None = None
    champion: Incumbent | None = None


def learn_rivals(
    learner: Learner,
    champion: Bundle | None = None,
    *,
    threads: int = 1,
    progress: Progress | None = None,
) -> Rivals:
    """Learn the rivals of one training's heads."""
    services = list(learner.pack.services)
    take_up = {}
    with ThreadPoolExecutor(threads) as pool:
        grown = pool.map(lambda service: learn_take_up(learner, service), services)
        for place, (service, trees) in enumerate(zip(services, grown, strict=True)):
            if trees is not None:
                take_up[service] = trees
            if progress:
                progress("rivals", place + 1, len(services))
    same_pack = champion is not None and champion.pack == learner.pack.domain.id
    return Rivals(
        take_up,
        learn_ranker(learner, listed(learner)),
        Incumbent(champion, learner.examples) if champion and same_pack else None,
    )


def listed(learner: Learner) -> list[str]:
    """The services that stand in lists: what the organisation starts itself has a place apart."""
    services = learner.pack.services.items()
    return [
        name for name, service in services if service.objective is not Objective.FAILING_PROCESS
    ]
