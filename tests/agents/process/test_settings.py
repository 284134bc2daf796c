"""Settings: defaults that fit together, and messages that name the variable, the reason and the remedy."""

import re

import pytest

from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import PREFIX, ClockKind, Settings, load, table
from tests.architecture.sources import modules


def _problems(environment: dict[str, str], **given: object) -> list[ClubError]:
    with pytest.raises((ClubError, ExceptionGroup)) as caught:
        load(environment, **given)
    error = caught.value
    found = list(error.exceptions) if isinstance(error, ExceptionGroup) else [error]
    assert all(isinstance(each, ClubError) and each.code is ExitCode.BAD_SETTING for each in found)
    return [each for each in found if isinstance(each, ClubError)]


def test_an_empty_environment_is_enough() -> None:
    settings = load({})
    assert settings.transaction_deadline_ms < settings.transaction_timeout_ms
    assert settings.clock is ClockKind.WALL
    assert settings.http_host == "127.0.0.1"


def test_the_environment_is_read_and_an_empty_variable_means_the_default() -> None:
    settings = load({"BASHGAH_MERGE_WAIT_MS": "250", "BASHGAH_CLOCK": "", "PATH": "/bin", "BASHGAH_DEBUG": "1"})
    assert settings.merge_wait_ms == 250
    assert settings.clock is ClockKind.WALL


def test_what_the_command_line_gives_comes_first() -> None:
    assert load({"BASHGAH_HTTP_PORT": "1000"}, http_port=2000, app_id=None).http_port == 2000


def test_only_the_given_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASHGAH_APP_ID", "another")
    assert load({}).app_id == "bashgah"
    assert load().app_id == "another"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("BROKER_URL", "localhost:9092", "kafka://HOST:PORT"),
        ("BROKER_URL", "kafka://", "kafka://HOST:PORT"),
        ("BROKER_URL", "kafka://a:1,b", "kafka://HOST:PORT"),
        ("APP_ID", "a b", "1 to 64"),
        ("CLOCK", "sundial", "it is one of wall, replay"),
        ("HTTP_PORT", "70000", "it is a whole number from 0 to 65535"),
        ("HTTP_PORT", "many", "it is a whole number from 0 to 65535"),
        ("MERGE_WAIT_MS", "-1", "it is a whole number from 0 to 600000"),
        ("RETENTION_DAYS", "0", "it is a whole number from 1 to 3650"),
        ("LOG_LEVEL", "loud", "it is one of debug, info, warning, error"),
        ("WEB_CONNECTIONS_MAX", "7", "it is a whole number from 8 to 1000000"),
        ("BROKER_TLS", "perhaps", "it is true or false"),
        ("BROKER_SASL_MECHANISM", "NONE", "it is one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512"),
    ],
)
def test_a_wrong_value_is_explained(variable: str, value: str, said: str) -> None:
    (problem,) = _problems({PREFIX + variable: value})
    assert problem.field == PREFIX + variable
    assert repr(value) in problem.reason
    assert said in problem.reason
    assert f"default {_default_of(variable)}" in problem.remedy


def _default_of(variable: str) -> str:
    default = re.search(rf"`{PREFIX}{variable}` \| `(.*?)` \|", table())
    assert default
    return default[1]


def test_all_problems_are_told_at_once() -> None:
    found = _problems({"BASHGAH_HTTP_PORT": "x", "BASHGAH_CLOCK": "x", "BASHGAH_MERGE_WAIT": "5"})
    assert {each.field for each in found} == {"BASHGAH_HTTP_PORT", "BASHGAH_CLOCK", "BASHGAH_MERGE_WAIT"}


def test_a_misspelt_name_does_not_run_with_the_default() -> None:
    (problem,) = _problems({"BASHGAH_MERGE_WAIT": "5000"})
    assert problem.remedy == "did you mean BASHGAH_MERGE_WAIT_MS?"


def test_a_secret_is_not_repeated() -> None:
    (problem,) = _problems({"BASHGAH_BROKER_SASL_PASSWORD": "hunter2", "BASHGAH_BROKER_SASL_MECHANISM": "PLAIN"})
    assert problem.field == "BASHGAH_BROKER_SASL_USERNAME"
    assert "hunter2" not in str(problem)
    settings = load({"BASHGAH_BROKER_SASL_PASSWORD": "hunter2", "BASHGAH_BROKER_SASL_MECHANISM": "PLAIN",
                     "BASHGAH_BROKER_SASL_USERNAME": "club", "BASHGAH_BROKER_TLS": "true"})  # fmt: skip
    assert "hunter2" not in repr(settings)


PLAIN = {
    "BASHGAH_BROKER_SASL_MECHANISM": "PLAIN",
    "BASHGAH_BROKER_SASL_USERNAME": "club",
    "BASHGAH_BROKER_SASL_PASSWORD": "hunter2",
}


def test_a_password_does_not_go_readable_unless_that_is_accepted() -> None:
    (problem,) = _problems(PLAIN)
    assert problem.field == "BASHGAH_BROKER_SASL_MECHANISM"
    assert "BASHGAH_BROKER_TLS=true" in problem.remedy
    assert "BASHGAH_BROKER_INSECURE=true" in problem.remedy
    assert load({**PLAIN, "BASHGAH_BROKER_TLS": "true"}).sends_password_readable is False
    assert load({**PLAIN, "BASHGAH_BROKER_SASL_MECHANISM": "SCRAM-SHA-512"}).sends_password_readable is False
    assert load({**PLAIN, "BASHGAH_BROKER_INSECURE": "true"}).sends_password_readable is True


@pytest.mark.parametrize("of_tls", ["CA_FILE", "CERT_FILE", "KEY_FILE", "KEY_PASSWORD"])
@pytest.mark.parametrize("insecure", ["true", "false"])
def test_what_belongs_to_tls_is_refused_without_it(of_tls: str, insecure: str) -> None:
    given = {"CERT_FILE": "c", "KEY_FILE": "k"} if of_tls in ("CERT_FILE", "KEY_FILE") else {of_tls: "x"}
    variables = {f"BASHGAH_BROKER_TLS_{name}": value for name, value in given.items()}
    (problem,) = _problems({**variables, "BASHGAH_BROKER_INSECURE": insecure})
    assert problem.field in variables
    assert "without TLS" in problem.reason
    assert "BASHGAH_BROKER_TLS=true" in problem.remedy


def test_a_password_for_no_key_is_refused() -> None:
    (problem,) = _problems({"BASHGAH_BROKER_TLS": "true", "BASHGAH_BROKER_TLS_KEY_PASSWORD": "hunter2"})
    assert problem.field == "BASHGAH_BROKER_TLS_KEY_PASSWORD"
    assert "hunter2" not in str(problem)


@pytest.mark.parametrize(
    ("environment", "field"),
    [
        ({"TRANSACTION_DEADLINE_MS": "30000"}, "TRANSACTION_DEADLINE_MS"),
        ({"TRANSACTION_DEADLINE_MS": "8000", "REBALANCE_TIMEOUT_MS": "12999"}, "TRANSACTION_DEADLINE_MS"),
        ({"HEARTBEAT_INTERVAL_MS": "10000"}, "HEARTBEAT_INTERVAL_MS"),
        ({"SESSION_TIMEOUT_MS": "50000"}, "SESSION_TIMEOUT_MS"),
        ({"BROKER_TLS": "true", "BROKER_TLS_CERT_FILE": "a.pem"}, "BROKER_TLS_KEY_FILE"),
        ({"BROKER_TLS_CA_FILE": "a.pem"}, "BROKER_TLS_CA_FILE"),
    ],
)
def test_settings_that_do_not_fit_together(environment: dict[str, str], field: str) -> None:
    (problem,) = _problems({PREFIX + name: value for name, value in environment.items()})
    assert problem.field == PREFIX + field
    assert problem.reason
    assert problem.remedy


def test_the_least_difference_is_enough() -> None:
    load({"BASHGAH_TRANSACTION_DEADLINE_MS": "8000", "BASHGAH_REBALANCE_TIMEOUT_MS": "13000"})


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_described_and_used(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert description.endswith(".")
    assert f"`{PREFIX}{name.upper()}`" in table()
    used = re.compile(rf"\b(settings|self)\.{name}\b")
    users = [path for path in modules("agents", "bashgah") if used.search(path.read_text(encoding="utf-8"))]
    assert users, f"nobody reads {name}: take it out"


def test_credentials_in_an_address_are_not_said_again() -> None:
    for variable, address in (
        ("BASHGAH_BROKER_URL", "kafka://club:hunter2@broker:9092"),
        ("BASHGAH_WORKER_URLS", "http://a:1,http://club:hunter2@b:1/x"),
    ):
        with pytest.raises(ClubError, match="hidden") as refused:
            load({variable: address})
        assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", [name for name, each in Settings.model_fields.items() if "str" not in str(each)])
def test_no_setting_is_explained_in_the_words_of_a_library(name: str) -> None:
    """`x y` is no number, no word of a list, no yes or no."""
    try:
        load({PREFIX + name.upper(): "x y"})
    except (ClubError, ExceptionGroup):
        said = [each.reason for each in _problems({PREFIX + name.upper(): "x y"})]
        assert [each for each in said if re.search(r"nput should|alue error|valid (integer|bool)|to parse", each)] == []
