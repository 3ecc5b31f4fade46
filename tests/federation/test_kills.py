"""kill -9 at random instants, in short; `python -m benches.kills` does it at length."""

import json
import random
import shutil

from benches.kills import NAMES, main, outcome, prepare, torture


def test_random_kills_of_all_processes_change_nothing(capsys):
    assert main(["--kills", "12", "--rounds", "4", "--seed", "5", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["kills"] == 12 and set(result["of"]) == {"participant", "aggregator", "launcher"}
    assert result["wrong"] == [] and result["rounds"] == 4 and len(result["model"]) >= 128


def test_the_bench_notices_a_second_submission_and_what_is_left_behind(tmp_path):
    prepare(tmp_path, 1, "off")
    torture(tmp_path, 0, random.Random(1))
    assert [wrong for wrong in outcome(tmp_path)["wrong"] if not wrong.startswith("check mode")] == []
    mine, other = (next((tmp_path / name / "sent").glob("*/0.json")) for name in NAMES[:2])
    shutil.copy(other, mine)
    (mine.parent / ".x.part").touch()
    wrong = outcome(tmp_path)["wrong"]
    assert f"round 0: the record has another submission than {NAMES[0]}'s disk" in wrong
    assert any(line.endswith(".x.part was left behind") for line in wrong)
