"""Whatever is changed in a run's files, the audit names the check, and where it can the round and the participant."""

import io
import json

import numpy as np
import pytest

from fedproof._core import keccak256
from fedproof.errors import BadInput
from fedproof.federation import CHECKS, audit
from fedproof.federation.aggregation import Opening
from fedproof.federation.canonical import encode
from fedproof.federation.record import RECORD, START
from fedproof.federation.store import Store
from fedproof.proof import decode_weights, encode_weights
from fedproof.registry import export_model, load_model

ZERO = "00" * 32


class Tampered:
    """Events of a copied run as dictionaries; `write` makes a consistent hash chain of them again."""

    def __init__(self, folder, terms):
        self.folder, self.terms, self.store = folder, terms, Store(folder / "store")
        self.events = [json.loads(line) for line in (folder / RECORD).read_bytes().splitlines()]

    def all(self, kind, number=None):
        return [e for e in self.events if e["event"] == kind and (number is None or e.get("round") == number)]

    def one(self, kind, number=None, name=None):
        found = [e for e in self.all(kind, number) if name is None or e.get("name") == name]
        assert found
        return found[0]

    def model(self, name):
        return decode_weights(self.store.get(name), self.terms.task.dims)

    def write(self):
        previous, lines = START, []
        for index, event in enumerate(self.events):
            lines.append(encode({**event, "index": index, "previous": previous.hex()}))
            previous = keccak256(lines[-1])
        (self.folder / RECORD).write_bytes(b"".join(line + b"\n" for line in lines))


@pytest.fixture
def run(copied, terms):
    return Tampered(copied, terms)


def findings(run, rewrite=True):
    if rewrite:
        run.write()
    report = audit(run.folder)
    assert not report.ok
    return {(f.check, f.round, f.participant) for f in report.findings}


def test_an_untouched_run_passes(finished):
    seen = []
    report = audit(finished, progress=seen.append)
    assert report.ok and report.findings == []
    assert (report.participants, report.rounds, report.proofs, report.finished) == (3, 2, 11, True)
    assert [(r.round, r.participant) for r in report.refused] == [(0, "carol"), (1, "carol")]
    assert report.insecure_setup and report.task == "tiny" and report.mode == "prove"
    assert seen == sorted(seen) and seen[-1] == 1.0
    assert json.loads(json.dumps(report.to_json()))["ok"] is True


def test_rewriting_the_hash_chain_alone_changes_nothing(run):
    run.write()
    assert audit(run.folder).ok


def _record_byte(run):
    content = (run.folder / RECORD).read_bytes()
    (run.folder / RECORD).write_bytes(content.replace(b'"beta":', b'"beta":1', 1))


def _artefact(run):
    (run.folder / "store" / run.one("close", 1)["sum"]).write_bytes(b"")


def _task(run):
    text = run.store.get(run.one("run")["task_file"]).decode().replace("rounds = 2", "rounds = 3")
    run.one("run")["task_file"] = run.store.put(text.encode())


def _program(run):
    run.one("run")["program"] = ZERO


def _setup(run):
    run.one("run")["setup"]["digest"] = ZERO


def _key(run):
    run.one("run")["key"] = ZERO


def _mode(run):
    run.one("run")["mode"] = "check"


def _initial(run):
    weights = run.model(run.one("set")["weights"])
    weights[0][0, 0] += 1
    run.one("set")["weights"] = run.store.put(encode_weights(weights))
    run.one("set")["commitment"] = run.terms.key.commit_weights(weights).hex()


def _registration(run):
    mine, other = run.one("registration", name="alice"), run.one("registration", name="bob")
    mine["body"]["proof"] = other["body"]["proof"]


def _set(run):
    run.one("set")["members"].pop()


def _nonce(run):
    alice = run.one("registration", name="alice")["participant"]
    next(e for e in run.all("nonce", 1) if e["participant"] == alice)["body"]["nonce"] = ZERO


def _draw(run):
    """As if bob had not been there from the start: the aggregator's choice would be unnamed."""
    draw = run.one("draw", 1)
    draw["members"].pop()


def _schedule(run):
    run.one("schedule", 1)["beta"] ^= 1


def _submission(run):
    run.one("submission", 0, "carol")["accepted"] = True


def _refusal(run):
    run.one("submission", 1, "bob").update(accepted=False, check="V11", code="OpeningFailed", reason="says who?")


def _accepted(run):
    run.one("close", 0)["accepted"].pop()


def _sum(run):
    close = run.one("close", 1)
    total = Opening.decode(run.store.get(close["sum"]), run.terms.task.dims)
    total.weights[0][0, 0] += 2
    close["sum"] = run.store.put(total.encode())


def _rounding(run):
    close, end = run.one("close", 1), run.one("end")
    weights = run.model(close["weights"])
    weights[1][0, 0] += 1
    close["weights"] = end["weights"] = run.store.put(encode_weights(weights))
    close["commitment"] = end["commitment"] = run.terms.key.commit_weights(weights).hex()


def _bound(run):
    run.one("close", 1)["clipped"] = 1


def _commitment(run):
    run.one("close", 1)["commitment"] = run.one("close", 0)["commitment"]


def _close(run):
    close = run.one("close", 1)
    proof = bytearray(run.store.get(close["proof"]))
    proof[-1] ^= 1
    close["proof"] = run.store.put(bytes(proof))


def _end(run):
    run.one("end").update(weights=run.one("close", 0)["weights"], commitment=run.one("close", 0)["commitment"])


def _model(run):
    model = load_model(run.folder)
    integers = run.model(run.one("close", 0)["weights"])
    provenance = {k: v for k, v in model.metadata.items() if k not in ("format", "task")}
    for name, content in export_model(model.task, integers, provenance).items():
        (run.folder / "model" / name).write_bytes(content)


TAMPERS = {
    "record": (_record_byte, None, ""),
    "artefact": (_artefact, 1, ""),
    "task": (_task, None, ""),
    "program": (_program, None, ""),
    "setup": (_setup, None, ""),
    "key": (_key, None, ""),
    "mode": (_mode, None, ""),
    "initial": (_initial, None, ""),
    "registration": (_registration, None, "alice"),
    "set": (_set, None, ""),
    "nonce": (_nonce, 1, "alice"),
    "draw": (_draw, 1, ""),
    "schedule": (_schedule, 1, ""),
    "submission": (_submission, 0, "carol"),
    "refusal": (_refusal, 1, "bob"),
    "accepted": (_accepted, 0, ""),
    "sum": (_sum, 1, ""),
    "rounding": (_rounding, 1, ""),
    "bound": (_bound, 1, ""),
    "commitment": (_commitment, 1, ""),
    "close": (_close, 1, ""),
    "end": (_end, None, ""),
    "model": (_model, None, ""),
}


def test_every_check_has_its_tampering():
    assert set(TAMPERS) == set(CHECKS)


@pytest.mark.parametrize("check", TAMPERS)
def test_tampering_is_found_where_it_is(check, run):
    tamper, number, participant = TAMPERS[check]
    tamper(run)
    assert (check, number, participant) in findings(run, rewrite=check not in ("record", "artefact", "model"))


@pytest.mark.parametrize(("mode", "proven"), [("check", 1), ("off", 1)])
def test_claiming_fewer_proven_rounds_than_there_were_is_no_pass(mode, proven, run):
    """Nor is it a crash: proofs in rounds that claim none are not looked at, and the audit says what rests on trust."""
    run.one("run").update(mode=mode, prove_rounds=proven)
    assert ("mode", None, "") in findings(run)


@pytest.mark.parametrize("value", [-1, 2, 3, True, None, "1"])
def test_a_number_of_proven_rounds_that_cannot_be_ends_the_audit(value, run):
    run.one("run").update(mode="check", prove_rounds=value)
    [(check, _, _)] = findings(run)
    assert check == "record"


def drop(kind, number=None):
    def change(run):
        run.events.remove(run.one(kind, number))

    return change


def repeat(kind, number=None):
    def change(run):
        run.events.insert(run.events.index(run.one(kind, number)), dict(run.one(kind, number)))

    return change


def proof_bit(run):
    entry = run.one("submission", 0, "alice")
    proof = bytearray(run.store.get(entry["body"]["proof"]))
    proof[len(proof) // 2] ^= 1
    entry["body"]["proof"] = run.store.put(bytes(proof))


def signature(run):
    run.one("submission", 0, "alice")["signature"] = run.one("submission", 1, "alice")["signature"]


def whole_submission_of_another_round(run):
    mine, other = run.one("submission", 1, "alice"), run.one("submission", 0, "alice")
    mine.update(body=other["body"], signature=other["signature"])


def hide_a_refusal(run):
    run.events.remove(run.one("submission", 1, "carol"))
    run.events.remove(run.one("submission", 0, "carol"))


def another_reason(run):
    run.one("submission", 0, "carol").update(check="signature", code="BadSignature")


def sum_of_blinds(run):
    close = run.one("close", 0)
    total = Opening.decode(run.store.get(close["sum"]), run.terms.task.dims)
    changed = total.blinds[:-1] + bytes([total.blinds[-1] ^ 1])
    close["sum"] = run.store.put(Opening(total.weights, changed).encode())


def proof_of_another_close(run):
    run.one("close", 1)["proof"] = run.one("close", 0)["proof"]


def proof_of_no_close(run):
    run.one("close", 1)["proof"] = run.one("submission", 1, "alice")["body"]["proof"]


def close_without_a_proof(run):
    del run.one("close", 1)["proof"]


def model_of_no_length(run):
    run.one("close", 1)["commitment"] = ""


def drop_the_last_round(run):
    cut = run.events.index(run.one("draw", 1))
    first = run.one("close", 0)
    run.events[cut:] = [{"event": "end", "weights": first["weights"], "commitment": first["commitment"]}]


def seed(run):
    run.one("schedule", 0)["seed"] = ZERO


def attempt(run):
    run.one("schedule", 0)["attempt"] = 1


def set_digest(run):
    run.one("set")["digest"] = ZERO


def other_run(run):
    """Everybody's messages are of one run: a record of another id is not theirs."""
    run.one("run")["run"] = ZERO


def nobody_is_called_missing(run):
    """An aggregator that leaves out whoever spoils its seed: carol's nonce is gone, and nothing says why."""
    carol = run.one("registration", name="carol")["participant"]
    run.events.remove(next(e for e in run.all("nonce", 0) if e["participant"] == carol))
    run.events[:] = [e for e in run.events if e["event"] != "submission" or e["round"] != 0 or e["name"] != "carol"]


def called_missing_afterwards(run):
    """The same, with a reason: then the attempt is void, and the seed has to come from nonces that nobody has seen."""
    carol = run.one("registration", name="carol")["participant"]
    nonce = next(e for e in run.all("nonce", 0) if e["participant"] == carol)
    nonce.clear()
    reason = {"name": "carol", "phase": "nonce", "reason": "no nonce within 600 seconds"}
    nonce.update(event="missing", round=0, participant=carol, **reason)


def too_few(run):
    """One accepted update instead of two: its sum would be the update."""
    entry = run.one("submission", 0, "alice")
    run.events.remove(entry)
    run.one("close", 0)["accepted"].remove(entry["participant"])


def sum_commitment(run):
    run.one("close", 0)["sum_commitment"] = run.one("close", 1)["sum_commitment"]


def strange_types(run):
    run.one("close", 0)["accepted"] = 5


def strange_body(run):
    run.one("submission", 0, "alice")["body"] = []


OTHERS = [
    (drop("nonce", 0), "draw"),
    (drop("draw", 0), "record"),
    (repeat("draw", 0), "draw"),
    (nobody_is_called_missing, "draw"),
    (called_missing_afterwards, "draw"),
    (drop("schedule", 1), "record"),
    (drop("close", 0), "record"),
    (drop("end"), "record"),
    (drop("registration"), "set"),
    (repeat("registration"), "registration"),
    (repeat("nonce", 0), "nonce"),
    (repeat("submission", 1), "submission"),
    (repeat("close", 0), "record"),
    (repeat("end"), "record"),
    (repeat("run"), "record"),
    (proof_bit, "submission"),
    (signature, "submission"),
    (whole_submission_of_another_round, "submission"),
    (another_reason, "refusal"),
    (sum_of_blinds, "sum"),
    (sum_commitment, "sum"),
    (proof_of_another_close, "close"),
    (proof_of_no_close, "close"),
    (close_without_a_proof, "record"),
    (_rounding, "close"),
    (model_of_no_length, "commitment"),
    (drop_the_last_round, "end"),
    (seed, "schedule"),
    (attempt, "schedule"),
    (set_digest, "set"),
    (other_run, "registration"),
    (other_run, "nonce"),
    (too_few, "accepted"),
    (strange_types, "record"),
    (strange_body, "record"),
]


@pytest.mark.parametrize(("change", "check"), OTHERS, ids=[f"{n}-{c}" for n, (_, c) in enumerate(OTHERS)])
def test_other_tampering(change, check, run):
    change(run)
    assert check in {found for found, _, _ in findings(run)}


def test_the_task_can_be_demanded(finished, terms):
    """A record of another task with the same name is not the task's."""
    assert audit(finished, task_digest=terms.task.digest).ok
    report = audit(finished, task_digest=bytes(32))
    assert [f.check for f in report.findings] == ["task"]
    assert report.task_digest == terms.task.digest.hex() and report.program_digest == terms.program.digest.hex()
    assert len(report.run) == 64


def deep(run):
    run.one("run")["task_file"] = run.store.put(b"a = " + b"[" * 100_000)


def huge(run):
    run.one("run")["rounds"] = 10**4000


def numbers_out_of_range(run):
    for entry in run.all("registration"):
        entry["body"]["count"] = 2**70


def names_that_are_none(run):
    run.one("run")["expected"] = [{"participant": [], "name": {}}]


def events_as_fields(run):
    run.one("nonce", 0)["participant"] = {}


def control_characters(run):
    run.one("registration", name="alice")["body"]["name"] = "\x1b[2J"


HOSTILE = [deep, huge, numbers_out_of_range, names_that_are_none, events_as_fields, control_characters]


@pytest.mark.parametrize("change", HOSTILE, ids=lambda f: f.__name__)
def test_hostile_files_end_as_findings(change, run):
    change(run)
    assert findings(run)


def test_what_is_no_record_at_all_ends_as_a_finding(copied):
    for content in (b"[" * 100_000 + b"\n", b"\xff\n", b'{"event":' + b"9" * 5000 + b"}\n", b"{}\n", b"\n"):
        (copied / RECORD).write_bytes(content)
        assert [f.check for f in audit(copied).findings] == ["record"]


@pytest.mark.parametrize("name", ["model.safetensors", "model.npz"])
def test_hostile_models_end_as_findings(name, copied):
    deep = io.BytesIO()
    np.savez(deep, metadata=np.array("[" * 100_000))
    array = io.BytesIO()
    np.save(array, np.zeros(3))
    for content in (b"", b"\xff" * 64, b"PK\3\4" + bytes(100), deep.getvalue(), array.getvalue()):
        (copied / "model" / name).write_bytes(content)
        assert "model" in {f.check for f in audit(copied).findings}


def test_hiding_refusals_changes_the_record_the_model_names(run):
    """The refused may be hidden by whoever rewrites the whole record, but not under the digest in the model."""
    hide_a_refusal(run)
    assert findings(run) == {("model", None, "")}


def test_findings_read_well(run):
    _nonce(run)
    run.write()
    text = str(audit(run.folder).findings[0])
    assert text.startswith("round 1, alice, check nonce: ")


def test_a_folder_without_a_record_is_bad_input(tmp_path):
    with pytest.raises(BadInput, match=r"holds no run \(record.jsonl is missing\)"):
        audit(tmp_path)
