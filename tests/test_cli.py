import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from framing import cli
from framing.samples import sample_articles_path


def framing(*arguments: object, code: int = 0) -> None:
    """Run the command line in this process; `code` is the exit code expected."""
    before, sys.argv = sys.argv, ["framing", *map(str, arguments)]
    try:
        cli.main()
        found: object = 0
    except SystemExit as stop:
        found = stop.code or 0
    finally:
        sys.argv = before
    assert found == code


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "in" / "The Herald"
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"{number}.txt").write_text(
            f"Border talks fail again\n\nThe gang will attack our people, the minister said on day {number}.",
            "utf8",
        )
    return folder


@pytest.mark.parametrize("code", ["import framing", "import framing.cli as c; c.cli(['--help'])"])
def test_help_is_quick_and_needs_no_torch(code: str) -> None:
    script = f"""
import sys
try:
    {code}
except SystemExit:
    pass
heavy = {{"torch", "transformers", "pandas", "numpy", "rich"}} & set(sys.modules)
assert not heavy, heavy
"""
    took = []
    for _ in range(5):
        before = os.times()
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
        after = os.times()
        took.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    assert min(took) < 0.3  # seconds of the processor: other work on the machine does not count


def test_one_verb_after_the_other(
    tiny_model: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels, profiles = tmp_path / "labels.jsonl", tmp_path / "profiles.json"
    framing("label", texts, "-o", labels, "--model", tiny_model, "--device", "cpu")
    assert "3 by folder" in capsys.readouterr().err
    assert len(labels.read_text("utf8").splitlines()) == 6
    framing("profile", labels, "-o", profiles, "--csv", tmp_path / "profiles.csv")
    assert "The Herald" in capsys.readouterr().out
    assert (tmp_path / "profiles.csv").read_text("utf8").startswith("outlet,code,voice")
    for name in ("report.html", "report.md"):
        framing("report", profiles, "--labels", labels, "-o", tmp_path / name, "--articles", texts)
        assert "The Herald" in (tmp_path / name).read_text("utf8")


def test_stories_are_made_shown_and_compared(
    tiny_model: Path, tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Border talks fail again this week, the minister said. {} will attack our people now."
    rows = [
        {"id": f"{outlet}-{event}", "outlet": outlet, "text": text.format(event), "date": f"2021-0{month}-01"}
        for outlet in ("Herald", "Wire")
        for month, event in ((1, "The gang"), (3, "Nobody"))
    ]
    articles, labels, stories = (tmp_path / f"{name}.jsonl" for name in ("articles", "labels", "stories"))
    articles.write_text("\n".join(map(json.dumps, rows)), "utf8")
    settings = ("--device", "cpu", "--threads", 1)
    framing("label", articles, "-o", labels, "--model", tiny_model, *settings)
    framing("stories", articles, "-o", stories, "--encoder", tiny_base, *settings)
    assert "4 articles tell 2 stories, 2 of them told by several outlets" in capsys.readouterr().out
    framing("story", labels, "--stories", stories)
    assert "Wire, 2021-03-01" in capsys.readouterr().out
    within = ("--within-story", "--stories", stories, "--csv", tmp_path / "within.csv", "--copies", "with")
    framing("profile", labels, "-o", tmp_path / "within.json", *within)
    assert "2 stories told by several of 2 outlets" in capsys.readouterr().out
    assert (tmp_path / "within.csv").read_text("utf8").startswith("outlet,against,code,voice")
    framing("profile", labels, "-o", tmp_path / "p.json", "--stories", stories, "--copies", "only")
    framing("report", tmp_path / "p.json", "--labels", labels, "-o", tmp_path / "r.md", code=1)
    only = ("--stories", stories, "--copies", "only")
    framing("report", tmp_path / "p.json", "--labels", labels, "-o", tmp_path / "r.md", *only)
    assert "The same story" in (tmp_path / "r.md").read_text("utf8")
    framing("profile", labels, "-o", tmp_path / "x.json", "--within-story", code=2)


def test_run_does_it_all(
    tiny_model: Path, tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    settings = ("--model", tiny_model, "--encoder", tiny_base, "--device", "cpu")
    framing("run", sample_articles_path(), "-o", out, *settings)
    assert {p.name for p in out.iterdir()} == {
        "labels.jsonl", "labels.jsonl.provenance.json", "profiles.json", "profiles.csv", "report.html",
        "stories.jsonl",
    }  # fmt: skip
    page = (out / "report.html").read_text("utf8")
    assert "https://meridianwire.example/2025/02/11/ostrenia-cuts-gas-flow" in page
    assert "The same story, outlet by outlet" in page
    assert f"report: {out / 'report.html'}" in capsys.readouterr().out


def test_bytes_are_the_same_again_and_with_another_batch_size(tiny_model: Path, tmp_path: Path) -> None:
    found = set()
    for number, settings in enumerate(
        (["--batch-size", 1], ["--batch-size", 7, "--threads", 2], ["--threads", 1])
    ):
        path = tmp_path / f"{number}.jsonl"
        framing(
            "label", sample_articles_path(), "-o", path, "--model", tiny_model, "--device", "cpu", *settings
        )
        found.add(path.read_bytes())
    assert len(found) == 1


def test_parquet_holds_the_same(tiny_model: Path, texts: Path, tmp_path: Path) -> None:
    from framing.store import read_labels

    paths = [tmp_path / "a.jsonl", tmp_path / "a.parquet"]
    for path in paths:
        framing("label", texts, "-o", path, "--model", tiny_model, "--device", "cpu")
    assert list(read_labels(paths[0])) == list(read_labels(paths[1]))


def test_standard_input(tiny_model: Path, tmp_path: Path) -> None:
    line = json.dumps({"id": "a", "body": "The gang will attack our people now.", "paper": "Herald"})
    command = [sys.executable, "-m", "framing", "label", "-", "-o", str(tmp_path / "x.jsonl")]
    settings = ["--model", str(tiny_model), "--device", "cpu", "--columns", "text=body,outlet=paper"]
    subprocess.run([*command, *settings], input=line, text=True, check=True, capture_output=True)
    assert json.loads((tmp_path / "x.jsonl").read_text("utf8"))["outlet"] == "Herald"


def bad_inputs(folder: Path) -> dict[str, tuple[list[object], str]]:
    """Name of the case → arguments after `framing label`, and what the one line must say."""
    good = {"id": "a", "outlet": "o", "text": "The gang will attack our people now."}

    def file(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def lines(name: str, *rows: object) -> Path:
        return file(name, "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))

    return {
        "missing": ([folder / "none.txt"], "no such file"),
        "empty": ([file("empty.txt", "")], "empty"),
        "json": ([lines("broken.jsonl", good, "{")], "2"),
        "field": ([lines("field.jsonl", {"id": "a", "outlet": "o"})], "text"),
        "encoding": ([file("latin.txt", "Häftlinge klagen an.".encode("latin-1"))], "UTF-8"),
        "sentence": ([lines("dots.jsonl", {**good, "text": "..."})], "no sentence"),
        "twice": ([lines("twice.jsonl", good, good)], "'a'"),
        "column": ([lines("column.jsonl", good), "--columns", "text=corpus"], "corpus"),
        "device": ([lines("good.jsonl", good), "--device", "cuda:99"], "cuda:99"),
        "model": ([lines("good.jsonl", good), "--model", folder / "none"], "no such folder"),
    }


CASES = ("missing", "empty", "json", "field", "encoding", "sentence", "twice", "column", "device", "model")


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_one_clear_line(
    case: str, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, expected = bad_inputs(tmp_path)[case]
    output = tmp_path / "labels.jsonl"
    settings = [] if case == "model" else ["--model", tiny_model]
    framing("label", *settings, "--device", "cpu", *arguments, "-o", output, code=1)
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert expected in errors[0]
    assert not output.exists()


def test_an_output_that_exists_is_kept(
    tiny_model: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "labels.jsonl"
    output.write_text("mine", "utf8")
    framing("label", texts, "-o", output, "--model", tiny_model, "--device", "cpu", code=1)
    assert "exists already" in capsys.readouterr().err
    assert output.read_text("utf8") == "mine"
    framing("label", texts, "-o", output, "--model", tiny_model, "--device", "cpu", "--force")
    assert output.read_text("utf8").startswith("{")


def test_an_output_that_cannot_be_written(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    framing("label", texts, "-o", texts / "0.txt" / "labels.jsonl", code=1)
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["label"], ["label", "x.txt"], ["profile"], ["dance"], ["label", "--dance"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    framing(*arguments, code=2)


def test_codebook_shows_every_label(capsys: pytest.CaptureFixture[str]) -> None:
    from framing.codebook import load_codebook

    framing("codebook")
    shown = capsys.readouterr().out
    assert all(code in shown for code in load_codebook().codes)
    framing("codebook", "--json")
    assert json.loads(capsys.readouterr().out)["version"] == load_codebook().version


def test_profiles_by_a_column_of_the_articles(tiny_model: Path, tiny_base: Path, tmp_path: Path) -> None:
    articles = tmp_path / "articles.jsonl"
    rows = [
        {
            "id": f"{outlet}{number}",
            "outlet": outlet,
            "text": "The gang will attack.",
            "date": f"2020-0{number}-01",
        }
        for outlet in ("a", "b")
        for number in (1, 2)
    ]
    articles.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    labels, made, table = (tmp_path / name for name in ("labels.jsonl", "p.json", "all.parquet"))
    framing("label", articles, "-o", labels, "--model", tiny_model, "--encoder", tiny_base)
    by = ("--by", "outlet,month", "--draws", 100)
    framing("profile", labels, "-o", made, *by, code=2)  # labels name no dates
    framing("profile", labels, "-o", made, "--estimates", table, *by, "--articles", articles)
    names = [outlet["outlet"] for outlet in json.loads(made.read_text("utf8"))["outlets"]]
    assert names == ["a · 2020-01", "a · 2020-02", "b · 2020-01", "b · 2020-02"]
    assert table.is_file()
    framing("profile", labels, "-o", made, "--by", "p", "--articles", articles, "--force", code=1)
    folder = tmp_path / "all"
    framing("run", articles, "-o", folder, "--model", tiny_model, "--encoder", tiny_base, *by)
    assert [
        one["outlet"] for one in json.loads((folder / "profiles.json").read_text("utf8"))["outlets"]
    ] == names


def test_no_word_of_a_table_is_cut(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from framing.commands.tables import print_table

    monkeypatch.setenv("COLUMNS", "60")
    row = ("Ostrenian Herald", "Exaggeration or minimisation", "39.0 / 5.7", "10.3 (6.9 to 15.2)")
    print_table("Table", ("outlet", "code", "labelled / others %", "odds ratio (95 %)"), [row])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 60
    assert {"Ostrenian", "Herald", "Exaggeration", "minimisation", "15.2)"} <= set(shown.split())


def lines_of(path: Path, count: int = 3) -> Path:
    """Write articles as JSONL."""
    text = "Border talks fail again this week. The gang will attack our people now on day {}."
    rows = [{"id": str(n), "outlet": "AB"[n % 2], "text": text.format(n)} for n in range(count)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    return path


def errors(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error: ")]


def test_no_command_writes_over_its_input(
    tiny_model: Path, tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    articles, labels = lines_of(tmp_path / "articles.jsonl"), tmp_path / "out" / "labels.jsonl"
    settings = ("--model", tiny_model, "--device", "cpu")
    framing("label", articles, "-o", labels, *settings)
    profiles, stories = tmp_path / "out" / "p.json", tmp_path / "out" / "stories.jsonl"
    framing("profile", labels, "-o", profiles)
    framing("stories", articles, "-o", stories, "--encoder", tiny_base, "--device", "cpu")
    page, link = tmp_path / "pages" / "1.html", tmp_path / "link.jsonl"
    page.parent.mkdir()
    page.write_text("<p>The gang will attack our people now.</p>", "utf8")
    link.symlink_to(articles)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    for command in (
        ("label", articles, "-o", articles, *settings),
        ("label", tmp_path / "out" / ".." / "articles.jsonl", "-o", articles, *settings),
        ("label", link, "-o", articles, *settings),
        ("label", tmp_path, "-o", articles, *settings),
        ("stories", articles, "-o", articles, "--encoder", tiny_base),
        ("sample", labels, "-o", labels),
        ("profile", labels, "-o", profiles, "--gold", profiles),
        ("report", profiles, "--labels", labels, "--articles", page.parent, "-o", page),
        ("run", labels, "-o", labels.parent, *settings),
    ):
        capsys.readouterr()
        framing(*command, "--force", code=1)
        (found,) = errors(capsys)
        assert "the input" in found
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    framing("label", articles, "-o", tmp_path / ".hidden" / "labels.jsonl", *settings)
    framing("profile", labels, "--articles", tmp_path, "-o", profiles, "--force")


def test_run_does_not_write_into_its_input(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines_of(tmp_path / "articles.jsonl")
    framing("run", tmp_path, "-o", tmp_path / "out", "--model", tiny_model, "--device", "cpu", code=1)
    (found,) = errors(capsys)
    assert "lies in the input" in found
    assert not (tmp_path / "out").exists()


def test_run_goes_on_behind_labels_that_are_whole(
    tiny_model: Path, tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    articles, out = lines_of(tmp_path / "articles.jsonl", 4), tmp_path / "out"
    settings = ("--model", tiny_model, "--encoder", tiny_base, "--device", "cpu", "--draws", 100)
    framing("run", articles, "-o", out, *settings)
    whole = {path.name: path.read_bytes() for path in out.iterdir()}
    framing("run", articles, "-o", out, *settings, code=1)
    assert "exists already" in capsys.readouterr().err
    written = (out / "labels.jsonl").stat().st_mtime_ns
    for name in whole.keys() - {"labels.jsonl", "labels.jsonl.provenance.json"}:
        (out / name).unlink()
    (out / ".framing-unfinished").mkdir()  # of a run killed while it wrote its report
    (out / ".framing-unfinished" / "profiles.json").write_text("{", "utf8")
    framing("run", articles, "-o", out, *settings)
    assert (out / "labels.jsonl").stat().st_mtime_ns == written
    assert {path.name: path.read_bytes() for path in out.iterdir()} == whole


@pytest.mark.parametrize("changed", ["text", "rows"])
def test_run_keeps_no_labels_of_anything_else(
    changed: str, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    articles, out = lines_of(tmp_path / "articles.jsonl"), tmp_path / "out"
    settings = ("--model", tiny_model, "--device", "cpu")
    labels = out / "labels.jsonl"
    framing("label", articles, "-o", labels, *settings)
    path = articles if changed == "text" else labels
    lines = path.read_text("utf8").replace("gang", "guild").splitlines(keepends=True)
    path.write_text("".join(lines if changed == "text" else lines[:-1]), "utf8")
    before = labels.read_bytes()
    framing("run", articles, "-o", out, *settings, code=1)
    (found,) = errors(capsys)
    assert {"text": "input_sha256", "rows": "rows"}[changed] in found
    assert labels.read_bytes() == before


def test_sample_keeps_what_is_for_label_studio(tiny_model: Path, tmp_path: Path) -> None:
    labels, drawn = tmp_path / "labels.jsonl", tmp_path / "sample.jsonl"
    framing("label", lines_of(tmp_path / "a.jsonl"), "-o", labels, "--model", tiny_model, "--device", "cpu")
    tasks = tmp_path / "sample.labelstudio.json"
    tasks.write_text("mine", "utf8")
    framing("sample", labels, "-o", drawn, code=1)
    assert tasks.read_text("utf8") == "mine"
    framing("sample", labels, "-o", drawn, "--stratify", "outlet, labelled", "--force")
    assert tasks.read_text("utf8") != "mine"


def test_options_that_would_be_ignored_are_refused(tmp_path: Path) -> None:
    within = ("profile", tmp_path / "l.jsonl", "-o", tmp_path / "w.json", "--within-story")
    for option in ("--gold", "--articles", "--model"):
        framing(*within, "--stories", tmp_path / "s.jsonl", option, tmp_path, code=2)
    both = ("--csv", tmp_path / "z.csv", "--estimates", tmp_path / "x" / ".." / "z.csv")
    framing("profile", tmp_path / "l.jsonl", "-o", tmp_path / "p.json", *both, code=2)


def test_bench_looks_at_its_input_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    framing("bench", tmp_path / "none.jsonl", "--model", tmp_path / "no model", code=1)
    (found,) = errors(capsys)
    assert "none.jsonl: no such file" in found


def test_text_that_an_encoding_lacks_is_no_error(tiny_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The gang → will attack our people now 🍎.", "utf8")
    command = [sys.executable, "-m", "framing", "show", str(path), "--model", str(tiny_model)]
    shown = subprocess.run(
        [*command, "--device", "cpu"],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
    )
    assert "The gang ? will attack our people now ?." in " ".join(shown.stdout.decode("cp1252").split())


def test_show_names_the_ids_that_are_there(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    articles = lines_of(tmp_path / "a.jsonl", 9)
    framing("show", articles, "--id", "nope", "--model", tiny_model, code=1)
    (found,) = errors(capsys)
    assert "no article 'nope'" in found
    assert "such as '0', '1', '2', '3', '4'" in found


def test_a_report_says_whose_titles_it_lacks(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    articles, labels, made = lines_of(tmp_path / "a.jsonl", 4), tmp_path / "l.jsonl", tmp_path / "p.json"
    framing("label", articles, "-o", labels, "--model", tiny_model, "--device", "cpu")
    framing("profile", labels, "-o", made)
    report = ("report", made, "--labels", labels, "-o", tmp_path / "r.html", "--force", "--articles")
    capsys.readouterr()
    framing(*report, articles)
    assert "titles and links" not in capsys.readouterr().err
    few = tmp_path / "few.csv"
    few.write_text("id,outlet,text\n0,A,The gang will attack.\nz,A,Nobody knows why.\n", "utf8")
    framing(*report, few)
    assert f"1 of 4 articles found in {few}" in capsys.readouterr().err


def test_a_comparison_within_stories_is_no_profile(
    tiny_model: Path, tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    articles, labels, stories = (tmp_path / f"{name}.jsonl" for name in ("a", "l", "s"))
    lines_of(articles, 4)
    framing("label", articles, "-o", labels, "--model", tiny_model, "--device", "cpu")
    framing("stories", articles, "-o", stories, "--encoder", tiny_base, "--device", "cpu")
    made = tmp_path / "w.json"
    framing("profile", labels, "-o", made, "--within-story", "--stories", stories)
    framing("report", made, "--labels", labels, "-o", tmp_path / "r.html", code=1)
    (found,) = errors(capsys)
    assert "holds a comparison within stories, which has no report" in found
