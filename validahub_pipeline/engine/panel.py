"""Several packs over the same rows: every column is read once, and what packs have in common is evaluated once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from validahub_pipeline.engine.batches import Batch, Rows
from validahub_pipeline.engine.compiling import compile_plan
from validahub_pipeline.engine.evaluating import Evaluated, Evaluator
from validahub_pipeline.engine.judging import Judge, Judged
from validahub_pipeline.engine.plan import CompiledRule, Plan
from validahub_pipeline.engine.survey import survey
from validahub_pipeline.rulepacks.model import ColumnMatch, ResolvedPack


class Panel:
    """A judge for each pack, and one look at each batch for all of them.

    Raises:
        PackError: a pack asks for what the engine does not know; no row has been read.
    """

    def __init__(self, rows: Rows, packs: Sequence[tuple[ResolvedPack, ColumnMatch]]) -> None:
        plans = [compile_plan(pack, match, rows.columns) for pack, match in packs]
        joint = _joint(plans)
        told = survey(rows, joint.plan)
        self._shares = joint.rules
        self._evaluator = Evaluator(joint.plan, told)
        self.texts = joint.plan.texts
        self.judges = tuple(
            Judge(plan, {place: told.failed[at] for place, at in enumerate(measures) if at in told.failed})
            for plan, measures in zip(plans, joint.measures, strict=True)
        )

    def judge(self, batch: Batch) -> tuple[Judged, ...]:
        """The violations of a batch, by pack; keeps nothing, so that batches may be judged in any order and at once."""
        evaluated = self._evaluator.evaluate(batch)
        return tuple(
            judge.judge(batch, _share(evaluated, share)) for judge, share in zip(self.judges, self._shares, strict=True)
        )

    def count(self, judged: Sequence[Judged]) -> None:
        """Add a batch to every judge's tally; batches come in file order."""
        for judge, one in zip(self.judges, judged, strict=True):
            judge.count(one)


@dataclass(frozen=True)
class _Joint:
    """Plans for the same columns as one; by plan, where in it each of the plan's own rules and measures stands."""

    plan: Plan
    rules: tuple[tuple[int, ...], ...]
    measures: tuple[range, ...]


def _joint(plans: Sequence[Plan]) -> _Joint:
    distinct: dict[str, tuple[int, CompiledRule]] = {}
    for plan in plans:
        for rule in plan.rules:
            distinct.setdefault(rule.asks, (len(distinct), rule))
    ends = [sum(len(plan.measures) for plan in plans[: count + 1]) for count in range(len(plans))]
    return _Joint(
        plan=Plan(
            columns=plans[0].columns,
            places={str(place): place for plan in plans for place in plan.places.values()},
            file_violations=(),
            rules=tuple(rule for _, rule in distinct.values()),
            measures=tuple(measure for plan in plans for measure in plan.measures),
        ),
        rules=tuple(tuple(distinct[rule.asks][0] for rule in plan.rules) for plan in plans),
        measures=tuple(range(end - len(plan.measures), end) for plan, end in zip(plans, ends, strict=True)),
    )


def _share(evaluated: Evaluated, share: Sequence[int]) -> Evaluated:
    broken = {place: evaluated.broken[at] for place, at in enumerate(share) if at in evaluated.broken}
    return replace(evaluated, broken=broken)
