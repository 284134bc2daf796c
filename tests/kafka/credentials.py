"""A throw-away certificate and password for a SASL_SSL listener of the test brokers."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.kafka.jars import KafkaMissing, java


class Credentials:
    """What a client needs (`certificate`, `username`, `password`) and what the broker does (`broker_settings`)."""

    username = "club"
    password = "only-for-tests"
    others = ("worker", "operator", "web", "nobody")
    """Further users with the same password, for tests of rights."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "broker.p12"
        self.certificate = folder / "broker.pem"

    def create(self) -> None:
        """Make the key pair and export its certificate; nothing when both are there."""
        if self.certificate.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        store = ["-keystore", str(self.store), "-storepass", self.password, "-storetype", "PKCS12", "-alias", "broker"]
        names = ["-dname", "CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1", "-validity", "30"]
        self._keytool("-genkeypair", "-keyalg", "RSA", "-keysize", "2048", *names, *store)
        self._keytool("-exportcert", "-rfc", "-file", str(self.certificate), *store)

    def _keytool(self, *arguments: str) -> None:
        keytool = Path(java()).resolve().with_name("keytool")
        done = subprocess.run([str(keytool), *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            raise KafkaMissing(f"keytool failed: {done.stdout}{done.stderr}")

    def broker_settings(self) -> list[str]:
        """Lines for server.properties of the listener named CLIENT."""
        users = " ".join(f'user_{name}="{self.password}"' for name in (self.username, *self.others))
        module = "org.apache.kafka.common.security.plain.PlainLoginModule"
        return [
            f"listener.name.client.ssl.keystore.location={self.store}",
            f"listener.name.client.ssl.keystore.password={self.password}",
            "listener.name.client.ssl.keystore.type=PKCS12",
            "listener.name.client.sasl.enabled.mechanisms=PLAIN",
            f"listener.name.client.plain.sasl.jaas.config={module} required {users};",
        ]
