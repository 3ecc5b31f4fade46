# ruff: noqa: E501 (lines of SVG)
"""Draws the pictures of docs/how-it-works.md: `python tools/pictures.py` writes docs/pictures/*.svg."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

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

    def arrow(self, x1: float, y1: float, x2: float, y2: float, label: str = "") -> None:
        """A line with a head, and a label above its middle."""
        self.parts.append(
            f"<line x1='{x1}' y1='{y1}' x2='{x2}' y2='{y2}' stroke='{GREEN}' stroke-width='1.6' marker-end='url(#head)'/>"
        )
        if label:
            self.text((x1 + x2) / 2, (y1 + y2) / 2 - 6, label, 11, "middle", GREEN)

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
        p.arrow(210, y + 40, 375, 160, "[update], proof" if k == 0 else "")
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


if __name__ == "__main__":
    one_round()
    trace()
    argument()
