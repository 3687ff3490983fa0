# SPDX-License-Identifier: Apache-2.0
"""The evaluation of a release, as Markdown for its card: every file of eval/, through the engine (`needle-router eval`).

Besides the table of files: baselines on the same rows, services that training never met, refusals and calls by size of
the catalogue, whether the order of tools matters, calibration (with a plot), retrieval against BM25, and the commonest
failures with examples.
"""
from __future__ import annotations

import json
import math
import random
import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Iterable, Iterator

from .baselines import always_refuse, words_and_patterns
from .bm25 import Bm25, tool_text
from .data_files import data_files, read_jsonl, source_of
from .packing import stems
from .catalogues import Catalogues, shuffled
from .splits import described

CATALOGUES = (1, 2, 5, 20, 100)
RECALL_AT = (5, 8, 16)
RETRIEVED_FROM = (20, 100, 500)


class Engine:
    """`needle-router eval` over rows: -> (scores, what became of each row)."""

    def __init__(self, command: list[str], model: Path):
        self.command, self.model = command, model

    def evaluate(self, rows: list[dict], given: list[dict | None] | None = None) -> tuple[dict, list[dict]]:
        """`given`: one result a row, scored in place of the engine's; None is a row that was refused."""
        with tempfile.TemporaryDirectory() as folder:
            examples, details, results = (Path(folder) / n for n in ("examples", "details", "results"))
            examples.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
            options = ["--model", str(self.model)]
            if given is not None:
                results.write_text("".join(json.dumps(g) + "\n" for g in given), encoding="utf-8")
                options = ["--results", str(results)]
            done = subprocess.run([*self.command, "eval", str(examples), *options, "--details", str(details)],
                                  capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(done.stderr.strip())
            return json.loads(done.stdout), [json.loads(line) for line in details.read_text(encoding="utf-8").splitlines()]


def interval(share: float, n: int) -> float:
    """Half the 95% interval of a share of n rows (normal approximation)."""
    return 1.96 * math.sqrt(max(share * (1 - share), 1e-9) / n)


def percent(part: float, whole: int) -> str:
    """`61.5 ± 2.1`: a share with half its 95% interval."""
    return "-" if not whole else f"{100 * part / whole:.1f} ± {100 * interval(part / whole, whole):.1f}"


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rows])


def right(details: list[dict], key: str = "exact") -> int:
    return sum(bool(d.get(key)) for d in details)


def file_row(name: str, rows: list[dict], scores: dict, details: list[dict]) -> list[str]:
    """A share of nothing is "-", where `needle-router eval` says 1."""
    named = [d for r, d in zip(rows, details) if r["answers"] and d.get("toolsRight")]
    answers = [d["result"]["calls"] for d in details if d.get("result")]
    refused, called, should = sum(not a for a in answers), sum(bool(a) for a in answers), sum(not r["answers"] for r in rows)
    share = lambda score, of: f"{100 * scores[score]:.1f}" if of else "-"
    return [name, str(len(rows)), percent(right(details), len(rows)), percent(right(details, "toolsRight"), len(rows)),
            percent(right(named), len(named)), share("refusalPrecision", refused), share("refusalRecall", should),
            share("schemaValid", called), str(scores["errors"])]


def eval_files(folder: Path) -> Iterator[tuple[str, list[dict]]]:
    """(name, all its rows, which say the file they are of) for each file of eval/."""
    for path in data_files(folder, "eval"):
        yield source_of(path), [{**r, "file": source_of(path)} for r in read_jsonl(path)]


def files_and_baselines(engine: Engine, folder: Path, limit: int) -> tuple[str, list[dict], list[dict]]:
    head = ["file", "rows", "exact", "names", "arguments where the names are right", "refusal precision", "refusal recall", "schema valid", "errors"]
    lines, every, all_details = [], [], []
    for name, rows in eval_files(folder):
        rows = rows[:limit or None]
        scores, details = engine.evaluate(rows)
        lines.append(file_row(name, rows, scores, details))
        every += rows
        all_details += details
    unseen = unseen_services(folder, every)
    for name, chosen in (("of nlu_sgd: services unseen in training", unseen), ("**all rows**", range(len(every)))):
        rows, details = [every[i] for i in chosen], [all_details[i] for i in chosen]
        lines.append(file_row(name, rows, engine.evaluate(rows, [d.get("result") for d in details])[0], details))
    for name, baseline in (("all rows, always refusing", always_refuse), ("all rows, BM25 and patterns", words_and_patterns)):
        scores, details = engine.evaluate(every, [{"calls": baseline(r)} for r in every])
        lines.append(file_row(name, every, scores, details))
    return table(head, lines), every, all_details


def unseen_services(folder: Path, rows: list[dict]) -> list[int]:
    """SGD rows whose right tools' descriptions training never shows."""
    seen = {t.get("description") for path in data_files(folder, "train") if source_of(path) == "sgd"
            for r in read_jsonl(path) for t in r["tools"]}
    return [i for i, r in enumerate(rows) if r["file"] == "nlu_sgd" and r["answers"]
            and not any(t.get("description") in seen for t in r["tools"] if t["name"] in {a["name"] for a in r["answers"]})]


def by_catalogue(engine: Engine, rows: list[dict], refusals: list[dict], count: int, seed: int = 0) -> str:
    """The same requests before catalogues of growing size; names and descriptions of strangers share no content word with
    the request's own tools (calls) or with the request (refusals)."""
    rng, catalogues = random.Random(seed), Catalogues([*rows, *refusals], "file")
    calls, refusals = (rng.sample(own, min(count, len(own))) for own in ([r for r in rows if r["answers"]], refusals))
    lines = []
    for size in CATALOGUES:
        with_call = [{**row, "tools": catalogues.among_strangers(rng, row, size)} for row in calls]
        without = [{**row, "tools": catalogues.strangers_only(rng, row, size, whole=not is_off_topic(row), own=stems(row["query"]))} for row in refusals]
        call_scores, refusal_scores = engine.evaluate(with_call)[1], engine.evaluate(without)[1]
        answered = sum(not (d.get("result") or {"calls": []})["calls"] for d in call_scores)
        lines.append([str(size), percent(right(call_scores), len(calls)), percent(right(call_scores, "toolsRight"), len(calls)), percent(answered, len(calls)),
                      mean_confidence(call_scores), percent(right(refusal_scores), len(refusals)), mean_confidence(refusal_scores)])
    return table(["tools", "calls: exact", "calls: names", "calls: wrongly refused", "mean confidence", "off-topic: refused", "mean confidence"], lines)


def is_off_topic(row: dict) -> bool:
    """The set itself says that no tool of its kind fits (CLINC's out-of-scope requests), not that a fitting one was removed."""
    return not row["answers"] and str(row.get("source", "")).endswith("_oos")


def off_topic(folder: Path) -> list[dict]:
    """Of all rows of eval/, as they may stand at a file's end. Where no set says so, requests whose tool was removed: tools
    of another file may still fit those, so they say less."""
    refusals = [r for _, rows in eval_files(folder) for r in rows if not r["answers"]]
    return [r for r in refusals if is_off_topic(r)] or refusals


def mean_confidence(details: list[dict]) -> str:
    """In percent, to stand beside the share that was right."""
    confidences = [d["result"]["confidence"] for d in details if d.get("result")]
    return f"{100 * sum(confidences) / max(1, len(confidences)):.1f}"


def order_invariance(engine: Engine, rows: list[dict], count: int, seed: int = 1) -> str:
    """The same requests with tools and keys in another order: how many results differ."""
    rng = random.Random(seed)
    chosen = rng.sample(rows, count)

    def turned(tool: dict) -> dict:
        parameters = tool.get("parameters") or {}
        properties = parameters.get("properties")
        if not isinstance(properties, dict):
            return tool
        return {**tool, "parameters": {**parameters, "properties": dict(shuffled(rng, list(properties.items())))}}

    other = [{**r, "tools": shuffled(rng, [turned(t) for t in r["tools"]])} for r in chosen]

    def calls(details: list[dict]) -> list[str]:
        return [json.dumps((d.get("result") or {}).get("calls"), sort_keys=True) for d in details]

    same = sum(a == b for a, b in zip(calls(engine.evaluate(chosen)[1]), calls(engine.evaluate(other)[1])))
    return f"{same} of {count} requests give the same calls when their tools and keys are shuffled."


# --- confidence ----------------------------------------------------------------------------------------------------------

def calibration(rows: list[dict], details: list[dict]) -> tuple[str, str]:
    """-> (expected calibration error and a table of thresholds, the curve as SVG)."""
    pairs = [(d["result"]["confidence"], bool(d["exact"])) for d in details if d.get("result")]
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, good in pairs:
        bins[min(9, int(confidence * 10))].append((confidence, good))
    points = [(sum(c for c, _ in b) / len(b), sum(g for _, g in b) / len(b), len(b)) for _, b in sorted(bins.items())]
    error = sum(abs(c - g) * n for c, g, n in points) / len(pairs)
    lines = []
    for threshold in (0, 0.3, 0.5, 0.7, 0.8, 0.9):
        kept = [g for c, g in pairs if c >= threshold]
        lines.append([str(threshold), f"{100 * len(kept) / len(pairs):.1f}", percent(sum(kept), len(kept))])
    sizes = [("1", 1, 1), ("2 to 4", 2, 4), ("5 and more", 5, 10**9)]
    by_size = [[name, str(len(own)), percent(sum(g for _, g in own), len(own)), f"{100 * sum(c for c, _ in own) / len(own):.1f}"]
               for name, low, high in sizes
               if (own := [(d["result"]["confidence"], bool(d["exact"])) for r, d in zip(rows, details) if d.get("result") and low <= len(r["tools"]) <= high])]
    text = f"Expected calibration error over all rows (ten bins): {error:.3f}.\n\n"
    text += table(["tools offered", "rows", "exact", "mean confidence"], by_size) + "\n\n"
    return text + table(["minConfidence", "share answered here", "exact among them"], lines), curve_svg(points)


def curve_svg(points: list[tuple[float, float, int]]) -> str:
    """Confidence against the share that was right; a point's area is its number of answers."""
    size, low = 320, 40
    most = max(n for *_, n in points)
    at = lambda x, y: (low + x * (size - 2 * low), size - low - y * (size - 2 * low))
    dots = "".join('<circle cx="%.1f" cy="%.1f" r="%.1f" fill="#2563eb" fill-opacity=".75"/>' % (*at(c, g), 3 + 9 * (n / most) ** 0.5) for c, g, n in points)
    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    ticks = "".join(f'<text x="{at(v, 0)[0]}" y="{y0 + 16}" text-anchor="middle">{v}</text><text x="{x0 - 6}" y="{at(0, v)[1] + 4}" text-anchor="end">{v}</text>'
                    for v in (0, 0.5, 1))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" font-family="sans-serif" font-size="11">'
            f'<rect width="{size}" height="{size}" fill="white"/><path d="M{x0} {y1}V{y0}H{x1}" fill="none" stroke="#444"/>'
            f'<path d="M{x0} {y0}L{x1} {y1}" stroke="#999" stroke-dasharray="4 4"/>{dots}{ticks}'
            f'<text x="{size / 2}" y="{size - 6}" text-anchor="middle">confidence</text>'
            f'<text x="12" y="{size / 2}" text-anchor="middle" transform="rotate(-90 12 {size / 2})">share right</text></svg>\n')


# --- retrieval -----------------------------------------------------------------------------------------------------------

def retrieval(model: Path, rows: list[dict], count: int = 300, seed: int = 2) -> str:
    """recall@5, @8 and @16 of the right tool among 20, 100, 500 tools: the network's vectors against BM25."""
    from .retrieval_vectors import Vectors
    rng = random.Random(seed)
    vectors = Vectors(model)
    chosen = rng.sample(single := [r for r in rows if right_tool(r)], min(count, len(single)))
    golds = [right_tool(r) for r in chosen]
    pool = retrieval_pool(rng, rows, golds)
    places = {tool_key(t): i for i, t in enumerate(pool)}
    rivals = [[i for i, t in enumerate(pool) if not alike(t, tool)] for tool in golds]
    tool_vectors = vectors.tools(pool)
    queries = vectors.queries([r["query"] for r in chosen])
    lines = []
    for size in RETRIEVED_FROM:
        hits: Counter = Counter()
        for row, tool, others, query in zip(chosen, golds, rivals, queries):
            ids = [places[tool_key(tool)], *rng.sample(others, min(size - 1, len(others)))]
            network = (tool_vectors[ids] @ query).tolist()
            lexical = Bm25([tool_text(pool[i]) for i in ids]).scores(row["query"])
            for name, scores in (("network", network), ("BM25", lexical)):
                hits.update({(name, k): rank_of_first(scores) < k for k in RECALL_AT})
        lines.append([str(size), *(f"{100 * hits[name, k] / max(1, len(chosen)):.1f}" for k in RECALL_AT for name in ("network", "BM25"))])
    return table(["tools", *(head for k in RECALL_AT for head in (f"recall@{k}, network", "BM25"))], lines)


def right_tool(row: dict) -> dict | None:
    """The tool of the row's only call, as this row shows it."""
    return next((t for t in row["tools"] if len(row["answers"]) == 1 and t["name"] == row["answers"][0]["name"]), None)


def tool_key(tool: dict) -> str:
    return json.dumps([tool["name"], tool.get("description"), tool.get("parameters")], sort_keys=True)


def retrieval_pool(rng: random.Random, rows: list[dict], golds: list[dict], count: int = 2000) -> list[dict]:
    """The right tools, and `count` others of all rows: names and descriptions are drawn anew in each row, so they are many."""
    every = {tool_key(t): t for r in rows for t in r["tools"]}
    pool = {tool_key(t): t for t in [*golds, *rng.sample(list(every.values()), min(count, len(every)))]}
    return list(pool.values())


def alike(tool: dict, gold: dict) -> bool:
    """It could as well be the right one: no catalogue holds two tools of one name, and of one description one is no better."""
    said, wanted = described(tool), described(gold)
    return tool["name"] == gold["name"] or (said != "" and said == wanted)


def rank_of_first(scores: list[float]) -> float:
    """How many of the others stand before the first; of those that tie with it half do."""
    first, *others = scores
    return sum(s > first for s in others) + sum(s == first for s in others) / 2


# --- failures ------------------------------------------------------------------------------------------------------------

def failure_kind(row: dict, detail: dict) -> str:
    if "error" in detail:
        return "the engine refused the tools"
    wanted, got = row["answers"], detail["result"]["calls"]
    if not wanted:
        return "called where nothing fits"
    if not got:
        return "incomplete: a required value was not found" if detail["result"]["type"] == "incomplete" else "refused where a tool fits"
    if len(got) != len(wanted):
        return "too few calls" if len(got) < len(wanted) else "too many calls"
    if not detail["toolsRight"]:
        return "another tool"
    for w, g in zip(wanted, got):
        if set(w["arguments"]) - set(g["arguments"]):
            return "an argument left out"
        if set(g["arguments"]) - set(w["arguments"]):
            return "an argument too many"
    for w, g in zip(wanted, got):
        for key, value in w["arguments"].items():
            mine = g["arguments"][key]
            if value != mine and isinstance(value, str) and isinstance(mine, str) and (value in mine or mine in value):
                return "a phrase cut too short or too long"
    return "another value"


def failures(rows: list[dict], details: list[dict], kinds: int = 10, examples: int = 2) -> str:
    groups: dict[str, list[tuple[dict, dict]]] = defaultdict(list)
    for row, detail in zip(rows, details):
        if not detail.get("exact"):
            groups[failure_kind(row, detail)].append((row, detail))
    lines = []
    for kind, found in sorted(groups.items(), key=lambda item: -len(item[1]))[:kinds]:
        lines.append(f"- **{kind}**: {len(found)} ({100 * len(found) / len(rows):.1f}% of all rows)")
        for row, detail in sorted(found, key=lambda p: len(p[0]["query"]))[len(found) // 3:][:examples]:
            got = [{c["name"]: c["arguments"]} for c in (detail.get("result") or {"calls": []})["calls"]]
            want = [{c["name"]: c["arguments"]} for c in row["answers"]]
            lines.append(f"  - “{row['query'][:160]}” ({row['file']}): wanted `{json.dumps(want, ensure_ascii=False)[:200]}`, got `{json.dumps(got, ensure_ascii=False)[:200]}`")
    return "\n".join(lines)


def report(command: list[str], folder: Path, model: Path, plot: Path, limit: int = 0) -> str:
    """The Markdown; the calibration curve is written to `plot`."""
    engine = Engine(command, model)
    files, rows, details = files_and_baselines(engine, folder, limit)
    calibrated, svg = calibration(rows, details)
    plot.write_text(svg, encoding="utf-8")
    few = min(100, len(rows) // 4)
    sections = [("Scores", files), ("By size of the catalogue", by_catalogue(engine, rows, off_topic(folder), few)), ("Order", order_invariance(engine, rows, few)),
                ("Confidence", calibrated), ("Retrieval", retrieval(model, rows)), ("The commonest failures", failures(rows, details))]
    return "\n\n".join(f"## {title}\n\n{text}" for title, text in sections)
