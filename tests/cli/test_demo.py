import json
import re
import signal
import subprocess
import sys

import pytest
from PIL import Image


def test_the_demonstration_names_the_cheat_and_matches_float32(demo):
    done, _ = demo
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    honest, cheating = result["runs"]
    assert result["ok"] and all(audit["ok"] for audit in result["audits"])
    assert [len(r["accepted"]) for r in honest["rounds"]] == [2, 2]
    for entry in cheating["rounds"]:
        assert entry["accepted"] == ["hospital-1"]
        [refused] = entry["refused"]
        assert refused["participant"] == "hospital-2" and refused["check"].startswith("V")
    for run in result["runs"]:
        assert run["task"] == "breast-cancer" and run["test_records"] == 114
        final = run["rounds"][-1]
        assert abs(final["model"]["accuracy"] - final["float32"]["accuracy"]) <= 0.02
        assert set(final["model"]["classes"]) == {"malignant", "benign"}
        assert all(1000 < size < 20000 for size in final["proof_bytes"].values())


def test_it_warns_of_the_setup_and_shows_every_round(demo):
    done, _ = demo
    assert "INSECURE development setup" in done.stderr
    assert done.stderr.count("updates proven and counted") == 4
    assert done.stderr.count("hospital-2 refused (check V") == 2


def test_picture_and_report_are_whole_and_need_nothing_else(demo):
    _, out = demo
    with Image.open(out / "accuracy.png") as picture:
        assert picture.size[0] >= 1600
        picture.verify()
    html = (out / "index.html").read_text()
    assert "<svg" in html and "hospital-2" in html and "Audit passed" in html
    assert not re.search(r'(src|href)="(?!#)', html)  # only references inside the page
    assert json.loads((out / "summary.json").read_text())["runs"]


def test_its_runs_can_be_audited_and_its_model_used(demo, fedproof):
    _, out = demo
    audit = fedproof("audit", out / "cheating", "--json")
    assert audit.returncode == 0, audit.stderr
    report = json.loads(audit.stdout)
    assert report["ok"] and report["participants"] == 2 and report["insecure_setup"]
    text = fedproof("audit", out / "cheating")
    assert "round 0: hospital-2 was refused, check V" in text.stdout and "audit passed" in text.stdout
    assert "INSECURE" in text.stderr
    predicted = fedproof("predict", out / "honest", out / "test.csv", "--json")
    rows = json.loads(predicted.stdout)
    truth = [line.rsplit(",", 1)[1] for line in (out / "test.csv").read_text().splitlines()[1:]]
    right = sum(row["class"] == label for row, label in zip(rows, truth, strict=True)) / len(truth)
    final = json.loads((out / "summary.json").read_text())["runs"][0]["rounds"][-1]
    assert right == pytest.approx(final["model"]["accuracy"])


def test_an_interrupted_demonstration_goes_on(fedproof, environment, tmp_path):
    out, options = tmp_path / "out", ["--participants", "2", "--rounds", "3", "--hidden", "", "--cheat", "none"]
    process = subprocess.Popen(
        [sys.executable, "-m", "fedproof.cli.main", "demo", "--no-chain", "--out", str(out), *options],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("round 0"):
            process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130 and f"to go on: fedproof demo --out {out} --resume\n" in said
    process.stderr.close()
    done = fedproof("demo", "--no-chain", "--out", out, "--resume", "--json")
    assert done.returncode == 0, done.stderr
    [run] = json.loads(done.stdout)["runs"]
    assert len(run["rounds"]) == 3 and "rounds are closed already" in done.stderr
    assert (out / "index.html").is_file()
    again = fedproof("demo", "--no-chain", "--out", tmp_path / "nothing", "--resume")
    assert again.returncode == 2 and "holds no demonstration to go on with" in again.stderr


def test_nothing_but_an_earlier_demonstration_is_replaced(fedproof, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    done = fedproof("demo", "--no-chain", "--out", tmp_path)
    assert done.returncode == 2 and "is not a demonstration" in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--cheat", "bribery"], "unknown cheat 'bribery'"),
        (["--dataset", "nothing"], "unknown data set 'nothing'"),
        (["--hidden", "a"], "--hidden: must be units"),
        (["--rounds", "1", "--cheat", "stale-model"], "stale-model needs at least 2 rounds"),
        (["--participants", "1"], "--cheat none"),
        (["--rounds", "0"], "--rounds"),
        (["--mode", "fast"], "--mode: must be prove, check, off, got 'fast'"),
        (["--prove-rounds", "1"], "prove_rounds: belongs to the modes check and off"),
        (["--mode", "check", "--rounds", "2", "--prove-rounds", "2"], "prove_rounds: must be below"),
        (["--mode", "check", "--cheat", "label-flip"], "--cheat: in mode 'check' nothing would catch it"),
        (["--dataset", "digits", "--data", "/nowhere"], "--data: the data set digits comes with scikit-learn"),
        (["--dataset", "fashion-mnist", "--data", "/nowhere"], "data set fashion-mnist: /nowhere lacks"),
        (["--dataset", "lung", "--data", "/nowhere"], "lung.csv: cannot be read"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_is_written(options, problem, fedproof, tmp_path):
    done = fedproof("demo", "--no-chain", "--out", tmp_path / "out", *options)
    assert done.returncode == 2 and problem in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_what_is_not_proven_says_so_everywhere(fedproof, tmp_path):
    """Mode check with a proven last round: on the screen, in the table, the page, the summary and the record."""
    out = tmp_path / "out"
    options = ["--participants", "2", "--rounds", "2", "--hidden", "", "--mode", "check", "--prove-rounds", "1"]
    done = fedproof("demo", "--no-chain", "--out", out, *options, "--cheat", "random-update")
    assert done.returncode == 0, done.stderr
    notice = "mode 'check': only round 1 is proven, round 0 is taken on trust"
    assert notice in done.stderr and "round 0      2 updates counted, not proven" in done.stderr
    assert "round 1      1 updates proven and counted" in done.stderr
    assert "checked, not proven" in done.stdout and notice in done.stdout and "audit passed" in done.stdout
    assert "Not every round is proven" in done.stdout
    html = (out / "index.html").read_text()
    assert "0 <i>(checked, not proven)</i>" in html and "not every update proven" in html
    assert "every update is proven" not in html and "Audit passed</b>, but mode" in html
    honest, cheating = json.loads((out / "summary.json").read_text())["runs"]
    assert [r["mode"] for r in honest["rounds"]] == ["check", "prove"]
    assert honest["notice"] == notice
    assert [len(r["refused"]) for r in cheating["rounds"]] == [0, 1]
    first = json.loads((out / "honest" / "record.jsonl").read_text().splitlines()[0])
    assert (first["mode"], first["prove_rounds"]) == ("check", 1)
    audit = fedproof("audit", out / "honest")
    assert audit.returncode == 1 and notice in audit.stdout


def test_institutions_take_part_by_name(fedproof, tmp_path):
    """The lung demonstration on a small stand-in of its file."""
    header = "inst,time,status,age,sex,ph.ecog,ph.karno,pat.karno,meal.cal,wt.loss"
    rows = [
        f"{code},{[100, 300][i % 2]},1,{40 + i},1,0,90,80,,3"
        for code in (3, 11, 5)
        for i in range(12 if code > 3 else 6)
    ]
    rows += [f"9,{[100, 300][i % 2]},1,{60 + i},2,1,80,80,1000,3" for i in range(12)]
    (tmp_path / "lung.csv").write_text("\n".join([header, *rows]) + "\n")
    out = tmp_path / "out"
    options = ["--dataset", "lung", "--data", tmp_path, "--rounds", "1", "--cheat", "none"]
    done = fedproof("demo", "--no-chain", "--out", out, *options)
    assert done.returncode == 0, done.stderr
    assert "institutions left out, fewer than 8 patients to train on: 3 (" in done.stdout
    [run] = json.loads((out / "summary.json").read_text())["runs"]
    assert run["participants"] == ["institution-11", "institution-5", "institution-9"]
    assert "institutions left out" in (out / "index.html").read_text()
