"""How to reach a secured Kafka: one set of settings for every client library in the process."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from agents.broker.errors import BadAddress
from agents.process.settings import Settings
from tables.files import keys_fault


@dataclass(frozen=True)
class Security:
    """TLS and SASL. The default is an open, unencrypted listener."""

    tls: bool = False
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    key_password: str | None = field(default=None, repr=False)
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What the process's settings say."""
        key_password, sasl_password = settings.broker_tls_key_password, settings.broker_sasl_password
        return cls(
            tls=settings.broker_tls,
            ca_file=settings.broker_tls_ca_file,
            cert_file=settings.broker_tls_cert_file,
            key_file=settings.broker_tls_key_file,
            key_password=key_password.get_secret_value() if key_password else None,
            sasl_mechanism=settings.broker_sasl_mechanism,
            sasl_username=settings.broker_sasl_username,
            sasl_password=sasl_password.get_secret_value() if sasl_password else None,
        )

    @property
    def protocol(self) -> str:
        """Kafka's name for the combination."""
        transport = "SSL" if self.tls else "PLAINTEXT"
        return f"SASL_{transport}" if self.sasl_mechanism else transport

    def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS settings as a context, None without TLS. Raises `BadAddress`."""
        if not self.tls:
            return None
        for name in ("ca_file", "cert_file", "key_file"):
            path = getattr(self, name)
            if path is not None and path.exists() and not path.is_file():  # a pipe would be waited for
                raise BadAddress(name, f"{path} is no file", "name a PEM file")
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise BadAddress("ca_file", f"{self.ca_file}: {error}", "name a PEM file of certificates") from error
        if self.cert_file:
            key_file = self.key_file or self.cert_file
            if key_file.is_file() and (fault := keys_fault(key_file)):
                raise BadAddress("key_file", f"{key_file}: {fault.reason}", fault.remedy)
            try:
                context.load_cert_chain(self.cert_file, self.key_file, self.key_password)
            except OSError as error:
                found = f"{self.cert_file}, {self.key_file}: {error}"
                raise BadAddress("cert_file", found, "name PEM files of a certificate and its key") from error
        return context

    def client_settings(self) -> dict[str, Any]:
        """Keyword arguments that aiokafka and kafka-python both take."""
        settings: dict[str, Any] = {"security_protocol": self.protocol}
        if context := self.ssl_context():
            settings["ssl_context"] = context
        if self.sasl_mechanism:
            settings["sasl_mechanism"] = str(self.sasl_mechanism)
            settings["sasl_plain_username"] = self.sasl_username
            settings["sasl_plain_password"] = self.sasl_password
        return settings
