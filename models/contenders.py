"""Who is measured on the test rows of a service: the heads and everything they are held against."""

from __future__ import annotations

from dataclasses import dataclass

from models.baselines import last_state, logistic, popularity, rules_only
from models.examples import Task
from models.heads import Head, Trees
from models.learning import Learner
from models.matrix import Vector
from models.rivals import Rivals
from models.splits import Role

MODELS = ("heads", "champion", "take_up", "logistic", "last_state", "rules", "popularity")
"""Those with a chance of take-up for every row."""
BY_NEED = {"heads": "need", "champion": "champion_need", "rules": "rules_need"}
"""How those that know of need are called where they order by it."""
LISTS = (*BY_NEED.values(), "heads", "champion", "take_up", "ranker", *MODELS[3:])
"""Those that can order a citizen's candidates. ``need`` is what people see; ``heads`` is the same
heads by unaided take-up, which is what the others are after; so with the champion and the rules."""


@dataclass(frozen=True)
class Contenders:
    """The scores of one service's test rows.

    Parameters
    ----------
    test
        The rows.
    take_up
        By :data:`MODELS`: the chance of taking the service up (unaided); one that cannot answer is
        not there.
    need
        By the same names: what each would reach people by. Of the heads and the champion that is
        unmet need, of the rules who is eligible, of the others what they have.
    order
        By :data:`LISTS`: what each would order a list by.
    """

    test: Task
    take_up: dict[str, Vector]
    need: dict[str, Vector]
    order: dict[str, Vector]


def contenders(learner: Learner, head: Head, test: Task, rivals: Rivals) -> Contenders:
    """Ask every contender about the test rows of one service."""
    examples, service = learner.examples, head.service
    threads = learner.settings.threads
    matrix = examples.matrix[test.rows]
    chances = _baselines(learner, head, test)
    need = dict(chances)
    chances["heads"], (*_, need["heads"]) = (
        head.unaided.estimate(matrix, test.known, threads=threads),
        head.score(matrix, test.known, threads=threads),
    )
    if service in rivals.take_up:
        trees = rivals.take_up[service]
        chances["take_up"] = need["take_up"] = trees.estimate(matrix, test.known, threads=threads)
    if rivals.champion is not None and service in rivals.champion.services:
        chances["champion"], need["champion"] = rivals.champion.scores(
            service, test.rows, test.known, threads=threads
        )
    # Eligible first where rules decide, then where they do not; within that the popular.
    need["rules"] = test.known * (1.0 if head.decisive else 0.5) + chances["popularity"] / 4
    order = chances | {other: need[name] for name, other in BY_NEED.items() if name in need}
    if rivals.ranker is not None and service in rivals.ranker.allowed:
        order["ranker"] = rivals.ranker.scores(service, matrix, test.known, threads=threads)
    return Contenders(
        test,
        {name: chances[name] for name in MODELS if name in chances},
        {name: need[name] for name in MODELS if name in need},
        order,
    )


def _baselines(learner: Learner, head: Head, test: Task) -> dict[str, Vector]:
    examples, service = learner.examples, head.service
    fit = examples.task(service, Role.FIT)
    matrix = examples.matrix[test.rows]
    scores = {
        "rules": rules_only(fit, test),
        "popularity": popularity(fit, test),
        "last_state": last_state(examples.columns, (fit, examples.matrix[fit.rows]), matrix),
    }
    if isinstance(head.unaided, Trees) and len(test.rows):
        rows, labels, weights = learner.fit_sample(service)
        allowed = learner.allowed(service)
        scores["logistic"] = logistic(
            examples.columns.only(allowed),
            (examples.matrix[rows][:, allowed], labels, weights),
            matrix[:, allowed],
        )
    return scores
