"""`map` from and to an object store: a real S3 server on this machine."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from mgrad_cli.errors import UsageError
from mgrad_cli.storage import stores as indices
from tests.conftest import Run
from tests.test_cluster import free_port
from tests.test_parts import contents, written

pytest.importorskip("moto", reason="its server is the store")
boto3 = pytest.importorskip("boto3", reason="it makes buckets")
pyarrow = pytest.importorskip("pyarrow", reason="map needs polars and pyarrow (extra `data`)")


class Store:
    """A server, and how to reach it."""

    def __init__(self, port: int) -> None:
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip
        self.address = f"endpoint_override=127.0.0.1:{port}&scheme=http"
        self.client: Any = boto3.client(
            "s3", endpoint_url=self.environment["AWS_ENDPOINT_URL"], aws_access_key_id="key",
            aws_secret_access_key="secret", region_name="us-east-1",
        )  # fmt: skip

    def put(self, folder: Path, prefix: str) -> None:
        for path in folder.iterdir():
            self.client.put_object(Bucket="bucket", Key=f"{prefix}/{path.name}", Body=path.read_bytes())

    def get(self, prefix: str) -> dict[str, bytes]:
        found = self.client.list_objects_v2(Bucket="bucket", Prefix=f"{prefix}/").get("Contents", [])
        names = [each["Key"] for each in found if not each["Key"].endswith("/")]
        return {
            name.removeprefix(f"{prefix}/"): self.client.get_object(Bucket="bucket", Key=name)["Body"].read()
            for name in names
        }


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/moto-api/").close()
            break
        except URLError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    one = Store(port)
    one.client.create_bucket(Bucket="bucket")
    yield one
    server.kill()
    server.wait()


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_folder_of_a_store_to_another(mgrad: Run, store: Store, tmp_path: Path, form: str) -> None:
    data = written(tmp_path / "in", files=3, form=form)
    store.put(data, f"in-{form}")
    ran = mgrad("map", "sin(x)*y", f"s3://bucket/in-{form}", "-o", f"s3://bucket/out-{form}/", env=store.environment)
    assert (ran.returncode, ran.stderr) == (0, "6,000 rows\n")
    assert mgrad("map", "sin(x)*y", str(data), "-o", f"{tmp_path / 'out'}/").returncode == 0
    stored = store.get(f"out-{form}")
    assert {name: content for name, content in stored.items() if name.startswith("part-")} == contents(tmp_path / "out")
    assert set(stored) == {"_SUCCESS", *contents(tmp_path / "out")}
    assert json.loads(stored["_SUCCESS"])["rows"] == 6000


@pytest.mark.slow
def test_files_patterns_and_a_single_output(mgrad: Run, store: Store, tmp_path: Path) -> None:
    data = written(tmp_path / "in", files=3)
    store.put(data, "single")
    one = mgrad("map", "x*y", "s3://bucket/single/1.parquet", "--format", "csv", env=store.environment)
    assert one.stdout == mgrad("map", "x*y", str(data / "1.parquet"), "--format", "csv").stdout
    some = mgrad(
        "map", "x*y", "s3://bucket/single/[01].parquet", "--reduce", "sum", "--wrt", "x", env=store.environment
    )
    assert json.loads(some.stdout)["rows"] == 4000
    ran = mgrad("map", "x*y", str(data / "1.parquet"), "-o", "s3://bucket/made/one.csv", env=store.environment)
    assert (ran.returncode, store.get("made")["one.csv"].decode()) == (0, one.stdout)
    gone = mgrad("map", "x*y", "s3://bucket/single/9.parquet", env=store.environment)
    assert (gone.returncode, gone.stderr.count("\n")) == (4, 1)
    assert "s3://bucket/single/9.parquet" in gone.stderr


@pytest.mark.slow
def test_an_address_may_say_how_to_reach_its_server(mgrad: Run, store: Store, tmp_path: Path) -> None:
    data = written(tmp_path / "in", files=2, form="csv")
    store.put(data, "query")
    keys = {key: store.environment[key] for key in store.environment if key != "AWS_ENDPOINT_URL"}
    ran = mgrad(
        "map", "x*y", f"s3://bucket/query?{store.address}", "-o", f"s3://bucket/asked/?{store.address}", env=keys
    )
    assert (ran.returncode, ran.stderr) == (0, "4,000 rows\n")
    assert set(store.get("asked")) == {"_SUCCESS", "part-00000.csv", "part-00001.csv"}


@pytest.mark.slow
def test_a_run_on_a_store_is_refused_resumed_and_overwritten(mgrad: Run, store: Store, tmp_path: Path) -> None:
    data = written(tmp_path / "in", files=3)
    words = ["map", "x*y", str(data), "-o", "s3://bucket/again/"]
    assert mgrad(*words, env=store.environment).returncode == 0
    assert "is not empty" in mgrad(*words, env=store.environment).stderr
    assert mgrad(*words, "--resume", env=store.environment).returncode == 0
    first = store.get("again")
    assert mgrad(*words, "--overwrite", env=store.environment).returncode == 0
    assert store.get("again") == first


@pytest.mark.slow
def test_an_unfinished_run_on_a_store_is_gone_on_with(mgrad: Run, store: Store, tmp_path: Path) -> None:
    data = written(tmp_path / "in", files=3, form="csv")
    (data / "9.csv").write_text("x,y\n1,no\n")
    words = ["map", "x*y", str(data), "-o", "s3://bucket/half/"]
    ran = mgrad(*words, env=store.environment)
    assert (ran.returncode, "3 of 4 parts are done" in ran.stderr) == (4, True)
    assert "_SUCCESS" not in store.get("half")
    changed = mgrad("map", "x + y", str(data), "-o", "s3://bucket/half/", "--resume", env=store.environment)
    assert (changed.returncode, "the expression changed: it was 'x*y'" in changed.stderr) == (2, True)


@pytest.mark.slow
def test_another_run_on_the_same_folder_of_a_store(mgrad: Run, store: Store, tmp_path: Path) -> None:
    data = written(tmp_path / "in", files=2)
    lock = json.dumps({"run": "another", "at": time.time()})
    store.client.put_object(Bucket="bucket", Key="held/_tmp/lock", Body=lock.encode())
    ran = mgrad("map", "x*y", str(data), "-o", "s3://bucket/held/", env=store.environment)
    assert (ran.returncode, ran.stderr) == (2, "error: another run is writing to 's3://bucket/held/'\n")
    stale = json.dumps({"run": "another", "at": time.time() - 3600})
    store.client.put_object(Bucket="bucket", Key="held/_tmp/lock", Body=stale.encode())
    assert mgrad("map", "x*y", str(data), "-o", "s3://bucket/held/", env=store.environment).returncode == 0


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("s3://nowhere/x.csv", "s3://nowhere/x.csv"),
        ("nonsense://x/y.csv", "cannot open the address 'nonsense://x/y.csv': addresses start with s3://"),
        ("file://elsewhere/x.csv", "'file://elsewhere/x.csv' is on another machine; write file:///PATH"),
    ],
)
def test_addresses_that_lead_nowhere_are_one_line(mgrad: Run, store: Store, address: str, message: str) -> None:
    ran = mgrad("map", "x*y", address, env=store.environment)
    assert ran.returncode in {2, 4}
    assert ran.stderr.count("\n") == 1
    assert message in ran.stderr


def test_file_addresses_are_local_paths(mgrad: Run, tmp_path: Path) -> None:
    data = written(tmp_path / "with space", files=1, form="csv") / "0.csv"
    assert indices.local_path(data.as_uri()) == str(data)
    assert mgrad("map", "x*y", data.as_uri()).stdout == mgrad("map", "x*y", str(data)).stdout
    with pytest.raises(UsageError):
        indices.local_path("file://elsewhere/x")


def test_joining_keeps_what_an_address_has_behind_it() -> None:
    assert indices.joined("s3://b/k/?scheme=http", "x") == "s3://b/k/x?scheme=http"
    assert indices.ending("s3://b/k.csv?scheme=http") == "s3://b/k.csv"
    assert indices.joined("a", "b") == os.path.join("a", "b")
