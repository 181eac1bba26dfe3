"""The production files agree with each other and with the project; no Docker engine is needed.

What a file can show is held here: names, pins, variables, health checks. That the services start is
not: docs/operations.md says what was never run.
"""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from include import sources

PROJECT = Path(__file__).resolve().parents[1]
COMPOSE = (PROJECT / "docker-compose.yml").read_text()
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
EXAMPLE = (PROJECT / ".env.example").read_text().splitlines()
REQUIREMENTS = (PROJECT / "requirements.txt").read_text()
SCHEMA = json.loads((PROJECT / "tests" / "compose.schema.json").read_text())

FILE: dict[str, Any] = yaml.safe_load(COMPOSE)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
REFERENCES = re.findall(r"(?<!\$)\$\{(\w+)(?:(:[-?])([^}]*))?\}", COMPOSE)
IN_EXAMPLE = dict(line.split("=", 1) for line in EXAMPLE if line and not line.startswith("#"))
SECRET = re.compile(r"PASSWORD|TOKEN|SECRET|FERNET")


def read_by_the_project() -> set[str]:
    """Return the variables that settings.py reads, and those that sources ask it for by name."""
    settings = (PROJECT / "include" / "settings.py").read_text()
    names = set(re.findall(r'(?:_text|_number|environ\.get)\("(\w+)"', settings))
    roles = re.search(r"ROLES = \((.*?)\)", settings, re.DOTALL).group(1)
    roles = [role.removeprefix("cx_") for role in re.findall(r'"(\w+)"', roles)]
    names |= {f"CX_PASSWORD_{role.upper()}" for role in (*roles, "airflow", "postgres")}
    for path in (PROJECT / "include" / "sources").rglob("*.py"):
        names |= set(re.findall(r"""(?:secret|source_setting)\(\s*["'](\w+)["']""", path.read_text()))
    return names


def test_the_file_is_valid() -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(FILE)


@pytest.mark.parametrize(
    "break_it",
    [
        lambda file: file["services"]["redis"].update(port=["1:1"]),
        lambda file: file["services"]["redis"].pop("healthcheck"),
        lambda file: file["services"]["redis"]["healthcheck"].update(interval="10"),
        lambda file: file["services"]["worker"]["depends_on"].update(init={"condition": "healthy"}),
        lambda file: file["services"]["redis"]["environment"].update(PORT=6379),
        lambda file: file.update(network={}),
    ],
)
def test_the_schema_refuses_mistakes(break_it: Any) -> None:
    file = yaml.safe_load(COMPOSE)
    break_it(file)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(file)


def test_what_a_service_names_is_there() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= SERVICES.keys(), name
        for volume in service.get("volumes", []):
            source = volume.split(":/")[0]
            assert source in FILE["volumes"] or source.startswith("${"), volume
        for config in service.get("configs", []):
            assert config["source"] in FILE["configs"]


def test_the_services_of_the_design_are_there() -> None:
    assert SERVICES.keys() == {
        "postgres", "redis", "init", "api-server", "scheduler", "dag-processor", "triggerer",
        "worker", "metabase",
    }  # fmt: skip


def test_ports_are_opened_on_loopback_unless_someone_says_otherwise() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert all(port.startswith("${CX_BIND:-127.0.0.1}:") for port in ports)


def test_no_secret_has_a_default() -> None:
    secrets = {name: (how, what) for name, how, what in REFERENCES if SECRET.search(name)}
    assert len(secrets) >= 18
    for name, (how, what) in secrets.items():
        # a source that a company does not have needs no token: empty means that it is not set
        is_of_a_source = name.startswith(tuple(f"{source.upper()}_" for source in sources.names()))
        assert (how == ":?" and what) or (is_of_a_source and (how, what) == (":-", "")), name
        assert IN_EXAMPLE[name] == "", name
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name):
                assert value.startswith("${"), name


def test_the_example_lists_every_variable_once_with_a_comment() -> None:
    names = [line.split("=")[0] for line in EXAMPLE if line and not line.startswith("#")]
    assert len(names) == len(set(names))
    for before, line in pairwise(EXAMPLE):
        if line and not line.startswith("#"):
            assert before.startswith("# "), line


def test_the_example_lists_what_is_read_and_nothing_else() -> None:
    assert IN_EXAMPLE.keys() == read_by_the_project() | {name for name, _, _ in REFERENCES}


def test_defaults_are_those_of_the_example() -> None:
    for name, how, what in REFERENCES:
        if how == ":-" and what and IN_EXAMPLE[name]:
            assert what == IN_EXAMPLE[name], name


def test_versions_are_pinned_and_equal_the_requirements() -> None:
    airflow = re.search(r"^apache-airflow==(\S+)$", REQUIREMENTS, re.MULTILINE).group(1)
    base = re.search(r"^FROM apache/airflow:(\S+)-python(\S+)$", DOCKERFILE, re.MULTILINE)
    assert base.groups() == (airflow, "3.11")
    for name in ("CELERY", "CELERY_PROVIDER", "FAB_PROVIDER"):
        assert re.search(rf"^ARG {name}=\d+\.\d+\.\d+$", DOCKERFILE, re.MULTILINE)
    # in requirements.txt there would be a second pin
    assert not re.search(r"^(celery|.*-providers-(celery|fab))==", REQUIREMENTS, re.MULTILINE)
    images = {service["image"] for service in SERVICES.values()}
    assert not [image for image in images if image.endswith((":latest", ":stable"))]
    assert any(image.startswith("postgres:18") for image in images)


def test_one_image_serves_every_airflow_service_and_is_not_root() -> None:
    airflow = {name for name, each in SERVICES.items() if each["image"].startswith("cx-warehouse:")}
    assert airflow == SERVICES.keys() - {"postgres", "redis", "metabase"}
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE)[-1] == "airflow"
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["init"]


def test_everybody_has_to_log_in() -> None:
    assert "SIMPLE_AUTH_MANAGER_ALL_ADMINS" not in COMPOSE + DOCKERFILE
    for name in ("api-server", "scheduler", "worker"):
        manager = SERVICES[name]["environment"]["AIRFLOW__CORE__AUTH_MANAGER"]
        assert manager.endswith("FabAuthManager")


def test_the_superuser_is_known_to_the_server_and_the_init_service_only() -> None:
    knowing = {name for name, each in SERVICES.items() if "CX_PASSWORD_POSTGRES" in json.dumps(each)}
    assert knowing == {"postgres", "init"}


def test_passwords_of_the_warehouse_are_where_tasks_run_only() -> None:
    knowing = {name for name, each in SERVICES.items() if "CX_PASSWORD_LOADER" in json.dumps(each)}
    assert knowing == {"init", "worker", "triggerer"}


def test_services_come_back_and_the_init_service_ends() -> None:
    assert {name for name, each in SERVICES.items() if each["restart"] == "no"} == {"init"}
    for name in SERVICES.keys() - {"postgres", "redis", "init", "metabase"}:
        condition = SERVICES[name]["depends_on"]["init"]["condition"]
        assert condition == "service_completed_successfully"


def test_what_the_dockerfile_copies_is_there() -> None:
    for source in re.findall(r"^COPY (?:--\S+ )?(\S+) \S+$", DOCKERFILE, re.MULTILINE):
        assert (PROJECT / source).exists(), source
