"""Uplift on real experiments: a signal where there is one, abstention where none is shown.

Hillstrom's e-mails (64,000 people, two arms and a control) and the Pennsylvania bonus (13,913
people, six arms and a control) are read from VOORZET_REAL_DATA, or ../shared/data beside the
repository. The learner and the test are those of the product, fixed beforehand; the other two
learners are reported beside it. In the bonus experiment sex and origin are left out, as they are
everywhere here.

With --quick, only the product's own learner, and fewer shuffles and repeats.

False positives: people of the women's arm and its control, with the labels of the two shuffled, so
that nothing can be found; the whole of it, from folds to test, each time. At most 5% should be
found, and with so many shuffles 97.5% of such tests stay below the target.

Power: among people who got no e-mail, a made-up one that moves some more than others. And the
smallest effect that a test says it would have seen is planted under scores that order people
perfectly: it should be found at least four times in five.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from _measuring import Claim, note, tell
from scipy.stats import binom

from models.intervals import wilson
from models.uplift import Conclusion, Experiment, Growth, Targeting, Trial, conclude, out_of_fold
from models.uplift.concluding import ALPHA, LEARNER
from models.uplift.folds import folds_of
from models.uplift.learners import LEARNERS
from models.uplift.signal import PAIRS_COUNT_TWICE, SignalTest, signal_test

PROTECTED = ("female", "black", "hispanic", "othrace")
CRITICAL = 1.6448536
"""The normal's 95th percentile: beyond it a single arm is found."""


def main() -> None:
    """Measures, and tells."""
    start = time.perf_counter()
    quick = "--quick" in sys.argv
    people, repeats, shuffled = (1_500, 15, 60) if quick else (4_000, 100, 500)
    sizes = (0.4,) if quick else (0.1, 0.2, 0.4)
    learners = (LEARNER,) if quick else tuple(LEARNERS)
    folder = _folder()
    hillstrom, growth = _hillstrom(folder / "hillstrom.csv.gz")
    mail = _concluded("hillstrom", hillstrom, growth, learners)
    bonus = _concluded("bonus", _bonus(folder / "penn_reemployment_bonus.csv"), Growth(), learners)
    women = hillstrom.trial("women")
    null = [_null(women, people, seed, growth) for seed in range(shuffled)]
    note("shuffled labels are done")
    rates = {size: _power(women, people, repeats, size, growth) for size in sizes}
    seen = _detectable_is_seen(women, people, repeats)
    found = mail[LEARNER].finding("women")
    assert found is not None
    hits = sum(z > CRITICAL * PAIRS_COUNT_TWICE for z in null)
    plain = sum(z > CRITICAL for z in null)
    highest = float(binom.ppf(0.975, shuffled, ALPHA)) / shuffled
    least = float(binom.ppf(0.025, repeats, 0.8)) / repeats
    tell(
        "uplift",
        [
            Claim.at_least("z of the women's e-mail", found.test.z, 7),
            Claim.at_least("the bonus: 1 when it abstains", float(bonus[LEARNER].abstains), 1),
            Claim.at_most("found among shuffled labels", hits / shuffled, highest),
            Claim.at_least("power on a planted signal", rates[0.4], 0.8),
            Claim.at_least("found at the smallest effect it could see", seen, least),
        ],
        start,
        learner=LEARNER,
        false_positives={
            "shuffles": shuffled,
            "expected_at_most": ALPHA,
            "rate": wilson(hits, shuffled).as_dict(),
            "without_the_square_root_of_two": wilson(plain, shuffled).as_dict(),
            "spread_of_z": float(np.std(null)),
        },
        power={
            "people": people,
            "repeats": repeats,
            "found_by_difference_between_thirds": rates,
        },
        z={
            "hillstrom": {name: _zs(one) for name, one in mail.items()},
            "bonus": {name: _zs(one) for name, one in bonus.items()},
        },
        conclusions={"hillstrom": mail[LEARNER].as_dict(), "bonus": bonus[LEARNER].as_dict()},
    )


def _folder() -> Path:
    named = os.environ.get("VOORZET_REAL_DATA")
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(named) if named else beside
    if not folder.is_dir():
        sys.exit(f"no real data: {folder} is not a folder; VOORZET_REAL_DATA can name one")
    return folder


def _concluded(
    name: str, experiment: Experiment, growth: Growth, learners: tuple[str, ...]
) -> dict[str, Conclusion]:
    note(f"{name}: {', '.join(learners)}")
    return {one: conclude(experiment, learner=one, growth=growth) for one in learners}


def _zs(conclusion: Conclusion) -> dict[str, list[float]]:
    return {one.arm: [round(one.test.z, 2), round(one.adjusted, 3)] for one in conclusion.arms}


def _hillstrom(path: Path) -> tuple[Experiment, Growth]:
    """Visits within two weeks; the columns are those known before the e-mail."""
    mails = pl.read_csv(path)
    coded = [
        pl.col(name).cast(pl.Enum(sorted(mails[name].unique()))).to_physical()
        for name in ("zip_code", "channel")
    ]
    signals = mails.select("recency", "history", "mens", "womens", "newbie", *coded)
    arm = mails["treatment"].replace_strict(
        {"No E-Mail": 0, "Womens E-Mail": 1, "Mens E-Mail": 2}, return_dtype=pl.Int8
    )
    return _experiment(("women", "men"), signals, mails["visit"], arm), Growth(categories=(5, 6))


def _bonus(path: Path) -> Experiment:
    """Weeks on benefit, fewer is better."""
    claims = pl.read_csv(path)
    outcomes = ("abdt", "tg", "inuidur1", "inuidur2")
    signals = claims.select(pl.exclude(*outcomes, *PROTECTED))
    arms = tuple(f"bonus-{place}" for place in range(1, 7))
    return _experiment(arms, signals, -claims["inuidur1"], claims["tg"].cast(pl.Int8))


def _experiment(
    arms: tuple[str, ...], signals: pl.DataFrame, outcome: pl.Series, arm: pl.Series
) -> Experiment:
    n = signals.height
    return Experiment(
        arms,
        signals.to_numpy().astype(np.float32),
        outcome.to_numpy().astype(np.float64),
        arm.to_numpy(),
        np.arange(n),
        np.zeros(n, dtype=np.int64),
    )


def _some(trial: Trial, people: int, random: np.random.Generator) -> Trial:
    chosen = np.zeros(len(trial), dtype=bool)
    chosen[random.choice(len(trial), people, replace=False)] = True
    return trial.where(chosen)


def _tested(trial: Trial, growth: Growth, seed: int) -> SignalTest:
    given = replace(growth, seed=seed)
    return signal_test(trial, out_of_fold(trial, LEARNER, given), seed=seed, shuffles=200)


def _null(trial: Trial, people: int, seed: int, growth: Growth) -> float:
    random = np.random.default_rng([seed, 2])
    some = _some(trial, people, random)
    return _tested(replace(some, treated=random.permutation(some.treated)), growth, seed).z


def _power(women: Trial, people: int, repeats: int, size: float, growth: Growth) -> float:
    """How often it is found that the third with the most history gains ``size`` and the third
    with the least gains nothing."""
    unmailed = women.where(~women.treated)
    found = 0
    for seed in range(repeats):
        random = np.random.default_rng([seed, 3])
        some = _some(unmailed, people, random)
        history = some.matrix[:, 1].argsort().argsort() / people
        gain = size * np.clip(np.floor(history * 3) / 2, 0, 1)
        trial = _planted(some, gain, random)
        found += _tested(trial, growth, seed).p <= ALPHA
    note(f"planted {size}: done")
    return found / repeats


def _planted(some: Trial, gain: np.ndarray, random: np.random.Generator) -> Trial:
    """Half are drawn; of those who would not have come, so many more come."""
    treated = random.permutation(len(some)) < len(some) // 2
    comes = random.random(len(some)) < gain / (1 - some.outcome.mean())
    outcome = np.where(treated & comes, 1.0, some.outcome)
    return Trial(some.matrix, outcome, treated, np.full(len(some), 0.5), some.household)


def _detectable_is_seen(women: Trial, people: int, repeats: int) -> float:
    """How often the smallest effect it could have seen is found, when scores order perfectly."""
    unmailed = women.where(~women.treated)
    found = 0
    for seed in range(repeats):
        random = np.random.default_rng([seed, 4])
        some = _some(unmailed, people, random)
        place = random.permutation(people) / people
        perfect = Targeting(place, place, folds_of(some.household, 5, seed=seed))
        blank = _planted(some, np.zeros(people), random)
        smallest = signal_test(blank, perfect, seed=seed, shuffles=200).detectable(ALPHA)
        gain = 12 * smallest * place  # halves differ by six figures, the ends by twelve
        trial = _planted(some, gain, random)
        found += signal_test(trial, perfect, seed=seed, shuffles=200).p <= ALPHA
    return found / repeats


if __name__ == "__main__":
    main()
