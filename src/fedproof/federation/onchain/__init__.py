"""A federation whose rounds, stakes and rewards are on a chain: the chain is the journal, every role follows it."""
