"""docs/cli.md says what the commands say."""

from tools.cli_reference import PAGE, reference


def test_the_page_is_what_the_code_gives():
    assert PAGE.read_text(encoding="utf-8") == reference(), "docs/cli.md is out of date; regenerate it: make docs"


def test_the_page_has_every_command_and_option(fedproof):
    page = PAGE.read_text(encoding="utf-8")
    for command in ("demo", "init", "inspect", "setup", "run", "status", "audit", "predict", "prove", "verify"):
        shown = fedproof(command, "--help", env={"COLUMNS": "200"}).stdout
        section = page.split(f"## fedproof {command}\n")[1].split("\n## ")[0]
        options = {
            word for word in shown.split() if word.startswith("--") and word.strip("-").replace("-", "").isalpha()
        }
        assert options, command
        for option in options - {"--help"}:
            assert f"`{option}`" in section, (command, option)
    assert "## fedproof data commit\n" in page


def test_every_parameter_has_help():
    for line in reference().splitlines():
        if line.startswith("| `"):
            assert not line.endswith("|  |"), f"no help text: {line}"
