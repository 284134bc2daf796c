"""Where the jars of the test broker are, and how to get them: ``python -m tests.kafka.jars``.

They are kept outside git in ``.cache/kafka`` (``TEST_KAFKA_CACHE`` names another folder), so that only the first
run on a machine needs the network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERSION = "4.1.1"


class KafkaMissing(Exception):
    """No Kafka can be run here; the text says what is missing."""


def cache() -> Path:
    """The folder of everything that this harness keeps between runs."""
    named = os.environ.get("TEST_KAFKA_CACHE")
    return Path(named).resolve() if named else HERE.parents[1] / ".cache" / "kafka"


def present() -> list[Path]:
    """The jars on this machine in class path order; empty when they were never fetched.

    Sorted, because a class data archive is valid for one class path only.
    """
    libs = cache() / f"libs-{VERSION}"
    return sorted(libs.glob("*.jar")) if (libs / f"kafka_2.13-{VERSION}.jar").exists() else []


def fetch() -> list[Path]:
    """The jars, brought here by Maven when they are missing. Raises `KafkaMissing`."""
    if jars := present():
        return jars
    libs = cache() / f"libs-{VERSION}"
    arriving = libs.with_name(f"arriving-{os.getpid()}")
    arriving.mkdir(parents=True)
    command = ["mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), "process-resources", f"-Dlibs={arriving}"]
    try:
        done = subprocess.run([*command, f"-Dkafka.version={VERSION}"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise KafkaMissing(f"Maven could not bring the jars of Kafka {VERSION}:\n{done.stdout}{done.stderr}")
        shutil.rmtree(libs, ignore_errors=True)
        arriving.rename(libs)
    except FileNotFoundError as error:
        raise KafkaMissing("mvn is not installed (Debian: apt-get install maven)") from error
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return present()


def java() -> str:
    """The path of the Java runtime. Raises `KafkaMissing`."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin" if home else None)
    if found is None:
        raise KafkaMissing("java is not installed (Debian: apt-get install openjdk-17-jre-headless)")
    return found


if __name__ == "__main__":
    try:
        java()
        print(f"{len(fetch())} jars in {cache()}")
    except KafkaMissing as missing:
        sys.exit(str(missing))
