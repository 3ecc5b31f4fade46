# ruff: noqa: E501 (lines of SVG)
"""Draws the pictures of docs/how-it-works.md: `make docs` writes docs/pictures/*.svg."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benches.measure import described
from fedproof._core import Program

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
INK, GREEN, PALE, SAND, BLUE, RED = "#1f2933", "#14532d", "#dcfce7", "#fef3c7", "#dbeafe", "#fee2e2"
FONT = "font-family='Helvetica, Arial, sans-serif'"


class Picture:
    """An SVG under construction; units are pixels."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self.parts: list[str] = []

    def box(self, x: float, y: float, w: float, h: float, text: str, fill: str = "#ffffff", size: int = 13) -> None:
        """A rounded box with centred lines."""
        self.parts.append(
            f"<rect x='{x}' y='{y}' width='{w}' height='{h}' rx='6' fill='{fill}' stroke='{INK}' stroke-width='1.2'/>"
        )
        lines = text.split("\n")
        for k, line in enumerate(lines):
            self.text(
                x + w / 2, y + h / 2 + (k - (len(lines) - 1) / 2) * size * 1.3 + size * 0.35, line, size, "middle"
            )

    def text(self, x: float, y: float, text: str, size: int = 13, anchor: str = "start", colour: str = INK) -> None:
        """One line."""
        self.parts.append(
            f"<text x='{x}' y='{y}' font-size='{size}' text-anchor='{anchor}' fill='{colour}'>{escape(text)}</text>"
        )

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """A thin line."""
        self.parts.append(f"<line x1='{x1}' y1='{y1}' x2='{x2}' y2='{y2}' stroke='{INK}' stroke-width='0.7'/>")

    def arrow(self, x1: float, y1: float, x2: float, y2: float, label: str = "") -> None:
        """A line with a head, and a label above its middle."""
        self.parts.append(
            f"<line x1='{x1}' y1='{y1}' x2='{x2}' y2='{y2}' stroke='{GREEN}' stroke-width='1.6' marker-end='url(#head)'/>"
        )
        if label:
            aside = 0 if y1 == y2 else 12 if y2 > y1 else -12  # off a slanting line
            self.text((x1 + x2) / 2 + aside, (y1 + y2) / 2 - 14, label, 11, "start" if aside > 0 else "end", GREEN)

    def save(self, name: str) -> None:
        """Writes the file."""
        width, height = self.size
        head = f"<marker id='head' viewBox='0 0 10 10' refX='9' refY='5' markerWidth='7' markerHeight='7' orient='auto'><path d='M0 0L10 5L0 10z' fill='{GREEN}'/></marker>"
        body = "\n".join(self.parts)
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / name).write_text(
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}' {FONT}>\n"
            f"<defs>{head}</defs>\n<rect width='{width}' height='{height}' fill='#ffffff'/>\n{body}\n</svg>\n"
        )


def one_round() -> None:
    """Who sends what to whom."""
    p = Picture(900, 340)
    for k, name in enumerate(("Hospital A", "Hospital B", "Hospital C")):
        y = 20 + 105 * k
        p.box(20, y, 190, 80, f"{name}\ndata stay here\ntrain T steps, prove", PALE)
        p.arrow(210, y + 40, 375, 160, "update, commitment, proof" if k == 0 else "")
    p.box(380, 110, 190, 100, "Aggregator\nverifies every proof\nadds accepted updates\nrounds the mean", SAND)
    p.box(690, 30, 190, 70, "Round record\nhash chain: statements,\nproofs, sum, model", BLUE)
    p.box(690, 220, 190, 80, "Anybody\nre-verifies everything\nfrom the files", BLUE)
    p.arrow(570, 140, 688, 75, "record")
    p.arrow(785, 100, 785, 218, "")
    p.text(800, 165, "audit", 11, "start", GREEN)
    p.arrow(475, 210, 475, 300)
    p.text(475, 322, "next model, to all", 12, "middle", GREEN)
    p.save("round.svg")


def trace() -> None:
    """What is committed: columns over regions of rows, cut into vectors."""
    p = Picture(900, 420)
    columns = ["q", "sg", "ex", "g", "r0", "r1", "r2", "a", "s"]
    regions = [
        ("F1", "pre-activations of layer 1", PALE, 92),
        ("B1", "deltas of layer 1", SAND, 92),
        ("F2", "logits", PALE, 34),
        ("P2", "exponentials", BLUE, 34),
        ("Q2", "quotients", BLUE, 34),
    ]
    x0, y = 210, 60
    for k, name in enumerate(columns):
        p.text(x0 + 42 * k + 21, 48, name, 13, "middle")
    for name, what, fill, height in regions:
        p.text(20, y + height / 2 + 4, f"{name}  {what}", 12)
        for k in range(len(columns)):
            p.parts.append(
                f"<rect x='{x0 + 42 * k}' y='{y}' width='42' height='{height}' fill='{fill}' stroke='{INK}' stroke-width='0.6'/>"
            )
        y += height
    for cut in (60 + 128, 60 + 256):
        p.parts.append(
            f"<line x1='{x0 - 6}' y1='{cut}' x2='{x0 + 42 * len(columns) + 6}' y2='{cut}' stroke='{GREEN}' stroke-width='2' stroke-dasharray='6 4'/>"
        )
    p.text(
        x0,
        y + 24,
        "each column is cut (dashed) into vectors of N cells; each vector is one commitment",
        12,
        colour=GREEN,
    )
    x = 640
    p.text(x, 48, "lookup tables (lanes)", 13)
    for name, fill, top, height in (
        ("range of 12 bits", RED, 60, 70),
        ("ReLU", RED, 130, 70),
        ("exponential", RED, 200, 70),
    ):
        p.box(x, top, 220, height, name, fill)
    p.text(x, 300, "mu: how often each table row is used", 12)
    p.text(x, 330, "q, g and r are looked up on every row;", 12)
    p.text(x, 348, "(q, a, s) on rows with an activation", 12)
    p.save("trace.svg")


def argument() -> None:
    """Four sums, one point, one pairing."""
    p = Picture(900, 330)
    steps = [
        ("S1a", "every product Z = A W,\nE = delta W^T, all layers\nand steps at once", PALE),
        ("S1b", "weights between the steps\nare sums of gradients:\nnever committed", PALE),
        ("S2", "each row: rounding,\nsaturation, activations\n(lookups), loss", SAND),
        ("S3", "all linear claims about\nall vectors meet at\none point", BLUE),
        ("opening", "one quotient, one\npairing check", BLUE),
    ]
    for k, (name, what, fill) in enumerate(steps):
        x = 15 + 178 * k
        p.box(x, 90, 158, 110, what, fill, 12)
        p.text(x + 79, 78, name, 15, "middle", GREEN)
        if k:
            p.arrow(x - 20, 145, x - 1, 145)
    p.text(15, 40, "What the prover claims is reduced step by step to one equation between points of the curve.", 14)
    p.text(
        15,
        245,
        "Every message is masked: the folds by polynomials, the values one by one, the commitments by blinds.",
        12,
    )
    p.text(
        15,
        268,
        "Verifying takes milliseconds whatever the number of steps, records or weights; it grows with the logarithm of the sizes",
        12,
    )
    p.text(15, 291, "and with the number of layers and of committed vectors.", 12)
    p.save("argument.svg")


def timeline() -> None:
    """The phases of a run, in time; not to scale."""
    p = Picture(900, 330)
    lanes = {"every clinic": 60, "aggregator": 160, "record": 260}
    for name, y in lanes.items():
        p.text(15, y + 4, name, 13)
        p.line(110, y, 885, y)
    for x, width, title in ((115, 175, "once"), (300, 575, "every round")):
        p.text(x, 22, title, 12, colour=GREEN)
        p.line(x, 28, x + width, 28)
    steps = [
        ("every clinic", 115, 80, "commit\nto the data", PALE),
        ("aggregator", 205, 80, "fix the set\nof data", SAND),
        ("every clinic", 300, 80, "reveal own\nrandomness", PALE),
        ("aggregator", 390, 80, "seed, hence\nbatches", SAND),
        ("every clinic", 480, 70, "train\nT steps", PALE),
        ("every clinic", 555, 100, "commit to the\nupdate, prove it", PALE),
        ("aggregator", 665, 90, "verify every\nproof", SAND),
        ("aggregator", 760, 95, "add, open the\nsum, mean", SAND),
    ]
    for lane, x, width, text, fill in steps:
        p.box(x, lanes[lane] - 24, width, 48, text, fill, 11)
    for x, text in (
        (115, "registration\nproofs"),
        (205, "members"),
        (300, "signed\nnonces"),
        (390, "schedule"),
        (580, "statements, proofs,\nverdicts"),
        (760, "sum, clipped\nweights, model"),
    ):
        p.box(x, lanes["record"] - 22, 125 if x == 580 else 80 if x < 700 else 95, 44, text, BLUE, 11)
    p.text(
        15,
        318,
        "Data cannot change once batches can be known; batches cannot be known before everybody has revealed.",
        12,
    )
    p.save("timeline.svg")


def sizes() -> dict[str, Any]:
    """`Program.describe()` of 64-32-10, and the bytes of its training proof by what they are."""
    found = Program.build(**described([64, 32, 10], steps=8)).describe()
    layers = len(found["dims"]) - 1
    values = 2 * (2 * layers - 1) + 2 * (3 * layers - 1) + found["columns"] + 2
    tables = len({lane for lane, _ in found["key_tables"]})
    mu, update, mask, opening = found["lanes"], found["weight_vectors"], 1, 3
    helpers = found["helpers"] * found["vectors"]
    trace = found["proof_points"] - mu - update - mask - opening - helpers
    folds = found["proof_scalars"] - values - tables - 2
    parts = {
        "folds of the four sumchecks": 32 * folds,
        "commitments of the trace": 64 * trace,
        "values at random points": 32 * (values + tables),
        "helpers and multiplicities": 64 * (helpers + mu),
        "the opening": 64 * opening + 2 * 32,
        "the update": 64 * update,
        "the masks": 64 * mask,
    }
    return {**found, "parts": parts}


def anatomy() -> None:
    """What the bytes of a training proof are."""
    found = sizes()
    parts, total = found["parts"], found["proof_bytes"]
    p = Picture(900, 60 + 34 * len(parts) + 30)
    p.text(
        15,
        28,
        f"A training proof of 64-32-10 ({found['steps']} steps of {found['batch']} records, {found['parameters']:,} parameters): {total:,} bytes",
        14,
    )
    largest = max(parts.values())
    for k, (name, size) in enumerate(sorted(parts.items(), key=lambda part: -part[1])):
        y = 48 + 34 * k
        p.text(215, y + 17, name, 12, "end")
        p.box(225, y, max(3.0, 560 * size / largest), 25, "", (PALE, BLUE, SAND, RED)[k % 4])
        p.text(233 + 560 * size / largest, y + 17, f"{size:,}  ({100 * size / total:.0f} %)", 12)
    y = 48 + 34 * len(parts) + 18
    p.text(
        15,
        y,
        "It grows with the logarithm of the number of records, steps and weights, and with the numbers of layers and of vectors.",
        12,
    )
    p.save("bytes.svg")


if __name__ == "__main__":
    one_round()
    timeline()
    trace()
    argument()
    anatomy()
