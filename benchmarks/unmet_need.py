"""Unmet need reached at the same capacity, on synthetic municipalities of which the truth is known.

The simulator is frozen; its checksum is in the answer. Each municipality is another seed with other
magnitudes within the published ranges. What a model learns from is what the silos deliver: facts
are hidden as they hide them, who is entitled is known of nobody but the few adults who are drawn by
lot and checked, and training ends half a year before the simulation does. Only this benchmark reads
the truth, after everything is scored.

All methods score the same candidates, those that pass the same gates. Two capacities: *outreach*,
one suggestion for every four citizens, given to the highest scores of the town; and *lists*, the
three best of each citizen. A citizen has about six candidates, so lists of three reach most of what
there is whoever makes them (``most possible`` says how much that could be); of them is claimed only
that they reach no less. A suggestion reaches an unmet need when that citizen is entitled to the
service, has not got it, and would not get it without help within the horizon (_need_truth.py).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from lightgbm import LGBMClassifier

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._measuring import Claim, note, tell
from benchmarks._municipality import AS_OF, Municipality, Trained, frozen, learn, make
from benchmarks._need_truth import groups, households, place, services, unmet
from features.sources.synthetic import Magnitudes
from models.fitting import Settings
from models.metrics import brier_skill, calibration_error, calibration_slope, cluster_draws
from models.population import score_population
from models.splits import Role

CITIZENS = 4_000
TOWNS = {
    4_301: Magnitudes(),
    4_302: Magnitudes(
        self_claim_9_months=0.03, letter_uplift=0.01, visit_uplift=0.06, help_uplift=0.08,
        visit_reached=0.2, non_take_up=-0.8,
    ),
    4_303: Magnitudes(
        self_claim_9_months=0.06, letter_uplift=0.09, visit_uplift=0.18, help_uplift=0.12,
        visit_reached=0.55, non_take_up=0.8,
    ),
}  # fmt: skip
"""Seeds and magnitudes; none was looked at while models were made."""
A_SUGGESTION_FOR = 4
"""Citizens to a suggestion, for outreach."""
LISTED = 3
LEAST_LEARNED = Settings().min_positives
METHODS = ("need", "popularity", "take_up", "rules")
LEAST_IN_GROUP = 60
"""Unmet needs below which the recall of a group is not judged."""
LEAST_EXPECTED = 40
"""Positives and negatives from which the calibration of one service is judged."""


@dataclass(frozen=True)
class Scored:
    """The candidates of one municipality with every method's score and the truth.

    Parameters
    ----------
    frame
        citizen, service, eligible, a score a method, unmet, household.
    needs
        citizen, service, household of all unmet needs, candidates or not.
    citizens
        How many there are.
    checked
        The checks by lot that training could learn from: of how many citizens.
    """

    frame: pl.DataFrame
    needs: pl.DataFrame
    groups: pl.DataFrame
    citizens: int
    checked: int = 0


def scored(town: Municipality, trained: Trained, *, threads: int) -> Scored:
    """Score the candidates by every method, then look at the truth."""
    parts, citizens = [], 0
    plain = _take_up(town, trained, threads)
    popular = _popularity(town, trained)
    wanted = services(town.pack)
    for bucket in score_population(town.lake, town.pack, trained.bundle, AS_OF, threads=threads):
        signals = bucket.snapshot.signals.select("citizen", *trained.bundle.columns.names)
        citizens += signals.height
        matrix = trained.bundle.columns.matrix(signals)
        at = dict(zip(signals["citizen"].to_list(), range(signals.height), strict=True))
        found = bucket.candidates.filter(
            pl.col("withheld_by").is_null(), pl.col("service").is_in(wanted)
        )
        for (service,), rows in found.group_by("service", maintain_order=True):
            taken = matrix[[at[citizen] for citizen in rows["citizen"].to_list()]]
            parts.append(
                rows.select("citizen", "service", "eligible", "need", "entitled").with_columns(
                    popularity=pl.lit(popular[str(service)]),
                    take_up=pl.Series(_predicted(plain[str(service)], taken)),
                )
            )
    frame = pl.concat(parts).sort("service", "citizen")
    verdict = pl.col("eligible").fill_null(value=False).cast(pl.Float64)
    frame = frame.with_columns(rules=verdict + pl.col("popularity") / 2)
    needs = unmet(town)
    frame = frame.with_columns(unmet=pl.Series(place(frame, needs)))
    home = households(town)
    checked = len(np.unique(trained.examples.sampled.citizen))
    return Scored(_at_home(frame, home), _at_home(needs, home), groups(town), citizens, checked)


def _at_home(frame: pl.DataFrame, home: pl.DataFrame) -> pl.DataFrame:
    """With ``household``; who has no relatives is one of their own."""
    joined = frame.join(home, on="citizen", how="left", maintain_order="left")
    return joined.with_columns(pl.col("household").fill_null(pl.col("citizen")))


def _popularity(town: Municipality, trained: Trained) -> dict[str, float]:
    """The share of candidates that were granted each service within the horizon."""
    tasks = trained.examples
    return {
        service: float((tasks.task(service, Role.FIT).decided == 1).mean())
        if len(tasks.task(service, Role.FIT).rows)
        else 0.0
        for service in town.pack.services
    }


def _take_up(
    town: Municipality, trained: Trained, threads: int
) -> dict[str, LGBMClassifier | float]:
    """A plain LightGBM a service: who is granted it within the horizon, helped or not; of as many
    of each kind as our own heads ask for, for of fewer its chances run to one and nought."""
    examples, found = trained.examples, {}
    for service in services(town.pack):
        task = examples.task(service, Role.FIT, Role.STOP, Role.CALIBRATE)
        labels = (task.decided == 1).astype(int)
        if min(labels.sum(), (1 - labels).sum()) < LEAST_LEARNED:
            found[service] = float(labels.mean()) if len(labels) else 0.0
            continue
        model = LGBMClassifier(n_jobs=threads, random_state=town.seed, verbosity=-1)
        found[service] = model.fit(examples.matrix[task.rows], labels)
    return found


def _predicted(model: LGBMClassifier | float, matrix: np.ndarray) -> np.ndarray:
    if isinstance(model, float):
        return np.full(len(matrix), model)
    return np.asarray(model.predict_proba(matrix)[:, 1])


def chosen(found: Scored, method: str, capacity: str, seed: int) -> np.ndarray:
    """Which candidates ``method`` suggests; ties are broken by lot."""
    frame = found.frame
    lot = np.random.default_rng(seed).random(frame.height)
    order = np.lexsort((lot, -frame[method].to_numpy()))
    if capacity == "outreach":
        order = order[: found.citizens // A_SUGGESTION_FOR]
    else:
        people = frame["citizen"].to_numpy()[order]
        nth = (
            pl.DataFrame({"citizen": people})
            .select(pl.int_range(pl.len()).over("citizen"))
            .to_series()
            .to_numpy()
        )
        order = order[nth < LISTED]
    taken = np.zeros(frame.height, dtype=bool)
    taken[order] = True
    return taken


def most_possible(found: Scored, capacity: str) -> int:
    """The unmet need that whoever knows the truth would reach."""
    if capacity == "outreach":
        return min(int(found.frame["unmet"].sum()), found.citizens // A_SUGGESTION_FOR)
    each = found.frame.group_by("citizen").agg(pl.col("unmet").sum())
    return int(each["unmet"].clip(upper_bound=LISTED).sum())


def reached(found: Scored, capacity: str, seed: int) -> dict[str, np.ndarray]:
    """By method: the unmet need reached, first as it is and then by drawn households."""
    homes, truth = found.frame["household"].to_numpy(), found.frame["unmet"].to_numpy()
    draws = np.vstack([np.ones(len(homes)), cluster_draws(homes, seed=seed)])
    return {
        method: (draws * (truth & chosen(found, method, capacity, seed))).sum(axis=1)
        for method in METHODS
    }


def compared(
    towns: list[Scored], rival: str, capacity: str
) -> tuple[float, float, float, list[float]]:
    """The unmet need reached over that of ``rival``, over all towns, with its interval; and in each
    town."""
    ours, theirs, each = 0.0, 0.0, []
    for number, town in enumerate(towns):
        found = reached(town, capacity, number)
        ours, theirs = ours + found["need"], theirs + found[rival]
        each.append(float(found["need"][0] / max(found[rival][0], 1)))
    ratio = ours / np.maximum(theirs, 1)
    low, high = np.percentile(ratio[1:], [2.5, 97.5])
    return float(ratio[0]), float(low), float(high), each


def group_recall(towns: list[Scored], capacity: str) -> dict[str, tuple[float, str, str]]:
    """By grouping: the lowest recall over the highest, and of which groups."""
    told = []
    for number, town in enumerate(towns):
        hits = town.frame.filter(
            pl.Series(chosen(town, "need", capacity, number)), pl.col("unmet")
        ).select("citizen", "service", hit=pl.lit(value=1.0))
        needs = town.needs.join(hits, on=["citizen", "service"], how="left").with_columns(
            pl.col("hit").fill_null(0.0)
        )
        told.append(needs.join(town.groups, on="citizen", how="left"))
    every = pl.concat(told)
    found = {}
    for grouping in towns[0].groups.columns[1:]:
        recalls = (
            every.filter(pl.col(grouping).is_not_null())
            .group_by(grouping)
            .agg(pl.col("hit").mean(), pl.len().alias("needs"))
            .filter(pl.col("needs") >= LEAST_IN_GROUP)
            .sort("hit")
        )
        if recalls.height > 1:
            worst, best = recalls.row(0), recalls.row(-1)
            found[grouping] = (worst[1] / max(best[1], 1e-9), str(worst[0]), str(best[0]))
    return found


def calibrated(towns: list[Scored]) -> dict[str, float]:
    """How P(need) of the candidates compares with the truth: all together, and the services that
    have enough of both."""
    frame = pl.concat([town.frame for town in towns])
    labels = frame["unmet"].to_numpy().astype(np.float64)
    said = frame["need"].to_numpy()
    draws = cluster_draws(frame["household"].to_numpy(), seed=1, draws=50)
    errors = [calibration_error(labels, said, one) for one in draws]
    within = 0
    judged = (
        frame.group_by("service")
        .agg(pl.col("unmet").sum().alias("yes"), pl.len().alias("rows"))
        .filter(pl.min_horizontal("yes", pl.col("rows") - pl.col("yes")) >= LEAST_EXPECTED)
    )
    for service in judged["service"]:
        part = frame["service"].to_numpy() == service
        error = calibration_error(labels[part], said[part])
        within += bool(error <= 0.05)
    return {
        "error": calibration_error(labels, said),
        "error_high": float(np.nanpercentile(errors, 97.5)),
        "slope": calibration_slope(labels, said),
        "skill": brier_skill(labels, said, np.ones(len(labels))),
        "services": float(judged.height),
        "services_within_0.05": float(within),
        "needed": float(labels.mean()),
        "said": float(said.mean()),
    }


def claims_of(towns: list[Scored]) -> tuple[list[Claim], dict[str, object]]:
    """What is claimed, and the figures behind it."""
    claims, more = [], {}
    for capacity in ("outreach", "lists"):
        for rival, target in (("popularity", 2.0), ("take_up", 1.3), ("rules", 1.0)):
            ratio, low, high, each = compared(towns, rival, capacity)
            wanted = target if capacity == "outreach" else 1.0
            claims.append(
                Claim.at_least(f"unmet need reached over {rival}, {capacity}", ratio, wanted)
            )
            more[f"over {rival}, {capacity}"] = {
                "low": round(low, 3), "high": round(high, 3), "towns": [round(x, 2) for x in each]
            }  # fmt: skip
        more[f"most possible, {capacity}"] = [most_possible(town, capacity) for town in towns]
        for grouping, (ratio, worst, best) in group_recall(towns, capacity).items():
            claims.append(
                Claim.at_least(f"recall of {grouping} {worst} over {best}, {capacity}", ratio, 0.8)
            )
    found = calibrated(towns)
    claims += [
        Claim.at_most(
            "calibration error of need, candidates, upper 95%", found["error_high"], 0.02
        ),
        Claim.at_least("calibration slope of need, candidates", found["slope"], 0.9),
        Claim.at_most("calibration slope of need, candidates, at most", found["slope"], 1.1),
        Claim.at_least("Brier skill of need, candidates", found["skill"], 0.0),
    ]
    more["calibration"] = {name: round(value, 4) for name, value in found.items()}
    more["citizens checked by lot"] = [town.checked for town in towns]
    more["reached"] = {
        capacity: [
            {method: int(value[0]) for method, value in reached(town, capacity, 0).items()}
            | {"needs": town.needs.height, "candidates": town.frame.height}
            for town in towns
        ]
        for capacity in ("outreach", "lists")
    }
    return claims, more


def main() -> None:
    """Measures, and tells."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="one small municipality")
    asked.add_argument("--citizens", type=int, default=None)
    asked.add_argument("--seeds", type=int, nargs="*", help="others than those that are claimed")
    asked.add_argument("--threads", type=int, default=2)
    given = asked.parse_args()
    start = time.perf_counter()
    citizens = given.citizens or (400 if given.quick else CITIZENS)
    wanted = dict.fromkeys(given.seeds, Magnitudes()) if given.seeds else TOWNS
    if given.quick:
        wanted = dict(list(wanted.items())[:1])
    towns = []
    for seed, magnitudes in wanted.items():
        with tempfile.TemporaryDirectory(prefix="voorzet-") as scratch:
            town = make(
                Path(scratch), citizens=citizens, years=4 if given.quick else 5, seed=seed,
                magnitudes=magnitudes,
            )  # fmt: skip
            note(f"{seed}: {town.lake.rows('events'):,} events")
            trained = learn(town, threads=given.threads)
            note(f"{seed}: trained on {len(trained.examples.citizen):,} rows")
            towns.append(scored(town, trained, threads=given.threads))
    claims, more = claims_of(towns)
    tell(
        "unmet_need", claims, start, simulator=frozen(), seeds=list(wanted), citizens=citizens,
        **more,
    )  # fmt: skip


if __name__ == "__main__":
    main()
