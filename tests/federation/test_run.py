"""Runs with real processes."""

import os
import signal
import stat
from collections import Counter

import numpy as np
import pytest

from fedproof.errors import BadInput, FedproofError
from fedproof.federation import audit, run_federation
from fedproof.federation.aggregation import Opening
from fedproof.federation.index import Index
from fedproof.federation.premises import check_size
from fedproof.federation.record import read_record
from fedproof.federation.runfolder import RunFolder
from fedproof.federation.store import Store
from fedproof.proof import decode_weights, encode_weights
from tests.federation.helpers import make_run, make_task


def exits(told):
    """Exit codes of the participants' processes, by name."""
    return {event["name"]: event["code"] for event in told if event["tell"] == "exit"}


def of_kind(folder, kind):
    return [event for event in read_record(folder) if event.kind == kind]


def leftovers(base):
    return [f.name for f in base.iterdir() if f.name.endswith(".part") or f.name == "run"]


def test_three_processes_train_two_rounds_and_the_thief_is_named_and_left_out(finished):
    names = {e["participant"]: e["name"] for e in read_record(finished)[0]["expected"]}
    assert len(of_kind(finished, "registration")) == 3
    for number in (0, 1):
        close = of_kind(finished, "close")[number]
        assert sorted(names[a] for a in close["accepted"]) == ["alice", "bob"]
    refused = [e for e in of_kind(finished, "submission") if not e["accepted"]]
    assert [(e["name"], e["round"]) for e in refused] == [("carol", 0), ("carol", 1)]
    assert all(e["check"].startswith("V") and e["code"] for e in refused)
    assert audit(finished).ok


def test_the_new_model_is_the_rounded_mean_and_the_sum_opens_the_sum_of_commitments(finished, terms):
    store = Store(finished / "store")
    for close in of_kind(finished, "close"):
        total = Opening.decode(store.get(close["sum"]), terms.task.dims)
        weights = decode_weights(store.get(close["weights"]), terms.task.dims)
        for layer, summed in zip(weights, total.weights, strict=True):
            assert (layer == (2 * summed + 2) // 4).all()
        assert terms.key.commit_weights(total.weights, total.blinds).hex() == close["sum_commitment"]
        assert terms.key.commit_weights(weights).hex() == close["commitment"]


def test_the_model_moves_and_seeds_differ(finished, terms):
    plans = of_kind(finished, "schedule")
    assert plans[0]["seed"] != plans[1]["seed"]
    store = Store(finished / "store")
    assert store.get(plans[0]["weights"]) == encode_weights(terms.initial()[0])
    assert plans[1]["weights"] == of_kind(finished, "close")[0]["weights"] != plans[0]["weights"]


def test_no_single_update_is_published(finished, terms):
    """Of all artefacts only published models and opened sums have the size of a model."""
    size = len(encode_weights(terms.initial()[0]))
    known = {e["weights"] for kind in ("set", "close", "end") for e in of_kind(finished, kind)}
    known |= {e["sum"] for e in of_kind(finished, "close")}
    found = {f.name for f in (finished / "store").iterdir() if size <= f.stat().st_size < size + 1000}
    assert found <= known | {read_record(finished)[0]["task_file"]}


def test_private_files_stay_private(finished):
    for folder in (finished.parent / name for name in ("alice", "bob", "carol")):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "state.json").stat().st_mode) == 0o600
        assert stat.S_IMODE((folder / "key" / "keystore.json").stat().st_mode) == 0o600


def test_the_index_agrees_with_the_record(finished):
    index = Index(finished)
    for kind in ("run", "nonce", "submission", "close"):
        assert index.select(kind) == [e.fields for e in of_kind(finished, kind)]
    index.close()


def test_a_crashed_participant_and_one_without_data_are_named_and_left_out(tmp_path):
    config, passphrases = make_run(tmp_path, make_task(), ["alice", "bob", "crash", "empty"], restarts=0)
    (config.participant[3].folder / "data" / "records.csv").write_text("a,b,c,kind\n1,2,x,low\n")
    pids = {}

    def watch(event):
        if event["tell"] == "process":
            pids[event["name"]] = event["pid"]
        if event["tell"] == "set":
            os.kill(pids["crash"], signal.SIGKILL)

    assert run_federation(config, passphrases, watch=watch).finished
    missing = of_kind(config.out, "missing")
    assert [(e["name"], e["phase"]) for e in missing if e.fields["round"] is None] == [("empty", "registration")]
    assert "row 1 (line 2), column 'c': 'x' is not a number" in missing[0]["reason"]
    crashed = [e for e in missing if e["name"] == "crash"]
    assert {e["round"] for e in crashed} == {0, 1} and "its process was ended by signal 9" in crashed[0]["reason"]
    report = audit(config.out)
    assert report.ok and report.participants == 3
    assert any("round 0: crash was missing" in note for note in report.notes)
    assert any("empty did not register" in note for note in report.notes)


def test_too_few_accepted_updates_end_the_run_with_its_record(tmp_path):
    cheats, told = {"bob": "scaled-update"}, []
    config, passphrases = make_run(tmp_path, make_task(), ["alice", "bob"], cheats)
    result = run_federation(config, passphrases, watch=told.append)
    assert not result.finished
    assert result.failure == "round 0: updates accepted: 1, the task needs 2 (min_accepted)"
    report = audit(config.out)
    assert report.ok and not report.finished and [r.participant for r in report.refused] == ["bob"]
    assert not (config.out / "model").exists()
    assert exits(told) == {"alice": 0, "bob": 1}
    log = (config.participant[1].folder / "participant.log").read_text()
    assert log.startswith("round 0: the update was refused, check V") and "is not the agreed training" in log
    assert run_federation(config, {}, resume=True) == result


def test_whoever_was_refused_goes_on_in_the_next_round(tmp_path):
    """bob cheats in round 1, is refused, and in round 2, after a restart, trains as agreed."""
    config, passphrases = make_run(tmp_path, make_task(rounds=3, min_accepted=1), ["alice", "bob"])
    cheating = config.participant[1].model_copy(update={"cheat": "scaled-update", "cheat_from": 1})
    plan = config.model_copy(update={"participant": (config.participant[0], cheating)})
    watch, _ = killing(("aggregator", "close", 2))
    with pytest.raises(FedproofError, match="aggregator"):
        run_federation(plan.model_copy(update={"restarts": 0}), passphrases, watch=watch)
    told = []
    assert run_federation(config, passphrases, watch=told.append, resume=True).finished
    assert [len(e["accepted"]) for e in of_kind(config.out, "close")] == [2, 1, 2]
    assert exits(told) == {"alice": 0, "bob": 1}


def killing(*deaths):
    """A watch that kills the process `name` when it hears of the n-th event `kind`: deaths are (name, kind, n)."""
    pids, heard = {}, Counter()

    def watch(event):
        heard[event["tell"]] += 1
        if event["tell"] == "process":
            pids[event["name"]] = event["pid"]
        for name, kind, count in deaths:
            if event["tell"] == kind and heard[kind] == count:
                os.kill(pids[name], signal.SIGKILL)

    return watch, pids


def test_processes_that_die_are_started_again_and_nothing_is_lost(tmp_path):
    config, passphrases = make_run(tmp_path, make_task(), ["alice", "bob", "carol"])
    told = []
    watch, _ = killing(
        ("alice", "set", 1), ("aggregator", "nonce", 2), ("bob", "schedule", 1), ("aggregator", "submission", 2),
        ("carol", "close", 1), ("aggregator", "draw", 2), ("alice", "submission", 4), ("aggregator", "end", 1),
    )  # fmt: skip

    def listen(event):
        told.append(event)
        watch(event)

    assert run_federation(config, passphrases, watch=listen).finished
    assert of_kind(config.out, "missing") == []
    assert [len(e["accepted"]) for e in of_kind(config.out, "close")] == [3, 3]
    report = audit(config.out)
    assert report.ok and report.proofs == 3 + 6 + 2
    restarted = [event["name"] for event in told if event["tell"] == "restart"]
    assert restarted.count("aggregator") == 3 and {"alice", "bob"} <= set(restarted)
    kinds = [event["tell"] for event in told if event["tell"] not in ("process", "progress", "restart", "exit")]
    assert kinds == [event.kind for event in read_record(config.out)]  # each told once, whoever recorded it
    assert sorted(f.name for f in config.out.iterdir()) == ["model", "record.jsonl", "record.sqlite", "store"]


def test_who_dies_too_often_in_a_round_is_left_out_of_it(tmp_path):
    config, passphrases = make_run(tmp_path, make_task(), ["alice", "bob", "crash"], restarts=2)
    restarts = []

    def watch(event):
        if event["tell"] == "process" and event["name"] == "crash":
            os.kill(event["pid"], signal.SIGKILL)
        if event["tell"] == "restart":
            restarts.append((event["name"], event["attempt"], event["reason"]))

    assert run_federation(config, passphrases, watch=watch).finished
    assert restarts == [("crash", 1, "its process was ended by signal 9"), ("crash", 2, restarts[0][2])]
    [missing] = of_kind(config.out, "missing")
    assert (missing["name"], missing["phase"]) == ("crash", "registration")
    assert audit(config.out).ok


def test_an_aggregator_that_keeps_dying_ends_the_run_which_can_be_resumed(tmp_path):
    config, passphrases = make_run(tmp_path, make_task(min_accepted=1), ["alice"], restarts=0)
    watch, pids = killing(("aggregator", "set", 1))
    with pytest.raises(FedproofError, match="the aggregator's process failed: its process was ended by signal 9"):
        run_federation(config, passphrases, watch=watch)
    for pid in pids.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    run = RunFolder(config.out)
    assert stat.S_IMODE(run.private.stat().st_mode) == 0o700
    with pytest.raises(BadInput, match="exists already; it can be resumed"):
        run_federation(config, passphrases)
    for changed, problem in (({"mode": "off"}, "another mode"), ({"task": tmp_path / "other.toml"}, "another task")):
        (tmp_path / "other.toml").write_text(make_task(min_accepted=1, seed=8).to_toml())
        with pytest.raises(BadInput, match=problem):
            run_federation(config.model_copy(update=changed), passphrases, resume=True)
    renamed = config.participant[0].model_copy(update={"name": "eve"})
    with pytest.raises(BadInput, match="another participants or keys"):
        run_federation(config.model_copy(update={"participant": (renamed,)}), passphrases, resume=True)
    resumed = []
    before = run.events()
    assert run_federation(config, passphrases, resume=True, watch=resumed.append).finished
    assert read_record(config.out)[: len(before)] == before
    assert resumed[0] == {"tell": "resumed", "events": len(before), "closed": 0}
    assert audit(config.out).ok
    assert run_federation(config, {}, resume=True).finished  # it has ended: nothing is started


def test_two_launchers_do_not_work_on_one_run(tmp_path, monkeypatch):
    monkeypatch.setattr("fedproof.federation.premises.PREDECESSOR", 0.1)
    config, passphrases = make_run(tmp_path, make_task(rounds=1, min_accepted=1), ["alice"])
    refused = []

    def watch(event):
        if event["tell"] == "set":
            with pytest.raises(BadInput, match="is at work") as error:
                run_federation(config, passphrases, resume=True)
            refused.append(error)

    assert run_federation(config, passphrases, watch=watch).finished and refused


def test_a_run_that_has_ended_but_was_not_tidied_up_is(tmp_path, monkeypatch):
    """The launcher is killed between the last event and the model."""
    config, passphrases = make_run(tmp_path, make_task(rounds=1, min_accepted=1), ["alice"])
    with monkeypatch.context() as patch:
        patch.setattr("fedproof.federation.launch.publish_model", lambda folder: os.kill(os.getpid(), signal.SIGINT))
        patch.setattr(RunFolder, "end", lambda self: None)
        with pytest.raises(KeyboardInterrupt):
            run_federation(config, passphrases)
    assert not (config.out / "model").exists() and RunFolder(config.out).private.is_dir()
    assert run_federation(config, {}, resume=True).finished
    assert audit(config.out).ok and not RunFolder(config.out).private.exists()


def test_runs_that_cannot_start_leave_nothing(tmp_path):
    config, passphrases = make_run(tmp_path, make_task(min_accepted=1), ["alice"])
    config.out.mkdir()
    with pytest.raises(BadInput, match="exists already"):
        run_federation(config, passphrases)
    config.out.rmdir()
    nobody = config.participant[0].model_copy(update={"folder": tmp_path / "nobody"})
    with pytest.raises(BadInput, match=r"keystore.json: cannot be read"):
        run_federation(config.model_copy(update={"participant": (nobody,)}), passphrases)
    assert leftovers(tmp_path) == []


def test_runs_that_could_not_close_a_round_do_not_start(tmp_path):
    config, passphrases = make_run(tmp_path, make_task(min_accepted=3), ["alice", "bob"])
    with pytest.raises(BadInput, match=r"has 2 participants, the task asks for 3 updates"):
        run_federation(config, passphrases)
    big = make_task(precision={"bits": 8, "weight_bits": 36, "weight_bound": 2.0**20})
    assert big.fields.largest_update > 2**56
    check_size(big, 10)
    with pytest.raises(BadInput, match="might not fit 64 bits"):
        check_size(big, 200)
    assert leftovers(tmp_path) == []


def test_an_attempt_in_which_somebody_withholds_is_void_and_the_next_has_new_nonces(tmp_path):
    """mallory stops once registered and is gone when others have revealed; the record names her."""
    config, passphrases = make_run(tmp_path, make_task(rounds=1), ["alice", "bob", "mallory"], restarts=0)
    pids = {}

    def watch(event):
        if event["tell"] == "process":
            pids[event["name"]] = event["pid"]
        if event["tell"] == "registration" and event["name"] == "mallory":
            os.kill(pids["mallory"], signal.SIGSTOP)
        if event["tell"] == "nonce" and "mallory" in pids:
            os.kill(pids.pop("mallory"), signal.SIGKILL)

    assert run_federation(config, passphrases, watch=watch).finished
    first, second = of_kind(config.out, "draw")
    assert len(first["members"]) == 3 and len(second["members"]) == 2
    assert [(e["name"], e["phase"]) for e in of_kind(config.out, "missing")] == [("mallory", "nonce")]
    shown = of_kind(config.out, "nonce")
    assert sorted(e["attempt"] for e in shown) == [0, 0, 1, 1]
    assert len({e["body"]["nonce"] for e in shown}) == 4
    assert of_kind(config.out, "schedule")[0]["attempt"] == 1
    report = audit(config.out)
    assert report.ok and any("mallory was missing (nonce)" in note for note in report.notes)


def test_weights_beyond_the_bound_do_not_end_a_run(tmp_path):
    """Valid training on extreme data may push the mean over the bound: it is clipped, counted, and re-done."""
    wild = make_task(training={"learning_rate": 500.0}, precision={"bits": 8, "weight_bound": 2.0})
    config, passphrases = make_run(tmp_path, wild, ["alice", "bob"], mode="check")
    assert run_federation(config, passphrases).finished
    closes = of_kind(config.out, "close")
    assert closes[0]["clipped"] > 0
    weights = decode_weights(Store(config.out / "store").get(closes[0]["weights"]), wild.dims)
    assert max(abs(layer).max() for layer in weights) == 2**wild.fields.bound_bits - 1
    report = audit(config.out)
    assert [f.check for f in report.findings] == ["mode"]
    assert any("were clipped to the bound" in note for note in report.notes)


def test_without_proofs_the_audit_says_so(tmp_path):
    config, passphrases = make_run(tmp_path, make_task(rounds=1), ["alice", "bob"], mode="check")
    assert run_federation(config, passphrases).finished
    report = audit(config.out)
    assert [f.check for f in report.findings] == ["mode"]
    assert report.proofs == 0 and "nothing is proven" in report.findings[0].problem


def test_the_last_rounds_are_proven_where_asked_for(tmp_path):
    """Mode check with one proven round: a cheat that begins with it is refused, and the record says what was proven."""
    task = make_task(rounds=3)
    config, passphrases = make_run(
        tmp_path, task, ["alice", "bob", "mallory"], {"mallory": "scaled-update"}, mode="check", prove_rounds=1
    )
    late = tuple(p.model_copy(update={"cheat_from": 2}) for p in config.participant)
    assert run_federation(config.model_copy(update={"participant": late}), passphrases).finished
    assert [e["proof_bytes"] > 0 for e in of_kind(config.out, "registration")] == [True] * 3
    assert [e["proof_bytes"] > 0 for e in of_kind(config.out, "submission")] == [False] * 6 + [True] * 3
    assert [len(e["accepted"]) for e in of_kind(config.out, "close")] == [3, 3, 2]
    assert (read_record(config.out)[0]["mode"], read_record(config.out)[0]["prove_rounds"]) == ("check", 1)
    report = audit(config.out)
    assert [str(f) for f in report.findings] == [
        "check mode: mode 'check': only round 2 is proven, rounds 0 to 1 are taken on trust"
    ]
    assert ["proof" in e.fields for e in of_kind(config.out, "close")] == [False, False, True]
    assert report.proofs == 7 and report.prove_rounds == 1
    assert [(r.participant, r.round) for r in report.refused] == [("mallory", 2)]


def test_more_proven_rounds_than_there_are_do_not_start(tmp_path):
    config, passphrases = make_run(tmp_path, make_task(rounds=2), ["alice", "bob"], mode="check", prove_rounds=2)
    with pytest.raises(BadInput, match="^prove_rounds: must be below the number of rounds, 2, got 2"):
        run_federation(config, passphrases)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"training": {"optimiser": "nesterov", "momentum": 0.9, "weight_decay": 0.05, "learning_rate": 0.1}},
        {"model": {"loss": "softmax-cross-entropy", "class_weights": [1.0, 2.0]}, "training": {"proximal": 0.5}},
    ],
)
def test_models_of_other_kinds_are_trained_proven_and_audited(tmp_path, changes):
    """Updates with more fractional bits than models, class weights, softmax: a cheat is refused, the audit agrees."""
    from fedproof.data import fill_blocks, load_records
    from fedproof.program import compile_task, float_model

    task = make_task(precision={"bits": 12}, **changes)
    config, passphrases = make_run(tmp_path, task, ["alice", "bob", "mallory"], {"mallory": "label-flip"})
    assert run_federation(config, passphrases).finished
    report = audit(config.out)
    assert report.ok and {r.participant for r in report.refused} == {"mallory"}
    program, plans = compile_task(task), of_kind(config.out, "schedule")
    files = [config.participant[i].folder / "data" / "records.csv" for i in range(2)]
    records = [fill_blocks(load_records(file, task), task.slots) for file in files]
    floats = float_model.from_integers(task, program.init_weights(task.seed))
    for plan in plans:
        blocks = program.schedule(bytes.fromhex(plan["seed"]))[2]
        floats = float_model.average([float_model.float_round(task, floats, own, blocks) for own in records])
    end = of_kind(config.out, "end")[0]
    found = float_model.from_integers(task, decode_weights(Store(config.out / "store").get(end["weights"]), task.dims))
    for mine, theirs in zip(found, floats, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=0.03)


def test_a_single_participant_learns_what_float_training_would(tmp_path):
    """One participant, one round: the new model is its update, close to the same SGD in floating point."""
    from fedproof.data import fill_blocks, load_records
    from fedproof.program import float_model

    task = make_task(rounds=1, min_accepted=1)
    config, passphrases = make_run(tmp_path, task, ["alice"])
    assert run_federation(config, passphrases).finished
    from fedproof.program import compile_task

    plan = of_kind(config.out, "schedule")[0]
    records = fill_blocks(load_records(config.participant[0].folder / "data" / "records.csv", task), task.slots)
    program = compile_task(task)
    start = float_model.from_integers(task, program.init_weights(task.seed))
    expected = float_model.float_round(task, start, records, program.schedule(bytes.fromhex(plan["seed"]))[2])
    end = of_kind(config.out, "end")[0]
    found = float_model.from_integers(task, decode_weights(Store(config.out / "store").get(end["weights"]), task.dims))
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=0.1)  # 8 bits
