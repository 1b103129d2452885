"""An object store of our own, where folders are nothing but the beginnings of names."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator

import fsspec
import pytest


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server that speaks S3, in a process of its own: those of workers ask it as well."""
    log = tmp_path_factory.mktemp("object_store") / "log"
    with log.open("w") as sink:
        server = subprocess.Popen([sys.executable, "-m", "moto.server", "--port", "0"], stdout=sink, stderr=sink)
        try:
            while (address := re.search(r"Running on (http://\S+)", log.read_text())) is None:
                assert server.poll() is None, log.read_text()
                time.sleep(0.05)
            yield address[1]
        finally:
            server.kill()
            server.wait()


@pytest.fixture
def bucket(object_store: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of a bucket that is empty, for this process and those that it starts."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "anyone"),
        ("AWS_SECRET_ACCESS_KEY", "anything"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("FSSPEC_S3_ENDPOINT_URL", object_store),
    ):
        monkeypatch.setenv(name, value)
    fsspec.config.set_conf_env(fsspec.config.conf)
    files = fsspec.filesystem("s3")
    files.mkdir("atlas")
    yield "s3://atlas"
    files.rm("atlas", recursive=True)
    fsspec.config.conf.pop("s3")
