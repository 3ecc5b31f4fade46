"""The command line: a door; nothing imports it."""
