import errno
import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from framing.articles import parse_columns, read_articles
from framing.errors import FramingError

ROW = {"id": "1", "outlet": "The Post", "text": "A dog barked."}


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def jsonl(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def fails(path: Path | str, *parts: str, **settings: object) -> str:
    """The one line of the error; it names every part."""
    with pytest.raises(FramingError) as caught:
        list(read_articles([path], **settings))  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message
    return message


def read_some(path: Path, **settings: object) -> tuple[list[str], list[str]]:
    """The ids of the articles that can be read, and why the others can't."""
    found: list[FramingError] = []
    articles = read_articles([path], reject=found.append, **settings)  # type: ignore[arg-type]
    return [article.id for article in articles], [str(error) for error in found]


# What is read


def test_a_text_file_is_an_article_named_after_it(tmp_path: Path) -> None:
    path = put(tmp_path / "daily" / "a1.txt", b"\xef\xbb\xbfTitle\r\n\r\nA dog barked.\r\n")
    (article,) = read_articles([path])
    assert (article.id, article.outlet, article.outlet_from) == ("a1", "daily", "folder")
    assert article.text == "Title\r\n\r\nA dog barked.\r\n"


def test_jsonl_fields_and_other_columns(tmp_path: Path) -> None:
    row = ROW | {
        "id": 7,
        "title": "Dog",
        "date": "2021-11-20T10:00:00Z",
        "url": "https://a.org",
        "tags": ["x"],
        "n": 3,
    }
    path = put(tmp_path / "a.jsonl", "\ufeff" + jsonl(row) + "\n" + jsonl(ROW | {"note": None}))
    first, second = read_articles([path])
    assert (first.id, first.title, first.date, first.url) == ("7", "Dog", "2021-11-20", "https://a.org")
    assert first.columns == {"tags": '["x"]', "n": "3"}
    assert first.outlet_from == "field"
    assert (second.title, second.date, dict(second.columns)) == (None, None, {})


def test_a_line_separator_within_json_does_not_end_the_line(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", json.dumps(ROW | {"text": "one\u2028two"}, ensure_ascii=False))
    assert next(read_articles([path])).text == "one\u2028two"


def test_csv_keeps_line_ends_and_long_texts(tmp_path: Path) -> None:
    long = "word " * 40_000
    path = put(
        tmp_path / "a.csv", f'\ufeffid,outlet,text,page\r\n1,P,"One,\r\ntwo ""x""",9\r\n\r\n2,P,{long},\r\n'
    )
    first, second = read_articles([path])
    assert first.text == 'One,\r\ntwo "x"'
    assert first.columns == {"page": "9"}
    assert second.text == long


def test_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    table = pa.table({"id": list(range(600)), "outlet": ["P"] * 600, "text": ["Hello."] * 600})
    parquet.write_table(table, path)
    articles = list(read_articles([path]))
    assert len(articles) == 600
    assert articles[599].id == "599"


PAGE = """<html><head><title>Dog barks at night - The Site</title>{head}</head>
<body><nav><a href="/">Home</a></nav>
<article><h1>Dog barks at night</h1><p>The minister said that the dog would bark again on Monday evening.</p>
<p>In the town, many people had heard the dog and asked the council to do something.</p>
<p>There were forty votes for a fence and two against it, the speaker of the council said.</p></article>
</body></html>"""


def test_html_gives_main_text_title_date_and_address(tmp_path: Path) -> None:
    head = '<link rel="canonical" href="https://www.site.org/a">'
    head += '<meta property="article:published_time" content="2021-11-20">'
    (article,) = read_articles([put(tmp_path / "a.html", PAGE.format(head=head))])
    assert article.title == "Dog barks at night"
    assert article.text.startswith("Dog barks at night")
    assert "fence" in article.text
    assert "Home" not in article.text
    assert (article.outlet, article.outlet_from, article.date) == ("site.org", "address", "2021-11-20")


def test_html_declares_its_encoding(tmp_path: Path) -> None:
    page = PAGE.format(head='<meta charset="windows-1252">').replace("a fence", "a café")
    (article,) = read_articles([put(tmp_path / "site" / "a.htm", page.encode("windows-1252"))])
    assert "café" in article.text
    assert article.outlet_from == "folder"


def test_html_without_an_article(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fails(put(tmp_path / "a.html", "<html><body></body></html>"), "a.html", "no main text")
    fails(put(tmp_path / "b.html", "no page"), "b.html", "no main text")
    assert not caplog.records


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(jsonl(ROW).encode())))
    assert [article.id for article in read_articles(["-"])] == ["1"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"id": \n')))
    fails("-", "standard input, line 1", "broken JSON")


def test_reading_is_lazy(tmp_path: Path) -> None:
    articles = read_articles([put(tmp_path / "a.jsonl", jsonl(ROW) + "broken")])
    assert next(articles).id == "1"
    with pytest.raises(FramingError, match="line 2"):
        next(articles)


def test_importing_is_light() -> None:
    heavy = {"torch", "pandas", "trafilatura", "pyarrow"}
    code = f"import sys, framing.articles; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# Folders and outlets


def test_a_folder_is_read_sorted_and_says_what_it_skips(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (
        "b.txt",
        "a.txt",
        "README.md",
        "README.txt",
        ".hidden.txt",
        ".git/c.txt",
        "sub/a.txt",
        "d.pdf",
        "e.pdf",
    ):
        put(tmp_path / name, "Hello.")
    with caplog.at_level(logging.WARNING, "framing"):
        assert [article.id for article in read_articles([tmp_path])] == ["a", "b", "sub/a"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path}: skipped files of unsupported kinds: 2 .pdf"
    ]


def test_an_empty_folder(tmp_path: Path) -> None:
    put(tmp_path / "notes.md", "x")
    fails(tmp_path, "no article in this folder", ".parquet")


SIDECAR = (
    "file,outlet,date,url,title,desk\na.txt,The Side,2021-11-20,https://side.org/a,A title,home\nb.txt,,,,,\n"
)


def test_a_sidecar_gives_outlet_title_date_and_address(tmp_path: Path) -> None:
    put(tmp_path / "articles.csv", SIDECAR)
    put(tmp_path / "a.txt", "Hello.")
    put(tmp_path / "b.txt", "https://www.site.org/b\n\nHello.")
    first, second = read_articles([tmp_path])
    assert (first.outlet, first.outlet_from, first.title) == ("The Side", "sidecar", "A title")
    assert (first.date, first.url, first.columns) == ("2021-11-20", "https://side.org/a", {"desk": "home"})
    assert (second.outlet, second.outlet_from) == ("site.org", "address")


def test_the_flag_comes_before_the_sidecar(tmp_path: Path) -> None:
    put(tmp_path / "articles.csv", SIDECAR)
    put(tmp_path / "a.txt", "Hello.")
    (article,) = read_articles([tmp_path / "a.txt"], outlet="Flag")
    assert (article.outlet, article.outlet_from) == ("Flag", "flag")


def test_a_sidecar_that_names_a_missing_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(tmp_path / "articles.csv", SIDECAR)
    put(tmp_path / "a.txt", "Hello.")
    list(read_articles([tmp_path]))
    assert "articles.csv, line 3: there is no file 'b.txt'" in caplog.text


def test_a_sidecar_that_names_a_file_twice(tmp_path: Path) -> None:
    put(tmp_path / "articles.csv", "file,outlet\na.txt,A\na.txt,B\n")
    put(tmp_path / "a.txt", "Hello.")
    fails(tmp_path, "line 3", "line 2", "a.txt")


def test_a_file_of_articles_may_bear_the_sidecars_name(tmp_path: Path) -> None:
    put(tmp_path / "articles.csv", "id,outlet,text\n1,P,Hello.\n")
    assert [article.id for article in read_articles([tmp_path])] == ["1"]


def test_a_sidecar_that_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = put(tmp_path / "a.txt", "Hello.")
    put(tmp_path / "articles.csv", "file;outlet\na.txt;The Side\n")
    fails(path, "articles.csv, line 1: the header is separated by ';'")
    put(tmp_path / "articles.csv", "name,outlet\na.txt,The Side\n")
    list(read_articles([path]))
    assert "articles.csv: not used, expected a column 'file'" in caplog.text
    assert "columns found: name, outlet" in caplog.text


def test_links_in_a_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "in"
    put(folder / "a.txt", "Hello.")
    put(tmp_path / "other" / "b.txt", "Hello.")
    (folder / "linked").symlink_to(tmp_path / "other")
    list(read_articles([folder]))
    assert f"links to folders are not followed: 1, first {folder / 'linked'}" in caplog.text
    (folder / "c.txt").symlink_to(tmp_path / "nowhere.txt")
    fails(folder, "c.txt: the link leads to no file")


def test_a_folder_that_the_system_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a.txt", "Hello.")
    put(tmp_path / "shut" / "b.txt", "Hello.")
    scan = os.scandir

    def refuse(path: str) -> object:  # to root every folder is open
        if str(path).endswith("shut"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    fails(tmp_path, "shut: cannot be read (Permission denied)")
    assert read_some(tmp_path)[0] == ["a"]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file there that cannot be read")
def test_a_file_that_the_system_refuses(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", "Hello.")
    for name in ("b.txt", "c.jsonl", "d.parquet"):
        (tmp_path / name).symlink_to("/proc/self/mem")
    put(tmp_path / "e.txt", "Hello.")
    fails(tmp_path, "b.txt: cannot be read")
    ids, reasons = read_some(tmp_path)
    assert ids == ["a", "e"]
    assert len(reasons) == 3


@pytest.mark.parametrize(
    ("text", "outlet"),
    [
        ("date 2021-11-20 https://www.site.org/x.html\n\nHello.", "site.org"),
        ("Title\n\nHello.\n\n1\n\n2\n\n3\n\nhttps://late.org/x", "folder"),
        ("The ministry published it at https://gov.org/x for all to read.", "folder"),
        ("https://www.facebook.com/share\nHello.", "folder"),
    ],
)
def test_the_address_counts_in_the_header_only(tmp_path: Path, text: str, outlet: str) -> None:
    (article,) = read_articles([put(tmp_path / "folder" / "a.txt", text)])
    assert article.outlet == outlet


def test_a_rows_own_outlet_comes_before_the_flag(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", jsonl(ROW, {"id": "2", "text": "Hello."}))
    found = [(article.outlet, article.outlet_from) for article in read_articles([path], outlet="Flag")]
    assert found == [("The Post", "field"), ("Flag", "flag")]


# Columns


def test_columns_are_mapped(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", "id,publisher,body,text\n1,P,Hello.,other\n")
    (article,) = read_articles([path], columns=parse_columns("text=body, outlet=publisher"))
    assert (article.text, article.outlet, article.columns) == ("Hello.", "P", {"text": "other"})


def test_an_unknown_column_lists_those_found(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", jsonl(ROW))
    fails(path, "unknown column 'body'", "id, outlet, text", columns={"text": "body"})


@pytest.mark.parametrize("value", ["text", "text=", "=body", "body=text", "text=a,text=b"])
def test_a_wrong_mapping(value: str) -> None:
    with pytest.raises(FramingError, match="columns"):
        parse_columns(value)


def test_settings_are_checked_at_once() -> None:
    for settings in ({"columns": {"body": "text"}}, {"encoding": "utf-99"}, {"encoding": "utf-16"}):
        with pytest.raises(FramingError):
            read_articles(["x.txt"], **settings)
    with pytest.raises(FramingError, match="no input"):
        read_articles([])


# Errors


def test_a_missing_file(tmp_path: Path) -> None:
    fails(tmp_path / "none.txt", "none.txt", "no such file")


def test_an_unsupported_kind(tmp_path: Path) -> None:
    fails(put(tmp_path / "a.pdf", "x"), "unsupported kind '.pdf'", ".jsonl")


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv", "a.html"])
@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xef\xbb\xbf"])
def test_an_empty_file(tmp_path: Path, name: str, content: bytes) -> None:
    fails(put(tmp_path / name, content), name)


def test_a_header_without_rows(tmp_path: Path) -> None:
    fails(put(tmp_path / "a.csv", "id,outlet,text\n"), "no article in it")


@pytest.mark.parametrize("line", ['{"id": 1', "{'id': 1}", "[" * 100_000, '{"id": ' + "1" * 5000 + "}"])
def test_broken_json(tmp_path: Path, line: str) -> None:
    fails(put(tmp_path / "a.jsonl", jsonl(ROW) + line), "a.jsonl, line 2", "broken JSON")


@pytest.mark.parametrize(
    ("line", "kind"), [("[1]", "list"), ("3", "number"), ("null", "null"), ('"x"', "text")]
)
def test_json_that_is_no_object(tmp_path: Path, line: str, kind: str) -> None:
    fails(put(tmp_path / "a.jsonl", line), "a.jsonl, line 1", f"type {kind}")


@pytest.mark.parametrize("name", ["id", "outlet", "text"])
def test_a_missing_field(tmp_path: Path, name: str) -> None:
    row = {key: value for key, value in ROW.items() if key != name}
    fails(put(tmp_path / "a.jsonl", jsonl(row)), f"line 1: field '{name}' is missing", "fields found")
    fails(put(tmp_path / "b.jsonl", jsonl(ROW | {name: None})), f"field '{name}' is empty")
    fails(put(tmp_path / "c.jsonl", jsonl(ROW | {name: " \n"})), f"field '{name}' is empty")


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("text", 5, "number"),
        ("text", ["a"], "list"),
        ("id", True, "true/false"),
        ("id", 1.5, "number"),
        ("title", {}, "object"),
    ],
)
def test_a_field_of_the_wrong_type(tmp_path: Path, name: str, value: object, kind: str) -> None:
    fails(
        put(tmp_path / "a.jsonl", jsonl(ROW | {name: value})),
        "line 1",
        f"'{name}' is of type {kind}",
        "expected text",
    )


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv", "a.html"])
def test_wrong_encoding(tmp_path: Path, name: str) -> None:
    fails(
        put(tmp_path / name, b"abc\nd\xe9f\n"[4:] if name == "a.jsonl" else b"a\nd\xe9f\n"),
        "0xe9",
        "convert",
        "UTF-8",
    )


def test_wrong_encoding_says_where(tmp_path: Path) -> None:
    lines = jsonl(ROW).encode()
    path = put(tmp_path / "a.jsonl", lines + b'{"id": "\xe9"}')
    fails(path, "line 2", f"byte offset {len(lines) + 8} ")
    fails(put(tmp_path / "b.txt", b"one\ntwo\n\xff"), "line 3", "byte offset 8 ")
    assert "--encoding" not in fails(put(tmp_path / "c.txt", "Hello".encode("utf-16")), "line 1", "UTF-16")
    fails(put(tmp_path / "c.csv", 'id,"outlet"'.encode("utf-16")), "line 1", "UTF-16")
    fails(path, "--encoding windows-1252")
    good = put(tmp_path / "d.txt", b"caf\xe9")
    assert next(read_articles([good], encoding="windows-1252")).text == "café"


@pytest.mark.parametrize("text", ["a\\ud800b", "a\\u0000b"])
@pytest.mark.parametrize("name", ["id", "outlet", "text", "title", "other"])
def test_what_no_file_can_hold(tmp_path: Path, text: str, name: str) -> None:
    line = json.dumps(ROW | {name: "HERE"}).replace("HERE", text)
    fails(put(tmp_path / "a.jsonl", line), "line 1", name, "remove")


def test_nul_in_a_text_file(tmp_path: Path) -> None:
    fails(put(tmp_path / "a.txt", "a\x00b"), "a.txt", "NUL")


def test_two_articles_with_one_id(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", jsonl(ROW, ROW | {"id": "2"}, ROW))
    fails(path, "a.jsonl, line 3", "'1'", "a.jsonl, line 1", "unique")


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ('id,outlet,text\n1,P,"open\n\nmore\n', "line 2: broken CSV"),
        ("id,outlet,text\n1,P,a,b\n", "found 4 cells, expected 3"),
        ("id,outlet,text,text\n1,P,a,b\n", "column 'text' stands twice"),
        ("id;outlet;text\n1;P;a\n", "the header is separated by ';', expected ','"),
        ('"id";"outlet";"text"\n"1";"P";"a"\n', "the header is separated by ';', expected ','"),
        ("id\toutlet\ttext\n1\tP\ta\n", "the header is separated by tabs"),
        ("id,outlet,text,,\n1,P,a,,note\n", "line 2: found 'note' in one of 2 columns without a name"),
    ],
)
def test_broken_csv(tmp_path: Path, content: str, part: str) -> None:
    fails(put(tmp_path / "a.csv", content), "a.csv, line", part)


HEAD = b"id,outlet,text\n1,P,Hello.\n"


@pytest.mark.parametrize(
    ("rows", "ids", "reason"),
    [
        (b'2,P,"He said "no" to us"\n3,P,"Yes, so"\n4,P,x\n', ["1", "3", "4"], "line 3: broken CSV"),
        (b'2,P,"a 5" screen"\n3,P,"Yes, so"\n4,P,x\n', ["1", "3", "4"], "line 3: broken CSV"),
        (b"2,P,caf\xe9\n3,P,x\n4,P,y\n", ["1", "3", "4"], "line 3: byte 0xe9"),
        (b'2,P,"one\ncaf\xe9\nthree"\n3,P,x\n', ["1", "3"], "line 4: byte 0xe9"),
        (b'2,P,"open\n3,P,x\n', ["1"], "lines 3 to 4 cannot be read"),
        # Where texts take several lines, a line of a broken one is no article.
        (b'2,P,"a\nb"\n3,P,"so "it" is\nx,y,z"\n4,P,c\n', ["1", "2", "4"], "lines 5 to 6 cannot be read"),
    ],
)
def test_behind_a_broken_csv_row_reading_goes_on(
    tmp_path: Path, rows: bytes, ids: list[str], reason: str
) -> None:
    found, reasons = read_some(put(tmp_path / "a.csv", HEAD + rows))
    assert found == ids
    assert len(reasons) == 1
    assert reason in reasons[0]


def test_empty_columns_without_a_name(tmp_path: Path) -> None:
    (article,) = read_articles([put(tmp_path / "a.csv", "id,outlet,text,,\n1,P,Hello.,,\n")])
    assert article.columns == {}
    (article,) = read_articles([put(tmp_path / "b.csv", ",id,outlet,text\n0,1,P,Hello.\n")])
    assert article.columns == {"": "0"}


def test_a_csv_row_is_named_by_its_first_line(tmp_path: Path) -> None:
    fails(
        put(tmp_path / "a.csv", 'id,outlet,text\n1,P,"a\nb"\n2,P,\n'), "a.csv, line 4: field 'text' is empty"
    )


def test_broken_parquet(tmp_path: Path) -> None:
    fails(put(tmp_path / "a.parquet", b"PAR1 nothing"), "a.parquet", "broken Parquet")


def test_a_parquet_row_is_named(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"id": ["1", "2"], "outlet": ["P", "P"], "text": ["a", None]}), path)
    fails(path, "a.parquet, row 2", "field 'text' is empty")


def test_numbers_as_ids_with_one_missing(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"id": [1.0, None], "outlet": ["P", "P"], "text": ["a", "b"]}), path)
    assert next(read_articles([path])).id == "1"
    fails(path, "a.parquet, row 2", "field 'id' is empty")
    assert read_some(put(tmp_path / "b.jsonl", jsonl(ROW | {"id": 3.0})))[0] == ["3"]
    fails(
        put(tmp_path / "c.jsonl", jsonl(ROW | {"id": 2.0**60})), "expected text or a whole number; write it"
    )


def test_nan_is_no_value(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", jsonl(ROW | {"section": float("nan"), "title": float("nan")}))
    (article,) = read_articles([path])
    assert (article.columns, article.title) == ({}, None)
    fails(put(tmp_path / "b.jsonl", jsonl(ROW | {"outlet": float("nan")})), "'outlet' is empty", "--outlet")


def test_what_is_odd_is_said_once_with_how_often_and_where(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    odd = ROW | {"outlet": "NaN", "text": "</p><p>Hello.", "date": "01/03/2024"}
    path = put(
        tmp_path / "a.jsonl", jsonl(ROW | {"date": "2021-11-20"}, odd | {"id": "2"}, odd | {"id": "3"})
    )
    list(read_articles([path]))
    assert [record.getMessage() for record in caplog.records] == [
        f"dates left out: 2 of 3, first at {path}, line 2: found '01/03/2024', "
        "expected ISO 8601, such as 2021-11-20",
        f"texts with HTML tags: 2 of 3, first at {path}, line 2: found '</p>', "
        "strip them, or save each article as .html",
        f"outlets without a name: 2 of 3, first at {path}, line 2: found 'NaN', "
        "expected a name; fill it, or leave it empty and give --outlet",
    ]


def test_a_date_that_is_none_is_kept_among_the_columns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = put(tmp_path / "a.jsonl", jsonl(ROW | {"date": "last week"}, ROW | {"id": "2", "date": "May"}))
    first, _ = read_articles([path])
    assert (first.date, first.columns) == (None, {"date": "last week"})
    assert len(caplog.records) == 1


@pytest.mark.parametrize("given", [None, 1, [1], ["a.txt", None]])
def test_what_is_no_path_is_named(given: object) -> None:
    with pytest.raises(FramingError, match=r"read_articles: found (int|NoneType), expected names of files"):
        read_articles(given)  # type: ignore[arg-type]


def test_a_table_is_told_how_it_becomes_articles() -> None:
    import pandas

    with pytest.raises(FramingError, match=r"found DataFrame, .*row in table\.itertuples"):
        read_articles(pandas.DataFrame([ROW]))
