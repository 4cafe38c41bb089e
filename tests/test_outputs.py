"""What commands write: never over what they read, whole or not at all, and as a stream where there is no file."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from mgrad_cli.cli.commands import VERBS
from mgrad_cli.cli.verb import InputPath, LocalPath, OutputPath
from mgrad_cli.errors import UsageError
from mgrad_cli.storage import writeback
from mgrad_cli.storage.overlap import Written, check_overlaps
from mgrad_cli.storage.replacing import TEMPORARY, Replacement, named_descriptor
from mgrad_cli.storage.streams import opened_output
from tests.conftest import Run, environment

ROWS = "x,y\n1,2\n3,4\n"


def file(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("verb", VERBS)
def test_every_path_of_a_verb_says_whether_it_is_read_or_written(verb: str) -> None:
    from mgrad_cli.cli.main import program

    command = program.get_command(click.Context(program), verb)
    assert command is not None
    for parameter in command.params:
        if isinstance(parameter.type, LocalPath | click.Path):
            assert isinstance(parameter.type, InputPath | OutputPath), parameter.name


def link(target: Path, path: Path) -> Path:
    path.symlink_to(target)
    return path


def hard(path: Path) -> Path:
    os.link(path, path.with_name("hard"))
    return path.with_name("hard")


SPELLINGS: dict[str, Callable[[Path], str]] = {
    "plain": str,
    "dots": lambda path: f"{path.parent}/../{path.parent.name}/./{path.name}",
    "relative": os.path.relpath,
    "symlink": lambda path: str(link(path, path.with_name("link"))),
    "link of a link": lambda path: str(link(link(path, path.with_name("link")), path.with_name("other"))),
    "linked folder": lambda path: str(link(path.parent, path.parent.with_name("folder")) / path.name),
    "hard link": lambda path: str(hard(path)),
    "file address": Path.as_uri,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_path_is_the_same_however_it_is_spelled(tmp_path: Path, spelling: str) -> None:
    source = file(tmp_path / "in" / "in.csv", ROWS)
    other = SPELLINGS[spelling](source)
    for read, written in ((str(source), other), (other, str(source))):
        with pytest.raises(UsageError, match="the output is also the input"):
            check_overlaps([read], [Written(written, "the output")])
    if spelling != "hard link":  # which is in the folder that it is in
        with pytest.raises(UsageError, match="the output is a folder that contains the input"):
            check_overlaps([other], [Written(str(source.parent), "the output")])
    check_overlaps([other], [Written(str(source.with_name("new")), "the output")])


@pytest.mark.parametrize(
    "words",
    [
        ["map", "x*y", "IN.csv", "-o", "OUT"],
        ["map", "x*y", "IN*", "-o", "OUT"],
        ["map", "--file", "IN.csv", "DATA", "-o", "OUT"],
        ["map", "x*y", "DATA", "-o", "NEW/", "--report", "OUT", "IN.csv"],
        ["map", "x*y", "IN.csv", "--reduce", "sum", "-o", "OUT", "--format", "csv"],
        ["batch", "DATA", "IN.csv", "-o", "OUT"],
        ["graph", "--file", "IN.csv", "-o", "OUT", "--dot"],
        ["plot", "--file", "IN.csv", "--x", "0:1", "-o", "OUT", "--svg"],
    ],
    ids=" ".join,
)
def test_what_is_read_is_not_written(mgrad: Run, tmp_path: Path, words: list[str]) -> None:
    source = file(tmp_path / "in" / "in.csv", ROWS)
    known = {
        "IN.csv": str(source), "IN*": f"{source.parent}/*.csv", "DATA": str(file(tmp_path / "data.csv", ROWS)),
        "NEW/": f"{tmp_path / 'new'}/", "OUT": SPELLINGS["symlink"](source),
    }  # fmt: skip
    before = snapshot(tmp_path)
    ran = mgrad(*(known.get(word, word) for word in words))
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert "is also the input" in ran.stderr
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("d", ["-o", "d/"]),
        ("d", ["-o", "d/", "--overwrite"]),
        ("d", ["-o", "d", "--resume"]),
        ("d", ["-o", "d/../d/", "--overwrite", "--engine", "dask"]),
        ("d/*.csv", ["-o", "d/", "--overwrite"]),
        ("d/part-00000.csv", ["-o", "d/", "--overwrite"]),
        ("d", ["-o", "link/", "--overwrite"]),
        ("link", ["-o", "d", "--overwrite", "--jobs", "2"]),
        ("other.csv", ["-o", "d/", "--overwrite"]),
        ("d/deep/x.csv", ["-o", "d/", "--overwrite"]),
    ],
)
def test_an_output_that_holds_an_input_is_refused(mgrad: Run, tmp_path: Path, data: str, words: list[str]) -> None:
    file(tmp_path / "d" / "part-00000.csv", ROWS)
    file(tmp_path / "d" / "deep" / "x.csv", ROWS)
    link(tmp_path / "d", tmp_path / "link")
    link(tmp_path / "d" / "part-00000.csv", tmp_path / "other.csv")
    before = snapshot(tmp_path)
    ran = mgrad("map", "x*2", data, *words, cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert "is a folder that contains the input" in ran.stderr
    assert snapshot(tmp_path) == before


def test_a_folder_beside_or_below_the_input_is_none_that_holds_it(mgrad: Run, tmp_path: Path) -> None:
    file(tmp_path / "d" / "a.csv", ROWS)
    for output in ("d2/", "d/out/", "d/one.csv"):
        assert mgrad("map", "x*2", "d", "-o", output, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "out/", "--report", "out/"], "the report 'out/' is also the output 'out/'"),
        (["-o", "out/", "--report", "out/part-00000.csv"], "the report 'out/part-00000.csv' is in the output 'out/'"),
        (["-o", "out/", "--report", "./out/deep/r.json"], "the report './out/deep/r.json' is in the output 'out/'"),
    ],
)
@pytest.mark.parametrize("is_there", [False, True], ids=["new", "there"])
def test_what_is_written_is_not_written_twice(
    mgrad: Run, tmp_path: Path, words: list[str], message: str, is_there: bool
) -> None:
    file(tmp_path / "d.csv", ROWS)
    if is_there:
        (tmp_path / "out").mkdir()
    before = sorted(tmp_path.rglob("*"))
    ran = mgrad("map", "x*2", "d.csv", *words, cwd=tmp_path)
    assert (ran.returncode, message in ran.stderr) == (2, True)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("inner", ["new/part-00000.csv", "new/_SUCCESS", "./q/../new/r", "PWD/new/a/b", "link/r"])
@pytest.mark.parametrize("outer", ["new", "new/", "./q/../new/", "PWD/new/", "link"])
def test_a_path_in_a_folder_that_is_not_there_yet_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inner: str, outer: str
) -> None:
    monkeypatch.chdir(tmp_path)
    link(tmp_path / "new", tmp_path / "link")
    paths = [path.replace("PWD", str(tmp_path)) for path in (inner, outer)]
    for writes in (paths, paths[::-1]):
        with pytest.raises(UsageError, match="; write it elsewhere"):
            check_overlaps([], [Written(path, path) for path in writes])
    check_overlaps([], [Written("new2/r", "one"), Written(paths[1], "other")])


@pytest.mark.parametrize(
    ("verb", "redirection"),
    [
        ("map x*2 d.csv", "2>> d.csv"),
        ("map x*2 - < d.csv", "2>> ./d.csv"),
        ("map x*2 d.csv -o o/", "2>> d.csv"),
        ("map x*2 d.csv", ">> d.csv 2>&1"),
        ("eval --file d.csv", "2>> d.csv"),
        ("batch d.csv", "2>> d.csv"),
    ],
)
def test_messages_do_not_go_to_what_is_read(tmp_path: Path, verb: str, redirection: str) -> None:
    file(tmp_path / "d.csv", ROWS)
    ran = shell(f"mgrad {verb} {redirection}", tmp_path)
    assert ran.returncode == 2
    assert (tmp_path / "d.csv").read_text() == ROWS
    if ">&" not in redirection:
        assert b"standard error is also the input" in ran.stdout


def test_messages_may_go_where_the_output_goes(tmp_path: Path) -> None:
    file(tmp_path / "d.csv", ROWS)
    assert shell("mgrad map x*2 d.csv > log 2>&1", tmp_path).returncode == 0
    assert shell("mgrad map x*2 d.csv 2>&1 | cat", tmp_path).returncode == 0


@pytest.mark.parametrize("report", ["none/r.json", "d", "d.csv/r.json", "file://PWD/none/r.json"])
@pytest.mark.parametrize("words", [[], ["--jobs", "2"]])
def test_a_report_that_cannot_be_written_is_refused_before_the_run(
    mgrad: Run, tmp_path: Path, report: str, words: list[str]
) -> None:
    file(tmp_path / "d.csv", ROWS)
    file(tmp_path / "d" / "a.txt", ROWS)
    before = sorted(tmp_path.rglob("*"))
    report = report.replace("PWD", str(tmp_path))
    ran = mgrad("map", "x*2", "d.csv" if "d.csv" not in report else "./d.csv", "-o", "o/", "--report", report, *words,
                cwd=tmp_path)  # fmt: skip
    assert (ran.returncode, ran.stderr.count("\n"), "cannot write" in ran.stderr) == (5, 1, True)
    assert sorted(tmp_path.rglob("*")) == before


def test_addresses_of_a_store_are_held_against_each_other() -> None:
    s3, query = "s3://bucket/d/a.csv", "?endpoint_override=h:1"

    def refused(read: str, write: str) -> bool:
        try:
            check_overlaps([read], [Written(write, "the output")])
        except UsageError:
            return True
        return False

    assert refused(s3, s3)
    assert refused(s3, "s3://key:secret@bucket/d/?region=x")
    assert refused("gs://bucket/a.csv", "gcs://bucket/")
    assert refused(s3, "s3://bucket/d/")
    assert refused(s3, "s3://bucket//d")
    assert refused(s3 + query, "s3://bucket/d/" + query)
    assert not refused(s3, "s3://bucket/d/a.csv.gz")
    assert not refused(s3, "s3://bucket/e/")
    assert not refused(s3, "s3://other/d/")
    assert not refused(s3 + query, "s3://bucket/d/?endpoint_override=h:2")


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["bash", "-c", command], cwd=folder, env=environment(), capture_output=True, timeout=60)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("output", "redirection"),
    [
        ("/dev/stdout", ">> log"),
        ("/dev/stderr", "2>> log"),
        ("/dev/fd/1", ">> log"),
        ("/dev/fd/7", "7>> log"),
        ("/proc/self/fd/7", "7>> log"),
        ("/proc/thread-self/fd/7", "7>> log"),
        ("link", "7>> log"),
        ("deep/link", "7>> log"),
    ],
)
@pytest.mark.parametrize("verb", ["batch - --json", "map x*y - --format csv", "graph - --dot --x 1"])
def test_a_descriptor_that_has_a_name_is_a_stream(tmp_path: Path, verb: str, output: str, redirection: str) -> None:
    text = {"b": "1+1\n", "m": "x,y\n1,2\n", "g": "x"}[verb[0]]
    file(tmp_path / "log", "old\n")
    link(Path("/dev/fd/7"), tmp_path / "link")
    (tmp_path / "deep").mkdir()
    link(Path("../link"), tmp_path / "deep" / "link")
    direct = shell(f"printf '{text}' | mgrad {verb} 2> /dev/null", tmp_path)
    ran = shell(f"printf '{text}' | mgrad {verb} -o {output} {redirection}", tmp_path)
    assert ran.returncode == direct.returncode == 0, ran.stderr
    log = (tmp_path / "log").read_bytes()
    assert log.startswith(b"old\n" + direct.stdout)
    assert (tmp_path / "link").is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["deep", "link", "log"]


def test_a_descriptor_is_written_where_it_stands(tmp_path: Path) -> None:
    ran = shell("exec 5> log; echo old >&5; echo 1+1 | mgrad batch - -o /dev/fd/5; echo new >&5", tmp_path)
    assert ran.returncode == 0
    lines = (tmp_path / "log").read_text().splitlines()
    assert (lines[0], lines[2:], '"value": 2.0' in lines[1]) == ("old", ["new"], True)


@pytest.mark.parametrize("output", ["/dev/fd/9", "/proc/self/fd/77"])
def test_a_descriptor_that_is_closed_cannot_be_written(tmp_path: Path, output: str) -> None:
    ran = shell(f"echo 1+1 | mgrad batch - -o {output}", tmp_path)
    assert (ran.returncode, ran.stderr) == (5, f"error: cannot write '{output}': Bad file descriptor\n".encode())


def test_devices_and_pipes_are_written_as_streams(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    ran = shell("cat pipe > got & echo 1+1 | mgrad batch - -o pipe --quiet; wait", tmp_path)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert b'"value": 2.0' in (tmp_path / "got").read_bytes()
    assert shell("echo 1+1 | mgrad batch - -o >(cat > other); sleep .1", tmp_path).returncode == 0
    assert shell("echo 1+1 | mgrad batch - -o /dev/null", tmp_path).returncode == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    full = shell("echo 1+1 | mgrad batch - -o /dev/full", tmp_path)
    assert (full.returncode, full.stderr) == (5, b"error: cannot write '/dev/full': No space left on device\n")


def test_names_of_descriptors(tmp_path: Path) -> None:
    assert named_descriptor("/dev/stdout") == 1
    assert named_descriptor("/dev/fd/12") == 12
    assert named_descriptor(f"/proc/{os.getpid()}/fd/3") == 3
    assert named_descriptor("/proc/1/fd/3") is None
    assert named_descriptor("/dev/null") is None
    assert named_descriptor(str(tmp_path / "1")) is None
    assert named_descriptor("1") is None
    link(tmp_path / "b", tmp_path / "a")
    link(tmp_path / "a", tmp_path / "b")
    assert named_descriptor(str(tmp_path / "a")) is None


def test_several_inputs_to_a_file_that_is_there(mgrad: Run, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "all"):
        file(tmp_path / name, ROWS)
    assert mgrad("map", "x*y", "a.csv", "b.csv", "-o", "all", cwd=tmp_path).returncode == 0
    assert (tmp_path / "all").read_text().count("\n") == 5


def begun(folder: Path, *words: str, start: Callable[[], None] | None = None) -> subprocess.Popen[bytes]:
    """A `batch` that waits for more input, when it has begun to write its output, `out`."""
    before = set(folder.glob(f"{TEMPORARY}*"))
    process = subprocess.Popen(
        ["mgrad", "batch", "-", "-o", "out", "--unbuffered", *words],
        cwd=folder, env=environment(), stdin=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=start,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(b"1+1\n")
    process.stdin.flush()
    deadline = time.monotonic() + 100
    while not any(path.stat().st_size for path in {*folder.glob(f"{TEMPORARY}*")} - before):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    return process


def test_what_a_killed_run_left_is_removed_by_the_next_to_the_same_output(mgrad: Run, tmp_path: Path) -> None:
    file(tmp_path / "out", "old\n")
    alive, dead = begun(tmp_path), begun(tmp_path)
    assert len(list(tmp_path.glob(f"{TEMPORARY}*"))) == 2
    dead.kill()
    dead.communicate()
    assert (tmp_path / "out").read_text() == "old\n"
    assert mgrad("batch", "-", "-o", "elsewhere", stdin="1", cwd=tmp_path).returncode == 0
    assert len(list(tmp_path.glob(f"{TEMPORARY}*"))) == 2
    assert mgrad("batch", "-", "-o", "out", stdin="1", cwd=tmp_path).returncode == 0
    assert len(list(tmp_path.glob(f"{TEMPORARY}*"))) == 1
    _, said = alive.communicate(b"2+2\n")
    assert (alive.returncode, said) == (0, b"2 lines: 2 ok\n")
    assert (tmp_path / "out").read_text().count("\n") == 2
    assert sorted(os.listdir(tmp_path)) == ["elsewhere", "out"]


def test_only_files_of_dead_runs_are_removed(tmp_path: Path) -> None:
    target = str(tmp_path / "out")
    first, second, third = (Replacement(target, str(tmp_path)) for _ in range(3))
    first.create()
    second.create()
    os.close(second.descriptor)
    other = file(tmp_path / f"{os.path.basename(second.path)[:-1]}", "")
    other.unlink()
    link(file(tmp_path / "precious", "mine"), other)
    third.create()
    assert os.path.exists(first.path)
    assert not os.path.exists(second.path)
    assert other.is_symlink()
    assert (tmp_path / "precious").read_text() == "mine"
    for each in (first, third):
        each.discard()
        os.close(each.descriptor)


@pytest.mark.parametrize("step", ["replacing.lock", "replacing.is_linked", "files.file_stream"])
def test_a_signal_while_a_file_is_created_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def interrupted(*arguments: object) -> None:
        assert len(list(tmp_path.glob(f"{TEMPORARY}*"))) == 1
        raise KeyboardInterrupt

    monkeypatch.setattr(f"mgrad_cli.storage.{step}", interrupted)
    with pytest.raises(KeyboardInterrupt), opened_output(str(tmp_path / "out")):
        pass
    assert os.listdir(tmp_path) == []


def ignoring(*signals: int) -> Callable[[], None]:
    def start() -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)

    return start


SIGNALS = [signal.SIGHUP, signal.SIGTERM, signal.SIGINT]


@pytest.mark.parametrize("sent", SIGNALS, ids=lambda sent: sent.name)
@pytest.mark.parametrize("words", [[], ["--jobs", "2"]], ids=["one", "two"])
def test_a_signal_that_was_ignored_stays_ignored(tmp_path: Path, sent: signal.Signals, words: list[str]) -> None:
    process = begun(tmp_path, start=ignoring(sent)) if not words else started(tmp_path, words, ignoring(sent))
    process.send_signal(sent)
    process.send_signal(sent)
    _, said = process.communicate(b"2+2\n", timeout=100)
    assert (process.returncode, said.rpartition(b":")[2]) == (0, b" 2 ok\n" if not words else b" 1 ok\n")


def started(folder: Path, words: list[str], start: Callable[[], None]) -> subprocess.Popen[bytes]:
    """A `batch` with an output file to which nothing is written yet."""
    process = subprocess.Popen(
        ["mgrad", "batch", "-", "-o", "out", *words],
        cwd=folder, env=environment(), stdin=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=start,
    )  # fmt: skip
    deadline = time.monotonic() + 100
    while not list(folder.glob(f"{TEMPORARY}*")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("sent", SIGNALS, ids=lambda sent: sent.name)
def test_a_signal_that_was_not_ignored_ends_the_run_and_leaves_nothing(tmp_path: Path, sent: signal.Signals) -> None:
    file(tmp_path / "out", "old\n")
    process = begun(tmp_path)
    process.send_signal(sent)
    _, said = process.communicate(timeout=100)
    assert (process.returncode, said.strip()) == (128 + sent, b"")
    assert snapshot(tmp_path) == {"out": b"old\n"}


def test_the_system_starts_to_write_a_file(tmp_path: Path) -> None:
    with open(file(tmp_path / "new", ROWS), "r+b") as stream:
        assert writeback.start_writing()(stream.fileno()) == (0 if sys.platform == "linux" else None)


def test_a_large_file_goes_to_the_disk_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(writeback, "start_writing", lambda: lambda each: sizes.append(os.fstat(each).st_size))
    content = bytes(range(256)) * (1 << 12)
    with opened_output(str(tmp_path / "new")) as output:
        for _ in range(20):
            output.write_bytes(content)
    assert (tmp_path / "new").read_bytes() == content * 20
    assert sizes == [8 << 20, 16 << 20]
