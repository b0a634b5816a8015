"""Who speaks for a citizen: a declared relation, told for purposes that the domain has, and never
told to a model."""

from __future__ import annotations

from features.checks.draft import Draft, expected


def check_representatives(draft: Draft) -> None:
    """Refuse a representative who is no relation, an unknown purpose, and a signal over one: that
    somebody decides for a citizen often tells of their health."""
    domain = draft.pack.domain
    for kind, one in domain.representatives.items():
        if kind not in domain.relations:
            problem = expected("relation", kind, domain.relations)
            raise draft.domain.fault(("representatives", kind), problem)
        for index, purpose in enumerate(one.purposes):
            if purpose not in domain.purposes:
                problem = expected("purpose", purpose, domain.purposes)
                raise draft.domain.fault(("representatives", kind, "purposes", index), problem)
    _no_signals(draft)


def _no_signals(draft: Draft) -> None:
    domain = draft.pack.domain
    problem = "is a representative, of whom nothing is told to a model; expected another relation"
    for index, one in enumerate(domain.household):
        if one.relation in domain.representatives:
            raise draft.domain.fault(("household", index, "relation"), problem)
    for name, derived in domain.derived.items():
        if derived.relatives is not None and derived.relatives.kind in domain.representatives:
            raise draft.domain.fault(("derived", name, "relatives", "kind"), problem)
