"""Writes the tables of docs/speed.md and docs/cluster.md, and the README's line, from what was measured.

framing bench ARTICLES.jsonl --start-up --json training/measurements/bench.json
python -m training speed --articles ARTICLES.jsonl -o training/measurements/speed.json
python docs/speed.py
"""

import json
import re
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
MEASURED = ROOT / "training" / "measurements"
PAGES = (ROOT / "README.md", ROOT / "docs" / "speed.md", ROOT / "docs" / "cluster.md")
SENTENCES = 35  # of an article, for what a million of them costs


def read(name: str) -> dict[str, Any]:
    """Read a file of measurements."""
    return dict(json.loads((MEASURED / f"{name}.json").read_text("utf8")))


def find(bench: dict[str, Any], engine: str, precision: str) -> dict[str, Any]:
    """Return the row of an engine and precision."""
    return next(one for one in bench["engines"] if (one["name"], one["setting"]) == (engine, precision))


def table(heading: list[str], rows: list[list[str]]) -> str:
    """Make a Markdown table; all columns but the first hold figures."""
    lines = [heading, [":--", *["--:"] * (len(heading) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def bench_table() -> str:
    """Every engine, and the pipeline."""
    bench = read("bench")
    rows = []
    for one in (*bench["engines"], *bench["pipelines"]):
        row = [f"{one['name']} {one['setting']}", f"{one['sentences_per_s']:.0f}"]
        model, agreement = ["", ""], ["", "", ""]
        if one["agreement"]:
            found = one["agreement"]
            model = [f"{one['model_sentences_per_s']:.0f}", f"{one['model_share']:.0%}"]
            agreement = [f"{found['labels_differ']:.1%}", f"{found['decisions_differ']:.2%}"]
            agreement.append(f"{found['largest']:.3f}")
        rows.append([*row, *model, f"{one['times_pipeline']:.1f}", *agreement])
    heading = ["", "sentences/s", "model alone", "its share", "× pipeline"]
    return table([*heading, "labels that flip", "of decisions", "score moves"], rows)


def setting() -> str:
    """What was measured on what."""
    bench = read("bench")
    machine = bench["machine"]
    has = [f"{'' if machine[name] else 'no '}{name.upper()}" for name in ("avx512", "vnni", "bf16")]
    rounds = len(bench["engines"][0]["seconds"])
    return (
        f"{machine['processor']}, {machine['cores']} cores ({', '.join(has)}), {bench['threads']} threads; "
        f"{bench['articles']} articles of PolNeAR dev, {bench['sentences']:,} sentences, "
        f"{bench['tokens']:,} tokens; medians of {rounds} rounds. Model: {bench['model']}."
    )


def ceiling() -> str:
    """How near the network comes to what the processor can do."""
    bench = read("bench")
    layers, width, inner = 6, 384, 1536
    products = 2 * layers * (4 * width**2 + 2 * width * inner)
    one = find(bench, "onnx", "fp32")
    reached = products * bench["tokens"] / median(one["model_seconds"]) / 1e9
    limit = bench["machine"]["gflops"]
    at_best = limit * 1e9 / products / (bench["tokens"] / bench["sentences"])
    return (
        f"The products of the encoder's layers are {products / 1e6:.1f} million operations a token. In fp32 "
        f"the engine does {reached:.0f} GFLOP/s of them, everything else that it does included; a large "
        f"product of matrices reaches {limit:.0f} GFLOP/s on this machine. So {at_best:.0f} sentences a "
        f"second would be the most in fp32 for any engine, {one['model_sentences_per_s']:.0f} are reached."
    )


def operators() -> str:
    """What each kind of operation takes."""
    found = read("speed")["operators_us_a_token"]
    total = {name: sum(kinds.values()) for name, kinds in found.items()}
    names = dict.fromkeys(name for kinds in found.values() for name in kinds)
    rows = []
    for name in names:
        shares = [(found[p].get(name, 0), total[p]) for p in total]
        if max(part / whole for part, whole in shares) >= 0.01:
            cells = (f"{part:.1f} ({part / whole:.0%})" if part else "" for part, whole in shares)
            rows.append([f"`{name}`", *cells])
    rows.append(["all", *(f"{whole:.1f}" for whole in total.values())])
    return table(["µs a token, one core", *total], rows)


def runs() -> str:
    """Memory and time of long runs."""
    measured = read("speed")
    heading = ["articles", "sentences", "ms an article", "of the processor", "peak memory, MB"]
    rows = [
        [
            f"{one['articles']:,}",
            f"{one['sentences']:,}",
            f"{one['ms_an_article']:.1f}",
            f"{one['cpu_ms_an_article']:.1f}",
            f"{one['peak_bytes'] / 1e6:.0f}",
        ]
        for one in measured["runs"]
    ]
    return table(heading, rows)


def start() -> str:
    """Whole processes."""
    found = read("start")
    return (
        f"The first use, graphs made and one article labelled, takes {found['first_s']:.0f} s; later one "
        f"article takes {found['later_median_s']:.1f} s from start to end. {found['articles']} articles, "
        f"start-up included: {found['whole_median_s']:.1f} s, and {found['best_pipeline_s']:.1f} s for a "
        f"script around the pipeline at its better batch size, {found['times_pipeline']:.1f} times as long."
    )


def cost() -> str:
    """What a million articles take."""
    bench = read("bench")
    rows = []
    for one in bench["engines"]:
        if one["name"] == "onnx":
            core = one["sentences_per_s"] / bench["threads"]
            rows.append([one["setting"], f"{core:.0f}", f"{SENTENCES * 1e6 / core / 3600:.0f}"])
    hours = f"core hours a million articles of {SENTENCES} sentences"
    return table(["precision", "sentences/s a core", hours], rows)


def readme() -> str:
    """The README's line."""
    bench = read("bench")
    fp32, int8 = find(bench, "onnx", "fp32"), find(bench, "onnx", "int8")
    pipeline = max(one["sentences_per_s"] for one in bench["pipelines"])
    return (
        "**How fast?** On two cores without AVX-512: "
        f"{fp32['sentences_per_s']:.0f} sentences a second in fp32, "
        f"{int8['sentences_per_s']:.0f} in int8 ({int8['agreement']['labels_differ']:.1%} of labels flip), "
        f"{pipeline:.0f} by the pipeline at its better batch size. [How it was measured, where the time "
        "goes](docs/speed.md); [on a cluster](docs/cluster.md). `framing bench` measures it on your machine. "
        "`--precision int8` is for CPUs, `bf16` for GPUs and CPUs that have it: each says how far its labels "
        "agree with those of `fp32`, and is refused if they differ too much."
    )


BLOCKS = {
    "bench": bench_table, "setting": setting, "ceiling": ceiling, "operators": operators, "runs": runs,
    "start": start, "cost": cost, "speed": readme,
}  # fmt: skip


def fill(text: str) -> str:
    """Put what was measured between the markers `<!-- NAME -->` and `<!-- /NAME -->`."""

    def block(match: re.Match[str]) -> str:
        name = match[1]
        return f"<!-- {name} -->\n{BLOCKS[name]()}\n<!-- /{name} -->" if name in BLOCKS else match[0]

    return re.sub(r"<!-- (\w+) -->\n.*?<!-- /\1 -->", block, text, flags=re.DOTALL)


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(fill(page.read_text("utf8")), "utf8")
