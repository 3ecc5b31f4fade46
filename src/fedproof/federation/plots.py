"""The demonstration's picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from fedproof.federation.summary import NOT_PROVEN, RunSummary

INK, SOFT, GRID = "#1f2933", "#6b7785", "#e4e8ee"
PROVEN, FLOAT, REFUSED = "#1d5fa8", "#e08a1e", "#c8323c"
CLASS_COLOURS = (
    "#1d5fa8", "#2a9d8f", "#8e5ea2", "#c8323c", "#7f8c1d", "#a0522d", "#e377c2", "#17becf", "#444b54", "#e0a01e",
)  # fmt: skip
FEW = 4
"""More classes have their legend beside the panel."""
STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": SOFT,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "fedproof",
}


def draw(runs: Sequence[RunSummary], kind: str = "png") -> bytes:
    """Accuracy beside float32 (all, per class), who was counted when, proving times. kind: "png" or "svg"."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with rc_context(STYLE):
        layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15, wspace=0.04, hspace=0.06)
        figure = Figure(figsize=(12, 8.2), layout=layout)
        FigureCanvasAgg(figure)
        axes = figure.subplots(2, 2)
        _accuracy(axes[0, 0], runs[0])
        _classes(axes[0, 1], runs[0])
        _counted(axes[1, 0], runs[-1])
        _proving(axes[1, 1], runs[0])
        buffer = io.BytesIO()
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(buffer, format=kind, dpi=160, facecolor="white", metadata=metadata)
    return buffer.getvalue()


def _rounds_axis(axes: Any, run: RunSummary) -> list[int]:
    rounds = list(range(len(run.rounds) + 1))
    step = max(1, len(rounds) // 12)
    axes.set_xticks(rounds[::step])
    axes.set_xlim(-0.25, rounds[-1] + 0.25)
    axes.set_xlabel("rounds done")
    return rounds


def _accuracy(axes: Any, run: RunSummary) -> None:
    rounds = _rounds_axis(axes, run)
    floats = [100 * s.accuracy for s in [run.start, *(r.float32 for r in run.rounds)]]
    proven = [100 * s.accuracy for s in [run.start, *(r.model for r in run.rounds)]]
    axes.plot(rounds, floats, color=FLOAT, lw=5, alpha=0.55, solid_capstyle="round", label="float32 averaging")
    axes.plot(rounds, proven, color=PROVEN, lw=2, marker="o", ms=5, label="integer, proven")
    _hollow(axes, run, proven, PROVEN)
    axes.annotate(
        f"{proven[-1]:.1f} %", (rounds[-1], proven[-1]), (0, -16), textcoords="offset points", ha="right", color=PROVEN
    )
    _percent(axes, [*floats, *proven])
    axes.set_title(f"Test accuracy, {run.test_records} records nobody trained on")
    axes.legend(loc="lower right")


def _classes(axes: Any, run: RunSummary) -> None:
    rounds = _rounds_axis(axes, run)
    values: list[float] = []
    for number, name in enumerate(run.start.classes):
        colour = CLASS_COLOURS[number % len(CLASS_COLOURS)]
        floats = [100 * s.classes[name] for s in [run.start, *(r.float32 for r in run.rounds)]]
        proven = [100 * s.classes[name] for s in [run.start, *(r.model for r in run.rounds)]]
        axes.plot(rounds, floats, color=colour, lw=5, alpha=0.3, solid_capstyle="round")
        axes.plot(rounds, proven, color=colour, lw=2, marker="o", ms=5, label=name)
        _hollow(axes, run, proven, colour, named=False)
        values += [*floats, *proven]
    axes.plot([], [], color=SOFT, lw=5, alpha=0.35, label="float32")
    _percent(axes, values)
    axes.set_title("Recall per class")
    if len(run.start.classes) <= FEW:
        axes.legend(loc="lower right")
    else:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8.5)


def _hollow(axes: Any, run: RunSummary, values: list[float], colour: str, named: bool = True) -> None:
    """Hollow marks after rounds that were not proven."""
    places = [r.number + 1 for r in run.rounds if r.mode != "prove"]
    if places:
        label = NOT_PROVEN[run.rounds[0].mode] if named else None
        axes.plot(
            places, [values[p] for p in places], ls="", marker="o", ms=5, mfc="white", mec=colour, zorder=3, label=label
        )


def _percent(axes: Any, values: list[float]) -> None:
    low = min(values)
    axes.set_ylim(max(-2.0, low - 0.08 * (100 - low) - 1), 101.5)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")


def _counted(axes: Any, run: RunSummary) -> None:
    """Participants by rounds: counted, refused or not in it, and the check that failed first."""
    names, last = run.participants, len(run.rounds) - 1
    for row, name in enumerate(names):
        for column, summary in enumerate(run.rounds):
            if name in summary.accepted:
                mark, (field, ink) = "✓", ("#dcebdc", "#2f7d3b") if summary.mode == "prove" else (GRID, SOFT)
            elif any(r.participant == name for r in summary.refused):
                mark, field, ink = "✗", "#f8dcdd", REFUSED
            else:  # not in the round
                mark, field, ink = "·", GRID, SOFT
            axes.scatter(column, row, s=620, marker="s", color=field, linewidths=0)
            axes.annotate(
                mark,
                (column, row),
                ha="center",
                va="center_baseline",
                fontsize=13,
                color=ink,
            )
        refused = [r for summary in run.rounds for r in summary.refused if r.participant == name]
        if refused:
            why = f"fails check\n{refused[0].check}" if refused[0].check else "missing"
            axes.annotate(why, (last, row), (22, 0), textcoords="offset points", va="center", color=REFUSED)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xticks(range(last + 1), [f"{r.number}" if r.mode == "prove" else f"({r.number})" for r in run.rounds])
    axes.set_xlim(-0.6, max(1.35 * (last + 1), 3.5))
    axes.set_xlabel("round, in brackets if not proven" if run.notice else "round", loc="left")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    _title(axes, "Whose update counted", run.title)


def _proving(axes: Any, run: RunSummary) -> None:
    names = run.participants
    for row, name in enumerate(names):
        seconds = [r.prove_seconds[name] for r in run.rounds if name in r.prove_seconds and r.mode == "prove"]
        if not seconds:
            continue
        mean = sum(seconds) / len(seconds)
        axes.barh(row, mean, height=0.56, color=PROVEN, alpha=0.22)
        axes.scatter(seconds, [row] * len(seconds), s=18, color=PROVEN, alpha=0.8, linewidths=0)
        axes.annotate(f"{mean:.2f} s", (max(seconds), row), (8, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    slowest = max((s for r in run.rounds if r.mode == "prove" for s in r.prove_seconds.values()), default=1.0)
    axes.set_xlim(0, 1.18 * slowest)
    axes.locator_params(axis="x", nbins=5)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("seconds to train and prove a round, all at once on one machine")
    size, time = run.mean("proof_bytes") / 1000, run.mean("verify_ms")
    verified = f"in {time:.0f} ms" if time else "by a contract"
    subtitle = f"a proof has {size:.1f} kB and is verified {verified}" if size else "nothing was proven"
    _title(axes, "Proving time", subtitle)


def _title(axes: Any, title: str, subtitle: str) -> None:
    axes.set_title(title, pad=28)
    axes.annotate(subtitle, (0, 1), (0, 12), xycoords="axes fraction", textcoords="offset points", color=SOFT)
