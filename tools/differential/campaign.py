"""Cases from a seed, and both verifiers' verdicts on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from tools.differential import rust
from tools.differential.case import KINDS, Case, Verdict, golden
from tools.differential.change import HARD, SOFT, Draft
from tools.differential.keys import changed, setup
from tools.differential.shape import shape
from tools.differential.sources import bare, honest, invented
from tools.differential.values import bytes32
from vectors.reference.field import Reject
from vectors.reference.setup import DEVELOPMENT_TAU

BATCH = 250
"""Cases that are decided together; new ones of every source in each."""
INVENTED = 25
BARE = 25


Decide = Callable[[Sequence[Case]], list[Verdict]]
Disagreement = tuple[Case, Verdict, Verdict]


@dataclass
class Report:
    """How often both reached each verdict, and the cases in which they differ: all, and those of the last batch."""

    agreed: Counter[str] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)
    found: list[Disagreement] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """All that were decided."""
        return self.agreed.total() + len(self.disagreements)

    def __str__(self) -> str:
        verdicts = ", ".join(f"{name} {number}" for name, number in self.agreed.most_common())
        return f"{self.cases} cases, {len(self.disagreements)} disagreements ({verdicts})"

    def add(self, batch: list[Case], rust_says: list[Verdict], solidity_says: list[Verdict]) -> None:
        """Takes in the verdicts on a batch."""
        self.found = []
        for case, first, second in zip(batch, rust_says, solidity_says, strict=True):
            if same(first, second):
                self.agreed[second.name] += 1
            else:
                self.found.append((case, first, second))
        self.disagreements += self.found


def same(rust_says: Verdict, solidity_says: Verdict) -> bool:
    """One verdict: outputs and numbers too. A key that no contract can hold is no verdict."""
    return rust_says == solidity_says or solidity_says.name == "KeyTooLong"


def _mutated(rng: Random, case: Case, others: list[Case]) -> Case:
    """One to five changes. Soft ones alone mostly end with a forged last point, so that all else has to be right."""
    if rng.random() < 0.12:
        return changed(rng, case)
    try:
        form = shape(case.kind, case.program)
    except Reject:
        return case  # its program was changed before: it has no parts
    mates = [other.file for other in others if other.kind == case.kind or rng.random() < 0.1] or [case.file]
    draft = Draft(case.file, case.statement, form, mates)
    soft = rng.random() < 0.6
    stories = []
    for _ in range(rng.choice([1, 1, 1, 2, 3, 5])):
        stories.append(rng.choice(SOFT if soft or rng.random() < 0.3 else HARD)(rng, draft))
    out = replace(case, file=bytes(draft.file), statement=bytes(draft.statement), tau=b"").told("; ".join(stories))
    known = case.setup == setup(DEVELOPMENT_TAU)
    return replace(out, tau=bytes32(DEVELOPMENT_TAU)) if known and rng.random() < (0.8 if soft else 0.3) else out


def _batch(rng: Random, pool: list[Case]) -> list[Case]:
    """New cases as they are, then changes of these and of the pool."""
    start = honest(rng)
    start += rust.forged([invented(rng, rng.choice(list(KINDS))) for _ in range(INVENTED)])
    sources = [*start, *pool]
    changes = []
    programs = [bare(rng, rng.choice(list(KINDS))) for _ in range(BARE)]
    for _ in range(BATCH - BARE - len(start)):
        # new ones as often as all of the pool
        case = rng.choice(start if rng.random() < 0.5 else sources)
        changes.append(_mutated(rng, case, rng.sample(sources, min(4, len(sources)))))
    forged = rust.forged(changes)
    # what was accepted before must not be once it is changed again
    return (
        start + programs + [_mutated(rng, case, start) if rng.random() < 0.1 and case.file else case for case in forged]
    )


def batches(seed: int) -> Iterator[list[Case]]:
    """Without end; golden vectors come first. Honest proofs draw fresh randomness, the rest follows from the seed."""
    rng = Random(seed)
    pool = list(golden())
    yield pool
    while True:
        yield _batch(rng, pool)


def run(seed: int, cases: int, solidity: Decide) -> Iterator[Report]:
    """The report after every batch, until so many cases are decided."""
    report = Report()
    for batch in batches(seed):
        batch = batch[: cases - report.cases]
        report.add(batch, rust.verdicts(batch), solidity(batch))
        yield report
        if report.cases == cases:
            return
