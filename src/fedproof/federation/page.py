"""The demonstration as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fedproof.federation.report import AuditReport
from fedproof.federation.summary import CHECKED, NOT_PROVEN, RoundSummary, RunSummary

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, sans-serif; color: #1f2933; margin: 0; background: #f6f8fa; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 30px; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 20px; margin: 40px 0 12px; }
p.lead { color: #52606d; margin: 0 0 24px; max-width: 76ch; }
.warn { background: #fff4e0; border-left: 4px solid #e08a1e; padding: 10px 16px; border-radius: 4px; }
.cards { display: grid; grid-template-columns: repeat(3, 1fr); gap: 14px; margin: 24px 0; }
@media (max-width: 640px) { .cards { grid-template-columns: 1fr 1fr; } }
.card { background: #fff; border: 1px solid #e4e8ee; border-radius: 10px; padding: 14px 18px; }
.card b { display: block; font-size: 25px; font-weight: 650; }
.card span { color: #6b7785; font-size: 14px; }
figure { margin: 0; background: #fff; border: 1px solid #e4e8ee; border-radius: 10px; padding: 16px; }
figure svg { width: 100%; height: auto; display: block; }
table { border-collapse: collapse; width: 100%; background: #fff; border: 1px solid #e4e8ee; font-size: 15px; }
th, td { text-align: right; padding: 8px 14px; border-bottom: 1px solid #e4e8ee; font-variant-numeric: tabular-nums; }
th { color: #6b7785; font-weight: 600; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
p.note { color: #6b7785; font-size: 14px; margin: 8px 0 0; }
.bad { color: #c8323c; } .good { color: #2f7d3b; }
code { font-size: 0.92em; background: #eef1f5; padding: 1px 5px; border-radius: 4px; overflow-wrap: anywhere; }
"""


def page(runs: Sequence[RunSummary], audits: Sequence[AuditReport], svg: bytes) -> str:
    """HTML text. runs, audits: in the same order; svg: the picture."""
    first, last = runs[0], runs[0].final
    gap = 100 * (last.model.accuracy - last.float32.accuracy)
    picture = svg.decode()
    proofs = sum(report.proofs for report in audits)
    proven = "not every update proven" if first.notice else "every update proven"
    cards = [
        (f"{100 * last.model.accuracy:.1f} %", f"test accuracy, {proven}"),
        (f"{gap:+.1f} points", "against float32 federated averaging"),
        (f"{first.mean('prove_seconds'):.2f} s", "to train and prove a round, per participant"),
        _verifying(first),
        (f"{first.mean('proof_bytes') / 1000:.1f} kB", "proof size"),
        (f"{proofs}", "proofs re-verified by the audit"),
    ]
    body = [
        f"<h1>Federated learning in which {'updates can be' if first.notice else 'every update is'} proven</h1>",
        f'<p class="lead">{len(first.participants)} participants, each a process of its own, trained a '
        f"{'-'.join(map(str, first.dims))} model on <b>{escape(first.task)}</b> without showing their records. "
        f"{'Each' if not first.notice else 'In proven rounds each'} update was proven in zero knowledge to be exactly "
        "the agreed training on the data its owner had committed to, and only verified updates counted.</p>",
    ]
    if first.notice:
        body.append(f'<p class="warn">{escape(CHECKED)} ({escape(first.notice)})</p>')
    if any(report.insecure_setup for report in audits):
        body.append(
            '<p class="warn">INSECURE development setup: anybody can forge proofs under it. Good for trying things.</p>'
        )
    body.append('<div class="cards">')
    body += [f'<div class="card"><b>{value}</b><span>{label}</span></div>' for value, label in cards]
    body.append(f"</div><figure>{picture[picture.index('<svg') :]}</figure>")
    body += [f'<p class="note">{escape(note)}</p>' for note in first.notes]
    for run, report in zip(runs, audits, strict=True):
        money = [_accounts(run)] if run.accounts else []
        body += [f"<h2>{escape(run.title[:1].upper() + run.title[1:])}</h2>", _table(run), *money, _audit(run, report)]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>fedproof demo</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main>\n" + "\n".join(body) + "\n</main></body></html>\n"
    )


def _verifying(run: RunSummary) -> tuple[str, str]:
    if run.accounts:
        gas = sum(entry.gas for entry in run.rounds) / max(1, len(run.rounds))
        return f"{gas / 1e6:.2f} M gas", "on the chain for a round, every proof verified by contracts"
    return f"{run.mean('verify_ms'):.0f} ms", "to verify a proof"


def _accounts(run: RunSummary) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("who", "staked", "lost", "earned", "million gas"))
    rows = "".join(
        f"<tr><td>{escape(a.name)}</td><td>{a.staked}</td><td{' class=bad' if a.lost else ''}>{a.lost}</td>"
        f"<td>{a.earned}</td><td>{a.gas / 1e6:.2f}</td></tr>"
        for a in run.accounts
    )
    return f"<p></p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _table(run: RunSummary) -> str:
    classes = list(run.start.classes)
    money = ["million gas", "to each"] if run.accounts else []
    judged = money or ["verifying"]
    head = ["round", "accuracy", "float32", *classes, "proving", *judged, "counted"]
    cells = "".join(f"<th>{escape(name)}</th>" for name in head) + '<th class="text">refused</th>'
    rows = "".join(_row(entry, classes, bool(run.accounts)) for entry in run.rounds)
    reasons = dict.fromkeys(r.reason for entry in run.rounds for r in entry.refused if r.check)
    notes = "".join(f'<p class="note">{escape(reason)}</p>' for reason in reasons)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>{notes}"


def _row(entry: RoundSummary, classes: list[str], money: bool) -> str:
    proving = max(entry.prove_seconds.values(), default=0.0)
    verifying = sum(entry.verify_ms.values()) / max(1, len(entry.verify_ms))
    verified = f"{verifying:.0f} ms" if entry.mode == "prove" else "-"
    values = [
        str(entry.number) if entry.mode == "prove" else f"{entry.number} <i>({NOT_PROVEN[entry.mode]})</i>",
        f"{100 * entry.model.accuracy:.1f} %",
        f"{100 * entry.float32.accuracy:.1f} %",
        *(f"{100 * entry.model.classes[name]:.1f} %" for name in classes),
        f"{proving:.2f} s" if entry.mode == "prove" else "not proven",
        *((f"{entry.gas / 1e6:.2f}", str(entry.share)) if money else (verified,)),
        str(len(entry.accepted)),
    ]
    refused = "; ".join(
        f"<b>{escape(r.participant)}</b> "
        + (f"failed check <code>{escape(r.check)}</code>" if r.check else f"was missing: {escape(r.reason)}")
        for r in entry.refused
    )
    mark = f'<td class="text bad">{refused}</td>' if refused else '<td class="text">nobody</td>'
    return "<tr>" + "".join(f"<td>{value}</td>" for value in values) + mark + "</tr>"


def _audit(run: RunSummary, report: AuditReport) -> str:
    if all(finding.check == "mode" for finding in report.findings):
        source = "the chain and its artefacts alone" if run.accounts else "the files alone"
        where, known = ("Task", f"0x{report.run}") if run.accounts else ("Record", report.record)
        trusted = "".join(f", but {escape(finding.problem)}" for finding in report.findings)
        return (
            f'<p><b class="good">Audit passed</b>{trusted}: {report.proofs} proofs re-verified from {source} in '
            f"{report.seconds:.1f} s. {where} <code>{known}</code></p>"
        )
    items = "".join(f"<li>{escape(str(finding))}</li>" for finding in report.findings)
    return f'<p><b class="bad">Audit failed</b></p><ul>{items}</ul>'
