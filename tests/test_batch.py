"""`mgrad batch`: lines and records in, one answer each out, whatever happens on the way."""

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mgrad_cli.batch.blocks import input_blocks
from mgrad_cli.batch.formulas import FormulaCache
from mgrad_cli.batch.records import read_record
from mgrad_cli.data.expressions import LineBlocks
from mgrad_cli.errors import InputError
from mgrad_cli.language.parser import DEFAULT_LIMITS
from tests.conftest import Run, environment, shared
from tests.processes import HANG_SECONDS, wait_for


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_lines_are_programs_or_records(mgrad: Run) -> None:
    lines = (
        "a = 2; b = 3; a*b*(a+b)\n"
        "\n"
        "  # a comment\n"
        '{"id": {"n": 7}, "expr": "x/y", "vars": {"x": 1, "y": "pi/4"}, "other": [1, {}]}\r\n'
        "q*2"
    )
    ran = mgrad("batch", "-", "--q", "3", stdin=lines)
    assert (ran.returncode, ran.stderr) == (0, "3 lines: 3 ok\n")
    first, second, third = records(ran.stdout)
    assert (first["i"], first["value"], first["grads"]) == (0, 30.0, {"a": 21.0, "b": 16.0})
    assert (second["i"], second["id"], second["vars"]["y"]) == (1, {"n": 7}, 0.7853981633974483)
    assert (third["i"], third["expr"], third["vars"]) == (2, "q*2", {"q": 3.0})


def test_values_of_the_command_line_hold_for_all_lines_and_a_record_s_own_win(mgrad: Run) -> None:
    lines = 'a = 2; a*b\n{"expr": "a*b", "vars": {"b": 10}}\nc = a + 1\n'
    ran = mgrad("batch", "-", "--a", "5", "--b", "7", stdin=lines)
    assert [record["value"] for record in records(ran.stdout)] == [35.0, 50.0, 6.0]
    unused = mgrad("batch", "-", "--a", "5", "--b", "7", "--z", "1", stdin=lines)
    assert (unused.returncode, unused.stderr) == (2, "error: no line uses the variable 'z'\n")


def test_the_first_bad_line_stops_with_its_place(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "f.mg").write_text("1+1\n# c\n2*tahn(3)\n4\n")
    ran = mgrad("batch", "f.mg", cwd=tmp_path)
    assert ran.returncode == 4
    assert [record["value"] for record in records(ran.stdout)] == [2.0]
    assert ran.stderr == (
        "error: f.mg:3:3: unknown function 'tahn'; did you mean 'tanh'?\n  3 | 2*tahn(3)\n    |   ^^^^\n"
    )


def test_on_error_null_and_skip_go_on(mgrad: Run) -> None:
    lines = "1+1\n2*\nx\n4\n"
    null = mgrad("batch", "-", "--on-error", "null", stdin=lines)
    assert (null.returncode, null.stderr.splitlines()[-1]) == (1, "4 lines: 2 ok, 2 failed")
    assert null.stderr.splitlines()[0] == "warning: standard input:2:2: expected a value after '*'"
    failed = records(null.stdout)[1:3]
    assert failed[0] == {
        "v": 1,
        "i": 1,
        "expr": "2*",
        "status": "error",
        "value": None,
        "grads": None,
        "error": {
            "code": "parse",
            "message": "expected a value after '*'",
            "file": "standard input",
            "line": 2,
            "col": 2,
        },
    }
    assert failed[1]["error"] == {
        "code": "binding",
        "message": "missing value for 'x'",
        "file": "standard input",
        "line": 3,
        "col": 1,
    }
    schema = json.loads(shared("result.schema.json").read_text())
    for record in records(null.stdout):
        jsonschema.validate(record, schema)
    skip = mgrad("batch", "-", "--on-error", "skip", stdin=lines)
    assert (skip.returncode, [record["i"] for record in records(skip.stdout)]) == (1, [0, 3])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"expr": "x", "vars": {"x": 1}', "invalid JSON: Expecting ',' delimiter"),
        (b'{"expr": "x", "expr": "y"}', "duplicate key 'expr' in the record"),
        (b'{"expr": "x", "vars": {"x": 1, "x": 2}}', "duplicate key 'x' in the record"),
        (b'{"expr": "x", "vars": {"x": NaN}}', "invalid JSON: NaN: NaN, Infinity and -Infinity are not JSON; write them as strings"),
        (b'{"expr": "x", "vars": {"x": true}}', "the value of 'x' is not a number"),
        (b'{"expr": "x", "vars": {"x": null}}', "the value of 'x' is not a number"),
        (b'{"expr": "x", "vars": {"x": 1e999}}', "the value of 'x' overflows a double"),
        (b'{"expr": "x", "vars": {"x": 1' + b"0" * 400 + b"}}", "the value of 'x' overflows a double"),
        (b'{"expr": "x", "vars": {"x": 1' + b"0" * 5000 + b"}}", "invalid JSON: "),
        (b'{"expr": "x", "vars": {"x": "2#3"}}', "the value of 'x', '2#3', is not a number: a value cannot contain a comment"),
        (b'{"expr": "x", "vars": {"x": "1,5"}}', "the value of 'x', '1,5', is not a number: unexpected ','; numbers have a decimal point"),
        (b'{"expr": "x", "vars": {"x": 1, "y": 2}}', "no variable 'y' in the expression"),
        (b'{"expr": "x", "vars": [1]}', "'vars' of the record is not an object"),
        (b'{"expr": 3}', "the record has no text 'expr'"),
        (b'{"id": 1e999, "expr": "3"}', "the 'id' of the record holds a number that overflows"),
        (b'{"a":' * 100_000, "the JSON is nested too deeply"),
        (b'{"expr": "\\ud800"}', "unexpected character U+D800"),
        (b"x \xff", "the line is not UTF-8: byte 3; give the encoding, as --encoding latin-1"),
        (b"1+" * 40, "the line is longer than 64 bytes (--max-line); raise the limit, as with --max-line 128"),
    ],
    ids=range(19),
)  # fmt: skip
def test_bad_lines(mgrad: Run, line: bytes, message: str) -> None:
    more = ["--max-line", "64"] if "longer" in message else []
    ran = mgrad("batch", "-", *more, stdin=b"1\n" + line + b"\n2\n")
    assert ran.returncode == 4
    assert ran.stderr.startswith("error: standard input:2:")
    assert message in ran.stderr.splitlines()[0]
    after = mgrad("batch", "-", "--on-error", "skip", *more, stdin=b"1\n" + line + b"\n2\n")
    assert [record["value"] for record in records(after.stdout)] == [1.0, 2.0]


def test_an_error_in_a_record_points_into_the_record(mgrad: Run) -> None:
    record = '{"id": 1, "expr": "\\u0078 + \\ud83d\\ude00"}'
    ran = mgrad("batch", "-", stdin=f"1\n{record}\n")
    assert ran.stderr == (
        f"error: standard input:2:29: unexpected character '😀' (U+1F600)\n  2 | {record}\n    | {' ' * 28}{'^' * 12}\n"
    )


def test_a_mark_at_the_start_and_names_in_any_form_are_read(mgrad: Run) -> None:
    ran = mgrad("batch", "-", stdin='\ufeff# comment\n{"expr": "\u00e9", "vars": {"e\u0301": 3}}\n')
    assert (ran.returncode, records(ran.stdout)[0]["value"]) == (0, 3.0)


@pytest.mark.parametrize("size", [1, 2, 7, 30, 1000])
@pytest.mark.parametrize("by_line", [False, True])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n", b"\n  # end"])
def test_blocks_have_every_record_with_its_place(tmp_path: Path, size: int, by_line: bool, end: bytes) -> None:
    lines = [
        b"1",
        b"",
        b"# c",
        b" \t\r",
        b"\x0b2 # c",
        b"x\r3",
        b" 4\r",
        b"#",
        b"123456789012345678901234567890",
        b"5",
        b"!6",
        b"\xff",
    ]
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"\n".join(lines) + end)
    paths = [str(tmp_path / name) for name in ("a", "b")]
    blocks = [*input_blocks(paths, LineBlocks(20, "mgrad batch -", size, by_line))]
    records = [record for block in blocks for record in block.records()]
    assert all(block.content for block in blocks)
    assert [record.position for record in records] == [*range(16)]
    assert [record.number for record in records] == [1, 5, 6, 7, 9, 10, 11, 12] * 2
    assert [record.file for record in records] == [paths[0]] * 8 + [paths[1]] * 8
    found = [b"long" if len(record.content) > 20 else record.content.strip() for record in records]
    assert found == [b"1", b"2 # c", b"x\r3", b"4", b"long", b"5", b"!6", b"\xff"] * 2


def test_a_line_beyond_the_limit_is_not_held(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"7" * (1 << 22) + b"\n8\n")
    blocks = [*input_blocks([str(tmp_path / "f")], LineBlocks(100, "mgrad batch -", 1 << 12))]
    assert sum(len(block.content) for block in blocks) < 1 << 13
    assert [record.number for block in blocks for record in block.records()] == [1, 2]


def test_contradictions_are_refused(mgrad: Run) -> None:
    for words, message in (
        (["-", "-"], "standard input, -, is given twice"),
        (["-", "--unbuffered", "--jobs", "2"], "--unbuffered cannot be combined with --jobs above 1"),
        (["-", "-o", ""], "-o needs a value"),
        ([], "a file is missing; use - for standard input"),
    ):
        ran = mgrad("batch", *words, stdin="1\n")
        assert (ran.returncode, ran.stderr) == (2, f"error: {message}\n")


def test_an_unused_value_does_not_hide_failures(mgrad: Run) -> None:
    ran = mgrad("batch", "-", "--x", "1", "--on-error", "null", stdin="x+\n")
    assert (ran.returncode, ran.stderr.splitlines()[-1]) == (1, "1 line: 0 ok, 1 failed")


def test_devices_and_standard_output_can_be_the_output(mgrad: Run, tmp_path: Path) -> None:
    assert mgrad("batch", "-", "-o", "/dev/null", stdin="1\n").returncode == 0
    assert records(mgrad("batch", "-", "-o", "-", stdin="1\n", cwd=tmp_path).stdout)[0]["value"] == 1.0
    assert os.listdir(tmp_path) == []
    long_name = "n" * 250
    assert mgrad("batch", "-", "-o", long_name, stdin="1\n", cwd=tmp_path).returncode == 0
    assert os.listdir(tmp_path) == [long_name]


def test_the_input_through_standard_input_is_not_the_output(tmp_path: Path) -> None:
    (tmp_path / "in.mg").write_text("2\n")
    ran = subprocess.run(
        ["bash", "-c", "mgrad batch - -o in.mg < in.mg"], capture_output=True, cwd=tmp_path, env=environment()
    )
    assert (ran.returncode, ran.stderr) == (2, b"error: the output 'in.mg' is also the input\n")
    assert (tmp_path / "in.mg").read_text() == "2\n"


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they did."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [other for child in children for other in descendants(child)]


def workers_of(pid: int) -> list[int]:
    """The processes that compute for one, once it has started them."""
    return [each for each in descendants(pid) if b"resource_tracker" not in Path(f"/proc/{each}/cmdline").read_bytes()]


@pytest.fixture
def endless() -> Iterator[subprocess.Popen[bytes]]:
    """A run with two workers beside it that has begun to write and has no end."""
    with (
        subprocess.Popen(["yes", "a = 2; a*a"], stdout=subprocess.PIPE) as lines,
        subprocess.Popen(
            ["mgrad", "batch", "-", "--jobs", "3", "--quiet"],
            stdin=lines.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
        ) as process,
    ):  # fmt: skip
        assert lines.stdout is not None
        assert process.stdout is not None
        lines.stdout.close()
        process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_killed_worker_is_said_to_be_one(endless: subprocess.Popen[bytes], number: signal.Signals) -> None:
    os.kill(workers_of(endless.pid)[0], number)
    _, errors = endless.communicate(timeout=HANG_SECONDS)
    assert errors == b"error: a worker process was killed, perhaps because memory ran out\n"
    assert endless.returncode == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_workers_do_not_outlive_a_killed_process(endless: subprocess.Popen[bytes]) -> None:
    workers = workers_of(endless.pid)
    assert len(workers) == 2
    endless.kill()
    wait_for(lambda: not any(map(is_running, workers)))


def is_running(pid: int) -> bool:
    """Whether a process has not ended, if only its parent has not asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_csv_is_a_row_a_variable(mgrad: Run) -> None:
    ran = mgrad("batch", "-", "--format", "csv", stdin='{"id": "é,", "expr": "a*b", "vars": {"a": 2, "b": 0}}\n1/0\n')
    assert list(csv.reader(StringIO(ran.stdout))) == [
        ["i", "id", "expr", "value", "name", "grad"],
        ["0", "é,", "a*b", "0.0", "a", "0.0"],
        ["0", "é,", "a*b", "0.0", "b", "2.0"],
        ["1", "", "1/0", "inf", "", ""],
    ]
    assert ran.stderr == "2 lines: 1 ok, 1 not finite\n"


def test_the_table_is_drawn_as_it_comes(mgrad: Run) -> None:
    ran = mgrad("batch", "-", "--format", "table", "--on-error", "null", stdin="a = 2; b = 3; a**b\n2*\n" * 200)
    lines = ran.stdout.splitlines()
    assert lines[0].split() == ["i", "expression", "value", "and", "gradients"]
    assert [line.split() for line in lines[2:5]] == [
        ["0", "a", "=", "2;", "b", "=", "3;", "a**b", "value", "8"],
        ["d/da", "12"],
        ["d/db", "5.545177444479562"],
    ]
    assert ran.stdout.count("expected a value after '*'") == 200
    assert max(map(len, lines)) <= 80


def test_a_result_that_is_not_finite_is_strictly_a_failure(mgrad: Run) -> None:
    assert mgrad("batch", "-", stdin="1/0\n").returncode == 0
    assert mgrad("batch", "-", "--strict", stdin="1/0\n").returncode == 1


def test_jobs_give_the_same_bytes_in_order(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "f.mg").write_text(
        "".join(f"x = {n}; x**2 + {n}*sin(x) + {'(' if n % 97 == 0 else ''}\n" for n in range(1500))
    )
    one, two = (
        mgrad("batch", "f.mg", "f.mg", "--on-error", "null", "--jobs", jobs, "--format", "csv", cwd=tmp_path)
        for jobs in ("1", "2")
    )
    assert one.stdout == two.stdout
    assert (one.returncode, two.returncode, one.stderr) == (1, 1, two.stderr)


def test_texts_that_come_again_are_kept_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mgrad_cli.batch.formulas.MAX_SEEN", 50)
    formulas = FormulaCache(max_chars=10)
    formulas.read("a+b", DEFAULT_LIMITS)
    assert not formulas.known
    assert formulas.read("a+b", DEFAULT_LIMITS) is formulas.read("a+b", DEFAULT_LIMITS)
    for n in range(200):
        formulas.read(f"x+{n // 2:03}", DEFAULT_LIMITS)
    assert 0 < len(formulas.known) <= 3
    assert len(formulas.seen) <= 50
    assert formulas.chars == sum(map(len, formulas.known))


def test_every_physics_equation(mgrad: Run) -> None:
    ran = mgrad("batch", str(shared("feynman.jsonl")))
    assert ran.returncode == 0
    cases = records(shared("feynman.jsonl").read_text())
    for case, record in zip(cases, records(ran.stdout), strict=True):
        pairs = [(record["value"], case["value"])]
        pairs += [(record["grads"][name], grad) for name, grad in case["grads"].items()]
        assert all(abs(got - want) <= 1e-12 * abs(want) + 100 * case["f64_abserr"] for got, want in pairs), case["id"]


def test_output_is_whole_or_not_at_all(mgrad: Run, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    target.chmod(0o640)
    assert mgrad("batch", "-", "-o", str(target), stdin="1\n2*\n").returncode == 4
    assert (target.read_text(), os.listdir(tmp_path)) == ("old", ["out.jsonl"])
    ran = mgrad("batch", "-", f"--output={target}", stdin="1\n")
    assert (ran.returncode, ran.stdout, target.stat().st_mode & 0o777) == (0, "", 0o640)
    assert records(target.read_text())[0]["value"] == 1.0


def test_the_output_may_not_be_the_input(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "f.mg").write_text("1\n")
    (tmp_path / "link.mg").symlink_to("f.mg")
    ran = mgrad("batch", "f.mg", "-o", "link.mg", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (2, "error: the output 'link.mg' is also the input\n")


def test_an_output_that_cannot_be_written(mgrad: Run, tmp_path: Path) -> None:
    ran = mgrad("batch", "-", "-o", str(tmp_path / "absent" / "f"), stdin="1\n")
    assert ran.returncode == 5
    assert ran.stderr.endswith("No such file or directory\n")
    assert mgrad("batch", "-", "-o", str(tmp_path), stdin="1\n").returncode == 5


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
@pytest.mark.parametrize("words", ["eval a --a 1", "eval a --a 1 --json", "batch -", "functions", "check a --a 1"])
def test_a_full_disk(words: str) -> None:
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            ["mgrad", *words.split()], input=b"1\n", stdout=full, stderr=subprocess.PIPE, env=environment()
        )
    assert ran.returncode == 5
    assert ran.stderr == b"error: cannot write standard output: No space left on device\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_closed_pipe_ends_silently(tmp_path: Path, jobs: str) -> None:
    (tmp_path / "huge.mg").write_text("a = 2; b = 3; a*b*(a+b)\n" * 50_000)
    script = f"mgrad batch huge.mg --json --jobs {jobs} | head -1; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", script], capture_output=True, cwd=tmp_path, env=environment(), timeout=60)
    first, code = ran.stdout.splitlines()
    assert (json.loads(first)["value"], code, ran.stderr) == (30.0, b"141", b"")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_signal_leaves_the_old_output_and_no_litter(
    tmp_path: Path, number: signal.Signals, code: int, jobs: str
) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    with subprocess.Popen(
        ["mgrad", "batch", "-", "--jobs", jobs, "--output", str(target)],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"1\n" * 2000)
        process.stdin.flush()
        wait_for(lambda: len(os.listdir(tmp_path)) == 2, process)
        process.send_signal(number)
        process.stdin.close()
        assert process.wait(timeout=HANG_SECONDS) == code
    assert (target.read_text(), os.listdir(tmp_path)) == ("old", ["out.jsonl"])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_does_not_grow_with_the_input() -> None:
    with subprocess.Popen(
        "yes 'a = 2; b = 3; a*b*(a+b)' | mgrad batch - --quiet", shell=True, stdout=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        sizes = []
        for _ in range(2):
            for _ in range(20_000):
                process.stdout.readline()
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            statuses = [Path(f"/proc/{child}/status").read_text() for child in children]
            sizes.append(max(int(s.split("VmRSS:")[1].split()[0]) for s in statuses))
        process.stdout.close()
        process.kill()
    assert sizes[1] < sizes[0] * 1.2 + 5_000


def test_unbuffered_answers_each_line_at_once() -> None:
    with subprocess.Popen(
        ["mgrad", "batch", "-", "--unbuffered", "--quiet"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for n in range(3):
            process.stdin.write(f"{n}*2\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["value"] == 2.0 * n
        process.stdin.close()


def test_a_progress_bar_on_a_terminal_only(mgrad: Run) -> None:
    assert "lines/s" not in mgrad("batch", "-", stdin="1\n" * 3000).stderr


def test_records_keep_what_is_theirs() -> None:
    assert read_record('{"expr": "x", "id": null, "note": 1}')["id"] is None
    with pytest.raises(InputError):
        read_record('{"expr": ["x"]}')


@pytest.mark.parametrize("jobs", [[], ["--jobs", "2"]])
@pytest.mark.parametrize(
    ("on_error", "elsewhere"),
    [("skip", "--on-error null writes a record with its error"), ("null", "each has a record with its error")],
)
def test_the_last_of_many_bad_lines_is_told(mgrad: Run, jobs: list[str], on_error: str, elsewhere: str) -> None:
    ran = mgrad("batch", "-", "--on-error", on_error, *jobs, stdin="1\nx\n" * 200)
    *first, more, last, closing = ran.stderr.splitlines()
    assert [line.startswith("warning: standard input:") for line in first] == [True] * 10
    assert more == "warning: further failures are counted but not shown"
    assert last == f"warning: the last of 200 failures: standard input:400:1: missing value for 'x'; {elsewhere}"
    assert (ran.returncode, closing) == (1, "400 lines: 200 ok, 200 failed")


@pytest.mark.slow
def test_a_limit_says_what_batch_can_do(mgrad: Run) -> None:
    names = [f"x{index}" for index in range(2001)]
    line = "; ".join(f"{name} = 1" for name in names) + "; " + "+".join(f"x{index}*x0" for index in range(2001))
    ran = mgrad("batch", "-", "--order", "2", stdin=line + "\n")
    assert ran.returncode == 4
    assert (
        "more than the maximum of 4,000,000; write numbers in place of some variables, or use eval, which has --wrt"
        in (ran.stderr)
    )


def test_a_table_of_data_is_for_map(mgrad: Run, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x,y\n1,2\n")
    ran = mgrad("batch", "rows.csv", cwd=tmp_path)
    assert ran.stderr == "error: rows.csv:1:1: missing value for 'x', 'y'; the rows of a data file are for mgrad map\n"
    (tmp_path / "formulas.csv").write_text("x = 2; x**2\ny\n")
    ran = mgrad("batch", "formulas.csv", cwd=tmp_path)
    assert ran.stderr == "error: formulas.csv:2:1: missing value for 'y'\n"


def test_workers_are_forks_only_of_a_process_with_one_thread() -> None:
    script = (
        "import threading\n"
        "from mgrad_cli.processes import worker_context\n"
        "def method(): return worker_context().get_start_method()\n"
        "alone, event = method(), threading.Event()\n"
        "thread = threading.Thread(target=event.wait)\n"
        "thread.start()\n"
        "print(alone, method())\n"
        "event.set()\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment())
    assert ran.stdout.split() == ["fork" if sys.platform == "linux" else "spawn", "spawn"]
