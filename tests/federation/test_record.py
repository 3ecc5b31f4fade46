import json
import sqlite3

import pytest

from fedproof._core import keccak256
from fedproof.federation.index import INDEX, Index
from fedproof.federation.record import RECORD, START, Record, RecordBroken, read_record


@pytest.fixture
def folder(tmp_path):
    record = Record(tmp_path)
    record.append("run", rounds=2)
    record.append("submission", round=0, participant="aa", accepted=False, check="V11")
    record.append("close", round=0, accepted=["bb"])
    record.close()
    return tmp_path


def test_every_line_carries_the_hash_of_the_one_before(folder):
    lines = (folder / RECORD).read_bytes().splitlines()
    previous = START
    for index, line in enumerate(lines):
        assert json.loads(line)["previous"] == previous.hex()
        assert json.loads(line)["index"] == index
        previous = keccak256(line)
    events = read_record(folder)
    assert [e.kind for e in events] == ["run", "submission", "close"]
    assert events[-1].digest == previous
    assert events[1]["check"] == "V11" and events[1].round == 0 and events[0].round is None


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_changed_line_is_noticed(folder, line):
    lines = (folder / RECORD).read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b'"round":0', b'"round":1').replace(b'"rounds":2', b'"rounds":3')
    (folder / RECORD).write_bytes(b"".join(lines))
    if line < 2:  # the last line's hash stands outside: in the model's metadata, in whoever keeps it
        with pytest.raises(RecordBroken) as error:
            read_record(folder)
        assert error.value.line == line + 2
    else:
        assert read_record(folder)[2].round == 1


def test_lost_exchanged_and_cut_lines_are_noticed(folder):
    file = folder / RECORD
    lines = file.read_bytes().splitlines(keepends=True)
    for broken in ([lines[0], lines[2]], [lines[1], lines[0], lines[2]], lines[1:], [*lines, lines[2]]):
        file.write_bytes(b"".join(broken))
        with pytest.raises(RecordBroken):
            read_record(folder)
    file.write_bytes(b"".join(lines)[:-1])
    with pytest.raises(RecordBroken, match="cut short"):
        read_record(folder)
    file.write_bytes(b"")
    with pytest.raises(RecordBroken, match="empty"):
        read_record(folder)


def test_a_record_is_never_overwritten(folder):
    with pytest.raises(FileExistsError):
        Record(folder)


@pytest.mark.parametrize("tail", [b"", b"{", b'{"event":"close"', bytes(100)])
def test_a_killed_writer_s_record_is_gone_on_with_after_its_last_whole_line(tail, folder):
    before = (folder / RECORD).read_bytes()
    (folder / RECORD).write_bytes(before + tail)
    (folder / INDEX).write_bytes(b"half written")
    record = Record(folder, resume=True)
    assert (folder / RECORD).read_bytes() == before and len(record.past) == 3
    assert record.append("run", rounds=2).index == 0
    assert record.take(("submission",), 0, ["bb"]) is None  # about somebody else
    assert record.take(("submission",), 1, ["aa"]) is None
    assert record.take(("nonce",), 0, ["aa"]) is None
    taken = record.take(("nonce", "submission"), 0, ["aa", "bb"])
    assert taken is not None and taken["check"] == "V11"
    assert record.append("close", round=0, accepted=["bb"]).index == 2
    assert (folder / RECORD).read_bytes() == before
    event = record.append("end", weights="00")
    assert record.select("close", 0) == [{"round": 0, "accepted": ["bb"]}]
    record.close()
    assert read_record(folder)[-1] == event and len(read_record(folder)) == 4


def test_nothing_different_is_recorded_where_something_was(folder):
    for kind, fields, problem in (("end", {}, "line 1: is run where end"), ("run", {"rounds": 3}, "another rounds")):
        record = Record(folder, resume=True)
        with pytest.raises(RecordBroken, match=problem):
            record.append(kind, **fields)
        record.close()


def test_closed_rounds_are_gone_past_at_once(folder):
    record = Record(folder, resume=True)
    assert record.skip(1) is None and len(record.past) == 3
    close = record.skip(0)
    assert close is not None and close["accepted"] == ["bb"] and not record.past
    record.close()


def test_a_record_without_a_whole_line_begins_anew(tmp_path):
    (tmp_path / RECORD).write_bytes(b'{"event":"ru')
    record = Record(tmp_path, resume=True)
    assert not record.past and record.append("run").index == 0
    record.close()


def test_the_index_answers_queries_and_is_in_write_ahead_mode(folder):
    index = Index(folder)
    assert index.select("submission") == [{"round": 0, "participant": "aa", "accepted": False, "check": "V11"}]
    assert index.select("submission", 1) == []
    index.close()
    rows = sqlite3.connect(folder / INDEX)
    assert rows.execute("pragma journal_mode").fetchone() == ("wal",)
    query = "select line, event, round, participant, accepted, failed from events order by line"
    assert rows.execute(query).fetchall()[1:] == [
        (1, "submission", 0, "aa", 0, "V11"),
        (2, "close", 0, None, None, None),
    ]
    rows.close()


def test_a_reader_does_not_disturb_the_writer(tmp_path):
    record = Record(tmp_path)
    record.append("run")
    reader = Index(tmp_path)
    assert len(reader.select("run")) == 1
    record.append("run")
    assert len(reader.select("run")) == 2
    record.close()
    reader.close()
