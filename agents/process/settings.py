"""Every setting of a process, read from the environment (`BASHGAH_…`); `make docs` writes its page.

A setting's unit is in its name. Reading fails with all problems at once, each naming the variable, what is wrong and
what would do. A variable that no setting has is refused too: a misspelt name must not run with the default.
"""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo

from agents.process.exit_codes import ClubError, ExitCode
from schemas.records import RECORD_BYTES_HELD_MAX

PREFIX = "BASHGAH_"
NOT_SETTINGS = frozenset({"BASHGAH_DEBUG"})
"""Variables with the prefix that the command line reads itself."""

_HTTP = r"https?://[A-Za-z0-9._\[\]:-]+:\d{1,5}"
_ORIGIN = r"https?://[A-Za-z0-9._\[\]:-]+"
_KAFKA = re.compile(r"kafka://[A-Za-z0-9._\[\]:-]+:\d{1,5}(,[A-Za-z0-9._\[\]:-]+:\d{1,5})*")


class ClockKind(StrEnum):
    """What a worker takes for now."""

    WALL = "wall"
    REPLAY = "replay"


class LogFormat(StrEnum):
    """How log lines are written: for machines or for a terminal."""

    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """The least serious line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class SaslMechanism(StrEnum):
    """How the process proves to the broker who it is."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


def _broker_url(value: str) -> str:
    if value.startswith("embedded://") or _KAFKA.fullmatch(value):
        return value
    raise ValueError("a broker is kafka://HOST:PORT[,HOST:PORT…], embedded://DIRECTORY or embedded:// (memory)")


def _client_name(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", value):
        return value
    raise ValueError("1 to 64 of A-Z a-z 0-9 . _ -")


_SECRET_CHARACTERS_MIN = 32


def _secret(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) >= _SECRET_CHARACTERS_MIN:
        return value
    raise ValueError(f"a secret has at least {_SECRET_CHARACTERS_MIN} characters, drawn at random")


def _worker_urls(value: str) -> str:
    if re.fullmatch(rf"{_HTTP}(,{_HTTP})*", value):
        return value
    raise ValueError("workers are http://HOST:PORT, several separated by commas, nothing behind the port")


def _origins(value: str) -> str:
    if re.fullmatch(rf"{_ORIGIN}(,{_ORIGIN})*", value):
        return value
    raise ValueError("origins are https://HOST[:PORT], several separated by commas, without a path")


class Settings(BaseModel):
    """The settings of one process; immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    app_id: Annotated[str, AfterValidator(_client_name)] = Field(
        "bashgah", description="Names the consumer group and, with the partition, each lane's transactional id."
    )
    broker_url: Annotated[str, AfterValidator(_broker_url)] = Field(
        "kafka://127.0.0.1:9092",
        description="`kafka://HOST:PORT,…`; `embedded://DIRECTORY`, `embedded://` (memory): one process, for trials.",
    )
    data_dir: Path = Field(
        Path("bashgah-data"), description="Where the lanes keep their RocksDB; a cache of the changelog, may be lost."
    )
    rows_memory_mb: int = Field(
        160, ge=16, le=65_536, description="Memory that RocksDB may take for all lanes of a worker, in MiB."
    )
    clock: ClockKind = Field(
        ClockKind.WALL, description="`wall`, or `replay`: the events give the time, and the worker ends where they do."
    )
    static_member_id: Annotated[str, AfterValidator(_client_name)] | None = Field(
        None, description="Names this worker within its group, so that a short restart moves no partition. Unique."
    )

    broker_tls: bool = Field(False, description="Speak TLS to the broker.")
    broker_tls_ca_file: Path | None = Field(None, description="Whom to trust (PEM); the system's list when empty.")
    broker_tls_cert_file: Path | None = Field(None, description="The client's certificate (PEM), for mutual TLS.")
    broker_tls_key_file: Path | None = Field(None, description="The key of the client's certificate (PEM).")
    broker_tls_key_password: SecretStr | None = Field(None, description="Opens the key file.")
    broker_sasl_mechanism: SaslMechanism | None = Field(None, description="How to authenticate; empty: not at all.")
    broker_sasl_username: str | None = Field(None, description="User name for SASL.")
    broker_sasl_password: SecretStr | None = Field(None, description="Password for SASL.")

    broker_insecure: bool = Field(
        False, description="Accept SASL PLAIN without TLS: whoever can listen reads the password. Warns at each start."
    )

    session_timeout_ms: int = Field(
        10_000, ge=6_000, le=300_000, description="A worker silent for this long loses its partitions."
    )
    heartbeat_interval_ms: int = Field(1_000, ge=500, le=60_000, description="How often a worker shows that it lives.")
    rebalance_timeout_ms: int = Field(
        60_000, ge=10_000, le=600_000, description="How long a rebalance waits for a worker to finish its batch."
    )
    request_timeout_ms: int = Field(40_000, ge=5_000, le=600_000, description="How long a broker may take to answer.")

    merge_wait_ms: int = Field(
        5_000, ge=0, le=600_000, description="How long a lane waits for an input that is behind before it goes on."
    )
    batch_events_max: int = Field(2_000, ge=1, le=20_000, description="Events in one transaction of a lane.")
    lane_events_max: int = Field(
        20_000, ge=1, le=1_000_000, description="Events that wait in a lane before it pauses its inputs."
    )
    tick_rows_max: int = Field(2_000, ge=1, le=100_000, description="Due members worked off in one transaction.")
    transaction_timeout_ms: int = Field(
        30_000, ge=5_000, le=900_000, description="After this the broker aborts a transaction by itself."
    )
    transaction_deadline_ms: int = Field(
        20_000, ge=1_000, le=900_000, description="After this the worker takes the outcome for unknown and ends (76)."
    )
    stall_timeout_ms: int = Field(
        60_000, ge=5_000, le=3_600_000, description="Work waits and nothing is committed for so long: the worker ends."
    )
    shutdown_timeout_ms: int = Field(
        10_000, ge=1_000, le=600_000, description="How long a stop waits for the batch under way."
    )

    board_entries_max: int = Field(
        100, ge=1, le=1_000, description="How many first places a board publishes; alike in all workers."
    )
    retention_days: int = Field(400, ge=1, le=3_650, description="How long grants and event keys are kept.")
    future_tolerance_ms: int = Field(
        300_000, ge=0, le=86_400_000, description="An event further ahead of the clock is a dead letter."
    )
    record_bytes_max: int = Field(
        8_388_608,
        ge=65_536,
        le=RECORD_BYTES_HELD_MAX,
        description="A record with more, decompressed, is a dead letter; of what the contract asks none comes near it.",
    )
    dead_letter_percent_max: int = Field(
        5, ge=1, le=100, description="Dead letters among the last `…_window_events`; over it the worker stops (77)."
    )
    dead_letter_window_events: int = Field(
        10_000, ge=100, le=1_000_000, description="How many events of a lane that percentage is of."
    )
    replay_keys_file: Path | None = Field(
        None, description="Keys that sign what `dead-letter replay` lets pass in spite of its age; mode 0600."
    )

    http_host: str = Field("127.0.0.1", description="Address of health, metrics and the worker's own pages.")
    http_port: int = Field(6066, ge=0, le=65_535, description="Port of them; 0: any free one.")
    http_connections_max: int = Field(
        100, ge=8, le=10_000, description="Connections to them at once; at most a quarter of `ulimit -n`."
    )
    http_connections_per_address_max: int | None = Field(
        None, ge=1, le=10_000, description="Connections of one address to them; empty: half of all."
    )
    http_header_timeout_ms: int = Field(
        10_000, ge=100, le=600_000, description="How long a request's first line and headers may take, on any server."
    )
    http_body_timeout_ms: int = Field(
        10_000, ge=100, le=600_000, description="How long the body of a request may take after that."
    )
    http_idle_timeout_ms: int = Field(
        75_000, ge=100, le=3_600_000, description="How long a connection may wait for the next request."
    )
    http_write_timeout_ms: int = Field(
        30_000, ge=100, le=600_000, description="Who takes nothing of an answer or a stream for so long is cut off."
    )

    web_host: str = Field("127.0.0.1", description="Address of `bashgah web`; a proxy with TLS stands before it.")
    web_port: int = Field(6080, ge=0, le=65_535, description="Port of `bashgah web`; 0: any free one.")
    web_metrics_port: int = Field(
        6081, ge=0, le=65_535, description="Port of its metrics, which are not for the proxy; 0: any free one."
    )
    web_public: bool = Field(
        True, description="Whether boards are shown without a key, as the dashboard needs; never references."
    )
    web_keys_file: Path | None = Field(None, description="The API's keys, as hashes: lines of `bashgah web key`.")
    web_token_secret: Annotated[SecretStr, AfterValidator(_secret)] | None = Field(
        None, description="Signs the tokens of members' pages, and hides references; empty: no tokens."
    )
    web_token_lifetime_ms: int = Field(
        900_000, ge=1_000, le=86_400_000, description="How long a token of a member's page is good for at most."
    )
    web_requests_per_minute_max: int = Field(
        600, ge=1, le=1_000_000, description="Requests of one key, member or address in a minute; more get 429."
    )
    web_connections_max: int | None = Field(
        None, ge=8, le=1_000_000,
        description="Connections to `bashgah web` at once; empty: what `ulimit -n` allows, less an eighth.",
    )  # fmt: skip
    web_connections_per_address_max: int | None = Field(
        None, ge=1, le=1_000_000,
        description="Connections of one address; empty: twice its streams, without a limit behind `…_PROXIES`.",
    )  # fmt: skip
    web_streams_max: int = Field(5_000, ge=1, le=100_000, description="Event streams that are open at once.")
    web_streams_per_address_max: int = Field(
        200, ge=1, le=100_000, description="Event streams that one address has open at once."
    )
    web_heartbeat_ms: int = Field(
        10_000, ge=100, le=60_000, description="How often an event stream shows that it lives."
    )
    web_proxies: int = Field(
        0, ge=0, le=10, description="Proxies in front; so many last addresses of X-Forwarded-For are believed."
    )
    web_cors_origins: Annotated[str, AfterValidator(_origins)] | None = Field(
        None, description="Other sites whose pages may read the API, separated by commas; empty: none."
    )
    worker_urls: Annotated[str, AfterValidator(_worker_urls)] | None = Field(
        None, description="The workers' internal pages, `http://HOST:PORT,…`; `bashgah web` asks all of them for ranks."
    )
    worker_timeout_ms: int = Field(2_000, ge=100, le=60_000, description="How long a worker may take to answer it.")
    internal_secret: Annotated[SecretStr, AfterValidator(_secret)] | None = Field(
        None, description="What `bashgah web` shows to workers; the same in both, never outside."
    )

    log_level: LogLevel = Field(LogLevel.INFO, description="The least serious line that is written.")
    log_format: LogFormat = Field(LogFormat.JSON, description="`json` or `console`.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for smaller, larger, slack, why in _ORDERED:
            if getattr(self, smaller) + slack > getattr(self, larger):
                at_most = getattr(self, larger) - slack
                raise ValueError(
                    f"{_variable(smaller)}: {getattr(self, smaller)} is too long for {_variable(larger)}"
                    f" ({getattr(self, larger)}), since {why}; at most {at_most}, or raise {_variable(larger)}"
                )
        for names in _TOGETHER:
            missing = [name for name in names if getattr(self, name) is None]
            if missing and len(missing) < len(names):
                others = " and ".join(_variable(name) for name in names if name not in missing)
                raise ValueError(f"{_variable(missing[0])}: is empty while {others} is set; set both or neither")
        for name in _OF_TLS:
            if not self.broker_tls and getattr(self, name) is not None:
                raise ValueError(f"{_variable(name)}: is set without TLS; set BASHGAH_BROKER_TLS=true, or unset it")
        if self.broker_tls_key_password is not None and self.broker_tls_key_file is None:
            raise ValueError(
                "BASHGAH_BROKER_TLS_KEY_PASSWORD: opens no key; set BASHGAH_BROKER_TLS_KEY_FILE, or unset it"
            )
        if self.sends_password_readable and not self.broker_insecure:
            raise ValueError(
                "BASHGAH_BROKER_SASL_MECHANISM: PLAIN without TLS lets whoever can listen read the password;"
                " set BASHGAH_BROKER_TLS=true, or take SCRAM-SHA-512, or accept it with BASHGAH_BROKER_INSECURE=true"
            )
        return self

    @property
    def sends_password_readable(self) -> bool:
        """Whether the broker's password goes over the network as it is."""
        return self.broker_sasl_mechanism is SaslMechanism.PLAIN and not self.broker_tls


_ORDERED = (
    ("heartbeat_interval_ms", "session_timeout_ms", 1, "a worker must be heard within its session"),
    ("transaction_deadline_ms", "transaction_timeout_ms", 1, "the worker must give up before the broker does"),
    ("transaction_deadline_ms", "rebalance_timeout_ms", 5_000, "a rebalance must outlast the batch under way"),
    ("session_timeout_ms", "request_timeout_ms", 1, "a request of the group may take as long as a session"),
)
"""(shorter, longer, least difference in ms, reason)."""

_OF_TLS = ("broker_tls_ca_file", "broker_tls_cert_file", "broker_tls_key_file", "broker_tls_key_password")
"""Settings that mean nothing without TLS, so that somebody believes in an encryption that is not there."""

_TOGETHER = (
    ("broker_tls_cert_file", "broker_tls_key_file"),
    ("broker_sasl_mechanism", "broker_sasl_username", "broker_sasl_password"),
)
"""Settings that make sense only together."""


_CREDENTIALS = re.compile(r"//[^/\s]*@")
"""What does not belong in an address; whoever writes it there should not read it in a log."""


def load(environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """The settings of the environment, with what the command line gave in front; raises ClubError or an ExceptionGroup
    of them."""
    variables = os.environ if environment is None else environment
    problems = list(_unknown(variables))
    values = {
        name: variables[_variable(name)] for name in Settings.model_fields if variables.get(_variable(name), "") != ""
    }
    try:
        settings = Settings.model_validate({**values, **{name: v for name, v in given.items() if v is not None}})
        if not problems:
            return settings
    except ValidationError as error:
        problems += _problems(error)
    raise problems[0] if len(problems) == 1 else ExceptionGroup("settings", problems)


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _unknown(variables: Mapping[str, str]) -> Iterator[ClubError]:
    known = {_variable(name) for name in Settings.model_fields} | NOT_SETTINGS
    for name in sorted(variables):
        if name.startswith(PREFIX) and name not in known:
            close = get_close_matches(name, known, n=1)
            remedy = f"did you mean {close[0]}?" if close else "unset it; docs/SETTINGS.md lists them all"
            yield ClubError(name, "there is no such setting", remedy, ExitCode.BAD_SETTING)


def _problems(error: ValidationError) -> Iterator[ClubError]:
    for each in error.errors(include_url=False, include_context=False):
        if not each["loc"]:  # a rule between settings already says all three
            field, reason, remedy = _split(each["msg"].removeprefix("Value error, "))
            yield ClubError(field, reason, remedy, ExitCode.BAD_SETTING)
            continue
        name = str(each["loc"][0])
        secret = "SecretStr" in str(Settings.model_fields[name].annotation)
        found = "(hidden)" if secret else repr(_CREDENTIALS.sub("//(hidden)@", str(each["input"])))
        of_ours = each["msg"].removeprefix("Value error, ") if each["type"] == "value_error" else None
        reason = f"found {found}; {of_ours or _wanted(Settings.model_fields[name])}"
        remedy = f"give one that fits, or unset it for the default {_default(Settings.model_fields[name])}"
        yield ClubError(_variable(name), reason, remedy, ExitCode.BAD_SETTING)


def _wanted(field: FieldInfo) -> str:
    """What a setting may be, in words."""
    kinds = [each for each in (*get_args(field.annotation), field.annotation) if isinstance(each, type)]
    for kind in kinds:
        if issubclass(kind, StrEnum):
            return f"it is one of {', '.join(kind)}"
        if issubclass(kind, bool):
            return "it is true or false"
        if issubclass(kind, int):
            [least] = [each.ge for each in field.metadata if hasattr(each, "ge")]
            [most] = [each.le for each in field.metadata if hasattr(each, "le")]
            return f"it is a whole number from {least} to {most}"
    return "it is a text"


def _split(message: str) -> tuple[str, str, str]:
    field, _, rest = message.partition(": ")
    reason, _, remedy = rest.rpartition("; ")
    return field, reason, remedy


def _default(field: FieldInfo) -> str:
    if field.default is None:
        return "(empty)"
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def table() -> str:
    """Every setting as a Markdown table, for the documentation."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `{_variable(name)}` | `{_default(field)}` | {field.description} |")
    return "\n".join(lines) + "\n"


_PAGE = """# Settings

Generated by `make docs` from `agents/process/settings.py`. A variable that is empty has its default; one that has a
wrong value, or a name that is none of these, ends the process with 78 and says what would do.

"""

if __name__ == "__main__":
    print(_PAGE + table(), end="")
