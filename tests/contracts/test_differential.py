"""The comparison of the verifiers of Rust and Solidity: its cases, its forged proofs, that it notices a difference."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from random import Random

import pytest

pytest.importorskip("Crypto")
pytest.importorskip("py_ecc")

from tools.differential import campaign, evm, rust
from tools.differential.__main__ import kept
from tools.differential.case import KINDS, VECTORS, Verdict, golden, vector
from tools.differential.change import HARD, SOFT, Draft
from tools.differential.digest import named
from tools.differential.keys import CHANGES, setup
from tools.differential.node import binary
from tools.differential.programs import attempt, large, small
from tools.differential.shape import HEADER, PARTS, shape
from tools.differential.sources import bare, honest, invented
from tools.differential.values import EDGES, random_point, random_scalar
from vectors.reference.curve import P, on_curve, point_from
from vectors.reference.field import R, Reject
from vectors.reference.setup import DEVELOPMENT_TAU, Setup
from vectors.reference.vector import outcome


@pytest.fixture(scope="module")
def decide():
    """Verdicts of Rust."""
    if shutil.which("cargo") is None:
        pytest.skip("cargo is not installed")
    rust.build()
    return rust.verdicts


@pytest.fixture(scope="module")
def vectors():
    return list(golden())


def test_every_golden_proof_is_a_case(vectors):
    names = [entry["kind"] for path in VECTORS.glob("*.json") for entry in listed(path) if "proof" in entry]
    assert Counter(case.kind for case in vectors) == Counter(names)
    assert set(PARTS) == set(KINDS) == {case.kind for case in vectors}


def listed(path):
    content = json.loads(path.read_text())
    return content if isinstance(content, list) else [content]


def test_parts_cover_file_and_statement(vectors):
    for case in vectors:
        form = shape(case.kind, case.program)
        for parts, start, data in ((form.file, HEADER, case.file), (form.statement, 0, case.statement)):
            ends = [start, *(part.end for part in parts)]
            assert [part.start for part in parts] == ends[:-1] and ends[-1] == len(data), case.story
        assert form.table == len(case.table)
        points = [case.file[at : at + 64] for at in form.places(64, form.file)]
        assert all(on_curve(point_from(point)) for point in points)
        assert named(case) == case


def vector_of(case):
    """With the trapdoor, which spares the reference the pairing."""
    return vector(case) | {"tau": DEVELOPMENT_TAU.to_bytes(32, "big").hex()}


@pytest.mark.parametrize("kind", KINDS)
def test_changes_do_what_they_say(vectors, kind):
    rng = Random(5)
    cases = [case for case in vectors if case.kind == kind]
    for change in [*SOFT, *HARD]:
        case = rng.choice(cases)
        form, seen = shape(case.kind, case.program), set()
        for _ in range(20):
            draft = Draft(case.file, case.statement, form, [other.file for other in cases])
            assert change(rng, draft)
            seen.add((bytes(draft.file), bytes(draft.statement)))
            if change in SOFT:
                assert (len(draft.file), len(draft.statement)) == (len(case.file), len(case.statement))
                for at in form.places(64, form.file):
                    point_from(draft.get(at, 64))
                assert all(int.from_bytes(draft.get(at, 32), "big") < R for at in form.places(32, form.file))
        assert len(seen) > 1, change
    for change in CHANGES:
        assert len({change(rng, case) for _ in range(20)}) > 1, change


def test_values():
    rng = Random(6)
    assert {R, P, R - 1, P - 1, 0} <= set(EDGES)
    assert all(int.from_bytes(random_scalar(rng), "big") < R for _ in range(50))
    points = {random_point(rng) for _ in range(50)}
    assert bytes(64) in points and len(points) > 30
    assert all(on_curve(point_from(point)) for point in points)
    assert setup(DEVELOPMENT_TAU) == Setup().g1 + Setup().h


def test_programs():
    rng = Random(7)
    losses = Counter(make(rng).loss for make in (small, large) for _ in range(20))
    assert set(losses) == {0, 1, 2, 3}
    legal = Counter(is_legal(attempt(rng)) for _ in range(60))
    assert min(legal[True], legal[False]) > 5


def is_legal(program):
    try:
        program.validate()
    except Reject:
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_forged_proofs_are_accepted_by_rust_and_by_the_reference(decide, kind):
    rng = Random(8)
    cases = [invented(rng, kind) for _ in range(3)]
    assert {verdict.name for verdict in decide(cases)} == {"OpeningFailed"}
    forged = rust.forged(cases)
    assert all(case.file[:-64] == made.file[:-64] for case, made in zip(cases, forged, strict=True))
    assert {verdict.name for verdict in decide(forged)} == {"accepted"}
    # the reference would recompute the tables, which are invented too: only programs without any
    for case in (case for case in forged if not case.table):
        assert outcome(vector_of(case), pairing=False) is None


def test_honest_proofs_are_accepted(decide):
    cases = honest(Random(9))
    assert {case.kind for case in cases} == {"registration", "training"}
    assert [verdict.name for verdict in decide(cases)] == ["accepted"] * len(cases)
    assert all(verdict.output for verdict in decide(cases))


def test_rust_names_every_error_of_a_key(decide, vectors):
    case = next(case for case in vectors if case.table)
    changes = {
        "IllegalProgram": {"program": case.program[:-1]},
        "WrongTable": {"table": b""},
        "NotOnCurve": {"table": b"\1" * 64},
        "NonCanonicalCoordinate": {"table": b"\xff" * 64},
        "WrongSetup": {"setup": case.setup[:64] + bytes(128)},
        "WrongStatement": {"statement": b""},
        "WrongMagic": {"file": b""},
    }
    cases = [replace(case, **change) for change in changes.values()]
    assert [verdict.name for verdict in decide(cases)] == list(changes)
    assert decide([bare(Random(10), "training")])[0].name != "accepted"


def test_batches_follow_from_the_seed_and_reach_every_verdict(decide):
    first, second = (list(zip(range(3), campaign.batches(seed), strict=False)) for seed in (1, 1))
    assert first[0] == second[0]
    assert [len(batch) for _, batch in first] == [len(first[0][1]), campaign.BATCH, campaign.BATCH]
    verdicts = Counter(verdict.name for _, batch in first for verdict in decide(batch))
    assert verdicts["accepted"] > 150 and verdicts["OpeningFailed"] > 50
    assert len(verdicts) >= 12, verdicts


def test_a_difference_is_found_and_kept(decide, tmp_path):
    """Solidity played by Rust, but for one proof whose output differs."""

    def solidity(batch):
        said = decide(batch)
        return [*said[:-1], replace(said[-1], output=b"other")]

    (report,) = campaign.run(1, 7, solidity)
    assert report.cases == 7 and len(report.disagreements) == 1 and report.found == report.disagreements
    line = kept(tmp_path / "found", 0, report.found[0])
    (entry,) = json.loads((tmp_path / "found" / "0.json").read_text())
    assert entry["said"]["rust"] != entry["said"]["solidity"] and entry["said"]["reference"] in line
    assert (outcome(entry) is None) == entry["valid"]
    assert "1 disagreements" in str(report)


def test_verdicts_are_the_same_only_in_full():
    accepted = Verdict("accepted", b"a")
    assert campaign.same(accepted, accepted)
    for other in (Verdict("accepted", b"b"), Verdict("accepted"), Verdict("OpeningFailed")):
        assert not campaign.same(accepted, other)
    assert not campaign.same(Verdict("NotOnCurve", numbers=(0,)), Verdict("NotOnCurve", numbers=(64,)))
    assert campaign.same(accepted, Verdict("KeyTooLong", numbers=(30_000,)))


def test_both_verifiers_agree_on_the_golden_vectors(decide, vectors):
    """The whole comparison is `make test-differential`."""
    try:
        binary()
        evm.artefact("TrainingVerifier")
    except FileNotFoundError as missing:
        pytest.skip(f"{missing}")
    with evm.Chain(cases_per_node=1) as chain:
        first = chain.node
        assert chain.verdicts(vectors) == decide(vectors)
        assert chain.node is first
        assert chain.verdicts(vectors[:3]) == decide(vectors[:3])
        assert chain.node is not first and first.process.returncode is not None
