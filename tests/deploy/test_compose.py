"""docker-compose.yml, the image and the systemd units, as far as they can be checked without running them."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main
from ruamel.yaml import YAML
from typer.core import TyperGroup

from agents.process.exit_codes import ExitCode
from agents.process.settings import load
from bashgah.cli.main import COMMANDS
from tests.architecture.sources import PACKAGES, ROOT

COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "bashgah"}


def test_the_club_is_whole() -> None:
    ours = {"topics", "programme", "bank", "worker-1", "worker-2", "web"}
    assert set(SERVICES) == {"kafka", "prometheus", "grafana"} | ours
    assert set(OURS) == ours


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_a_command_with_options_and_settings_that_exist(name: str) -> None:
    command, *arguments = OURS[name]["command"]
    parsed = typer.main.get_command(import_module(COMMANDS[command].module).app)
    while isinstance(parsed, TyperGroup) and arguments:
        parsed, command = parsed.commands[arguments[0]], arguments.pop(0)
    files = [re.sub("^/programmes/", f"{ROOT}/programmes/", each) for each in arguments]
    parsed.make_context(command, files)
    settings = load({variable: str(value) for variable, value in OURS[name]["environment"].items()})
    assert settings.broker_url == "kafka://kafka:9092"


def test_workers_have_names_and_folders_of_their_own() -> None:
    workers = [service for service in OURS.values() if service["command"] == ["worker"]]
    assert len({service["environment"]["BASHGAH_STATIC_MEMBER_ID"] for service in workers}) == 2
    assert len({service["volumes"][0] for service in workers}) == 2


def test_the_web_asks_every_worker_where_it_listens_with_the_secret_that_they_know() -> None:
    web = load(SERVICES["web"]["environment"])
    workers = [name for name in OURS if name.startswith("worker")]
    assert web.worker_urls == ",".join(f"http://{name}:{load({}).http_port}" for name in workers)
    known = {load(SERVICES[name]["environment"]).internal_secret for name in workers}
    assert known == {web.internal_secret}
    assert web.internal_secret is not None
    assert SERVICES["web"]["ports"] == [f"127.0.0.1:{web.web_port}:{web.web_port}"]


def test_mounted_files_are_there_and_volumes_are_declared() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), source
            else:
                assert source in COMPOSE["volumes"], source


def test_dependencies_are_services_and_ports_are_local() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= SERVICES.keys()
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_prometheus_asks_workers_and_web_where_they_listen() -> None:
    config = YAML(typ="safe").load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    workers, web = config["scrape_configs"]
    names = [name for name in OURS if name.startswith("worker")]
    assert workers["static_configs"][0]["targets"] == [f"{name}:{load({}).http_port}" for name in names]
    assert web["static_configs"][0]["targets"] == [f"web:{load({}).web_metrics_port}"]
    rules = (ROOT / "deploy/prometheus/rules.yml").read_text(encoding="utf-8")
    assert {job["job_name"] for job in (workers, web)} == set(re.findall(r'job="([^"]+)"', rules))


def test_the_image_holds_every_package_and_the_settings_of_its_environment_exist() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    assert set(PACKAGES) <= sources
    for source in sources:
        assert (ROOT / source).exists(), source
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{Path(source).parts[0]}" for source in sources} <= set(kept)
    load(dict(re.findall(r"\b(BASHGAH_[A-Z_]+)=(\S+)", text)))
    (ports,) = re.findall(r"^EXPOSE (.*)$", text, re.MULTILINE)
    defaults = load({})
    assert ports.split() == [str(port) for port in (defaults.http_port, defaults.web_port, defaults.web_metrics_port)]


UNITS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "deploy/systemd").iterdir()}


def test_there_is_a_unit_for_what_runs_for_ever() -> None:
    commands = [re.findall(r"^ExecStart=\S+/bashgah (.*)$", unit, re.MULTILINE) for unit in UNITS.values()]
    assert sorted(commands) == [["web"], ["worker"]]


@pytest.mark.parametrize("name", UNITS)
def test_what_a_service_writes_is_its_own_alone(name: str) -> None:
    assert re.findall(r"^UMask=(.*)$", UNITS[name], re.MULTILINE) == ["0077"]
    kept = re.findall(r"^StateDirectory=", UNITS[name], re.MULTILINE)
    assert re.findall(r"^StateDirectoryMode=(.*)$", UNITS[name], re.MULTILINE) == ["0700"] * len(kept)
    image = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    (home,) = re.findall(r"--home-dir (\S+)", image)
    assert f"chmod 0700 {home}" in image


def test_the_web_may_open_as_many_connections_as_streams_and_requests_want() -> None:
    (files,) = re.findall(r"^LimitNOFILE=(\d+)$", UNITS["bashgah-web.service"], re.MULTILINE)
    assert int(files) > 2 * load({}).web_streams_max


def test_whatever_takes_connections_is_told_how_many_files_it_may_open() -> None:
    serving = [service["ulimits"]["nofile"] for service in OURS.values() if service["command"] in (["web"], ["worker"])]
    assert len(serving) == len(OURS) - len({"topics", "programme", "bank"})
    told = [int(re.findall(r"^LimitNOFILE=(\d+)$", unit, re.MULTILINE)[0]) for unit in UNITS.values()]
    for files in (*told, *(limit for each in serving for limit in each.values())):
        assert files > 2 * load({}).web_streams_max
        assert files >= 4 * load({}).http_connections_max


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_systemd_leaves_to_the_operator_what_no_restart_mends(unit: str) -> None:
    (codes,) = re.findall(r"^RestartPreventExitStatus=(.*)$", unit, re.MULTILINE)
    left = {int(code) for code in codes.split()}
    assert {ExitCode.REFUSED, ExitCode.BAD_SETTING} <= left
    assert not left & {code for code in ExitCode if code.restart_helps}
    named = unit.replace("%H", "m1.bank").replace("%i", "1")
    load(dict(re.findall(r"^Environment=(BASHGAH_[A-Z_]+)=(.*)$", named, re.MULTILINE)))


def test_workers_of_two_machines_and_two_of_one_have_names_and_ports_of_their_own() -> None:
    """A static name is its worker's alone in the whole club; `%H` is the machine, `%i` what stands behind the @."""
    unit = UNITS["bashgah-worker@.service"]
    (name,) = re.findall(r"^Environment=BASHGAH_STATIC_MEMBER_ID=(.*)$", unit, re.MULTILINE)
    machines = [(machine, number) for machine in ("a", "b") for number in ("1", "2")]
    assert len({name.replace("%H", machine).replace("%i", number) for machine, number in machines}) == len(machines)
    files = re.findall(r"^EnvironmentFile=(.*)$", unit, re.MULTILINE)
    assert files == ["/etc/bashgah/worker.env", "-/etc/bashgah/worker-%i.env"], "the later one goes before"


def test_every_unit_is_closed_off_alike() -> None:
    """What one process of the club cannot reach, no other can: the same lines in all units."""
    closing = ("UMask", "NoNewPrivileges", "Protect", "Private", "Restrict", "Capabilit", "SystemCall")
    found = {
        path.name: sorted(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(closing))
        for path in (ROOT / "deploy" / "systemd").iterdir()
    }
    first = found["bashgah-web.service"]
    assert {"ProtectSystem=strict", "ProtectHome=true", "PrivateTmp=true", "NoNewPrivileges=true"} <= set(first)
    assert all(lines == first for lines in found.values()), found
