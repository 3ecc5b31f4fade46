"""A federation on tables, in one call; what is wrong is said before anything is started or written."""

import pandas as pd
import pytest

from fedproof import BadInput, DataError, Table, rehearse
from tests.federation.helpers import make_table, make_task

NAMES = ("alice", "bob", "carol")


@pytest.fixture
def tables():
    return {name: make_table(number) for number, name in enumerate(NAMES)}


def frame(table: Table) -> pd.DataFrame:
    return pd.DataFrame(table.features, columns=["a", "b", "c"]).assign(kind=list(table.labels))


def test_a_cheat_is_left_out_and_the_rest_is_audited(tables, tmp_path):
    told = []
    done = rehearse(make_task(), tables, out=tmp_path / "r", cheats={"bob": "scaled-update"}, watch=told.append)
    assert done.refused == [(0, "bob", "V11"), (1, "bob", "V11")]
    assert done.audit.ok and done.audit.rounds == done.model.rounds == 2
    assert [len(event["accepted"]) for event in done.events("close")] == [2, 2]
    assert "close" in {event["tell"] for event in told}
    again = rehearse(make_task(rounds=1), tables, out=tmp_path / "r")  # replaces the earlier one
    assert again.refused == [] and again.audit.rounds == 1


def test_errors_come_before_anything_is_written(tables, tmp_path):
    out = tmp_path / "r"
    with pytest.raises(BadInput, match=r"cheats: 'eve' is none of the participants \(alice, bob, carol\)"):
        rehearse(make_task(), tables, out=out, cheats={"eve": "scaled-update"})
    with pytest.raises(BadInput, match="unknown cheat 'lie'"):
        rehearse(make_task(), tables, out=out, cheats={"bob": "lie"})
    with pytest.raises(BadInput, match=r"tables: .*got '../bob'"):
        rehearse(make_task(), {**tables, "../bob": tables["bob"]}, out=out)
    with pytest.raises(BadInput, match="has 1 participants, the task asks for 2"):
        rehearse(make_task(), {"alice": tables["alice"]}, out=out)
    assert not out.exists()


def test_errors_in_a_frame_name_participant_row_and_column(tables, tmp_path):
    wrong = frame(tables["bob"])
    wrong.loc[2, "b"] = 1e9
    with pytest.raises(DataError, match="bob: row 3, column 'b': normalised value 1e"):
        rehearse(make_task(), {**tables, "bob": wrong}, out=tmp_path / "r")
    with pytest.raises(DataError, match="bob: column 'c'"):
        rehearse(make_task(), {**tables, "bob": wrong.drop(columns="c")}, out=tmp_path / "r")


def test_another_folder_is_not_replaced(tables, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInput, match="is not a demonstration or a rehearsal"):
        rehearse(make_task(), tables, out=tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
