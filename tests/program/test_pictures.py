"""What the picture of a proof's bytes shows adds up to the proof."""

from tools.pictures import sizes


def test_parts_of_a_proof_add_up():
    found = sizes()
    head = len(b"FEDPROOF") + 2 + 1
    assert sum(found["parts"].values()) + head == found["proof_bytes"]
