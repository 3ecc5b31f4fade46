import pytest

from fedproof.errors import BadInput
from fedproof.federation import load_run

GOOD = """
task = "task.toml"
out = "run"
[[participant]]
name = "a"
folder = "people/a"
[[participant]]
name = "b"
folder = "people/b"
data = "b.csv"
"""


def test_paths_are_relative_to_the_file(tmp_path):
    (tmp_path / "run.toml").write_text(GOOD)
    config = load_run(tmp_path / "run.toml")
    assert config.task == tmp_path / "task.toml" and config.out == tmp_path / "run"
    assert [p.folder for p in config.participant] == [tmp_path / "people/a", tmp_path / "people/b"]
    assert config.participant[1].data == tmp_path / "b.csv" and config.ptau is None
    assert config.mode == "prove"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("task =", "tusk ="), "task: field required|tusk"),
        (('out = "run"', 'out = "run"\nmode = "fast"'), "mode: input should be 'prove', 'check' or 'off'"),
        (('out = "run"', 'out = "run"\ntimeout = 0'), "timeout: input should be greater than 0"),
        (('out = "run"', 'out = "run"\nmin_accepted = 1'), "min_accepted: extra inputs are not permitted"),
        (('name = "b"', 'name = "a"'), "two have the same name or folder"),
        (('name = "b"', 'name = "b/../c"'), "participant.1.name"),
        (('"people/b"', '"people/a"'), "two have the same name or folder"),
        (("[[participant]]", "[[participant"), "not valid TOML"),
    ],
)
def test_errors_name_file_and_key(tmp_path, change, problem):
    (tmp_path / "run.toml").write_text(GOOD.replace(*change))
    with pytest.raises(BadInput, match=problem) as error:
        load_run(tmp_path / "run.toml")
    assert str(error.value).startswith(str(tmp_path / "run.toml"))


def test_a_missing_file_is_bad_input(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        load_run(tmp_path / "none.toml")
