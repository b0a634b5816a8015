"""What heads are held against: plain take-up, LambdaMART and the champion, on the same rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.bundle import Bundle
from models.contenders import MODELS, contenders
from models.evaluation import evaluate
from models.fitting import Settings
from models.incumbent import Incumbent
from models.learning import Learner
from models.list_ranker import learn_ranker
from models.promotion import Policy, judge
from models.rivals import Rivals, learn_rivals
from models.splits import Role
from models.take_up import learn_take_up
from models.training import grow
from tests.models.conftest import Gathered
from tests.models.town import NOW, town_pack

PACK = town_pack()
QUICK = Settings(rounds=40, min_leaf=20, threads=1)


@pytest.fixture(scope="module")
def learner(gathered: Gathered) -> Learner:
    return Learner.of(gathered.examples, PACK, QUICK)


@pytest.fixture(scope="module")
def bundle(learner: Learner) -> Bundle:
    heads = grow(learner, 1)
    return Bundle(
        PACK.domain.id, PACK.checksum, NOW, learner.examples.columns, heads,
        training={"split": learner.examples.split.as_dict()},
    )  # fmt: skip


def test_take_up_counts_who_came_after_help(learner: Learner) -> None:
    """Nobody but the helped takes the service up: for the heads nothing happened."""
    task = learner.examples.tasks["allowance"]
    aided = replace(
        task,
        taken=np.zeros_like(task.taken),
        decided=np.where(task.taken == 1, 1, -1).astype(np.int8),
    )
    examples = replace(learner.examples, tasks={"allowance": aided})
    other = replace(learner, examples=examples)
    assert learn_take_up(other, "allowance") is not None
    assert learn_take_up(learner, "rare") is None


def test_the_ranker_puts_what_comes_next_first(learner: Learner) -> None:
    ranker = learn_ranker(learner, list(PACK.services))
    assert ranker is not None
    fit = learner.examples.task("pass", Role.FIT)
    rare = learner.examples.task("rare", Role.FIT)
    both = np.intersect1d(fit.rows[fit.taken == 1], rare.rows)
    matrix, known = learner.examples.matrix[both], np.ones(len(both), dtype=bool)
    bought, hardly = (ranker.scores(one, matrix, known) for one in ("pass", "rare"))
    assert (bought > hardly).mean() > 0.9


def test_the_ranker_reads_no_signal_that_a_purpose_does_not_allow(learner: Learner) -> None:
    ranker = learn_ranker(learner, list(PACK.services))
    assert ranker is not None
    blind = replace(ranker, allowed=ranker.allowed | {"pass": np.zeros(len(ranker.signals), bool)})
    rows = learner.examples.task("pass", Role.TEST).rows
    matrix, known = learner.examples.matrix[rows], np.ones(len(rows), dtype=bool)
    assert np.ptp(blind.scores("pass", matrix, known)) == 0
    assert np.ptp(ranker.scores("pass", matrix, known)) > 0


def test_the_same_seed_gives_the_same_rivals(learner: Learner) -> None:
    one, other = learn_rivals(learner, threads=1), learn_rivals(learner, threads=2)
    assert {name: trees.text for name, trees in one.take_up.items()} == {
        name: trees.text for name, trees in other.take_up.items()
    }
    assert one.ranker is not None
    assert other.ranker is not None
    assert one.ranker.text == other.ranker.text


def test_the_champion_says_on_these_rows_what_it_says_anywhere(
    learner: Learner, bundle: Bundle
) -> None:
    """Also when the signals stand in another order, and one that it knows is gone."""
    examples = learner.examples
    task = examples.task("allowance", Role.TEST)
    order = np.arange(len(examples.columns.names))[::-1]
    turned = replace(
        examples,
        columns=examples.columns.only(order.tolist()),
        matrix=np.ascontiguousarray(examples.matrix[:, order]),
    )
    head = bundle.heads["allowance"]
    _, _, need = head.score(examples.matrix[task.rows], task.known)
    _, asked = Incumbent(bundle, turned).scores("allowance", task.rows, task.known)
    assert np.array_equal(asked, need)
    less = replace(
        examples, columns=examples.columns.only(order[1:].tolist()), matrix=turned.matrix[:, 1:]
    )
    missing = examples.matrix.copy()
    missing[:, order[0]] = np.nan
    _, _, without = head.score(missing[task.rows], task.known)
    _, asked = Incumbent(bundle, less).scores("allowance", task.rows, task.known)
    assert np.array_equal(asked, without)


def test_a_champion_that_knew_the_test_is_told(learner: Learner, bundle: Bundle) -> None:
    assert not Incumbent(bundle, learner.examples).knew_the_test
    later = learner.examples.split.test[0].isoformat()
    told = bundle.training["split"] | {"fit": [later]}
    knew = replace(bundle, training={"split": told})
    assert Incumbent(knew, learner.examples).knew_the_test
    assert Incumbent(replace(bundle, training={}), learner.examples).knew_the_test


def test_equal_models_measure_equally_and_the_gate_compares_the_same_rows(
    learner: Learner, bundle: Bundle
) -> None:
    rivals = Rivals(champion=Incumbent(bundle, learner.examples))
    found = evaluate(learner, bundle.heads, rivals=rivals).as_dict()
    for head in found["heads"].values():
        assert head["baselines"]["champion"] == head["metrics"]
        assert set(head["baselines"]) <= set(MODELS)
    assert found["lists"]["champion_need"] == found["lists"]["need"]
    assert found["summary"]["auc_above_champion"] == 0
    # Whatever the champion had on its own test period plays no part.
    champion = replace(bundle, metrics={"auc": 0.99, "ndcg_at_5_heads": 0.99})
    candidate = replace(bundle, metrics=found["summary"], evaluation=found)
    checks = {one.name: one for one in judge(candidate, champion, Policy())}
    for metric in ("auc", "ndcg_at_5_heads"):
        check = checks[f"{metric} beside the champion"]
        assert (check.value, check.holds, check.note) == (0, True, "on the same rows")


def test_rules_that_order_by_need_put_the_eligible_first(learner: Learner, bundle: Bundle) -> None:
    test = learner.examples.task("allowance", Role.TEST)
    assert 0 < test.known.sum() < len(test.known)
    found = contenders(learner, bundle.heads["allowance"], test, Rivals())
    assert found.need["rules"][test.known].min() > found.need["rules"][~test.known].max()
    assert "champion_need" not in found.order
