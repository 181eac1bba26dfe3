"""The house rules that a change forgets: each is a sentence here, and needs no server."""

import ast
import csv
import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

import holidays
import pytest
import yaml

from include import handbook, metric_versions, publication, settings, sources, transform
from include.contracts import CONTRACTS

PROJECT = settings.PROJECT
MODELS = settings.DBT_PROJECT / "models"
SEEDS = settings.DBT_PROJECT / "seeds"
ROOMS = ("staging", "intermediate", "identity", "core", "predictions", "metrics", "marts")
MAY_READ = {
    "staging": set(),
    "intermediate": {"staging", "intermediate"},
    "identity": {"intermediate"},
    "core": {"intermediate", "core"},
    "predictions": {"core", "predictions"},
    "metrics": {"core", "predictions", "metrics"},
    "marts": {"core", "predictions", "metrics", "marts"},
}


@cache
def models() -> dict[str, Path]:
    return {path.stem: path for path in MODELS.rglob("*.sql")}


def room(name: str) -> str:
    return models()[name].relative_to(MODELS).parts[0]


@cache
def described() -> dict[str, dict]:
    found = {}
    for path in MODELS.rglob("_*.yml"):
        for model in yaml.safe_load(path.read_text()).get("models", []):
            found[model["name"]] = model | {"path": path}
    return found


def rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", sorted(name for name in models() if room(name) == "staging"))
def test_staging_keeps_no_records_of_all_history(name: str) -> None:
    """What two read is computed whole, before the few records of a day are looked for."""
    text = re.sub(r"\{#.*?#\}", "", models()[name].read_text(), flags=re.DOTALL)
    kept = re.findall(r"^(?:with|\),)?\s*(\w+) as \($", text, flags=re.MULTILINE)
    assert {part for part in kept if len(re.findall(rf"\b(?:from|join) {part}\b", text)) > 1} == set()


@pytest.mark.parametrize("source", sources.names())
def test_a_source_has_its_expectations_staging_tests_and_schedule(source: str) -> None:
    streams = {stream.name for stream in sources.load(source).STREAMS}
    text = (PROJECT / "expectations" / f"landing_{source}.py").read_text()
    if "from expectations.rows import TABLES" in text:
        text = (PROJECT / "expectations" / "rows.py").read_text()
    module = ast.parse(text)
    tables = next(
        ast.literal_eval(ast.List(list(node.value.keys), ast.Load()))
        for node in module.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "TABLES"
    )
    assert set(tables) == streams
    assert list((MODELS / "staging" / source).glob(f"stg_{source}__*.sql"))
    assert (PROJECT / "tests" / "sources" / f"test_{source}.py").is_file()
    channels = PROJECT / "include" / "sandbox" / "channels"
    assert (channels / f"{source}.py").is_file() or (channels / source / "__init__.py").is_file()
    assert f'"{source}": "' in (PROJECT / "dags" / "ingest.py").read_text()


def test_the_bus_matrix_has_a_line_for_each_fact_and_no_other() -> None:
    lines = (PROJECT / "docs" / "bus_matrix.md").read_text(encoding="utf-8").splitlines()
    named = {name for line in lines if line.startswith("| ") for name in re.findall(r"\(`(fct_\w+)`", line)}
    assert named == {path.stem for path in (MODELS / "core").rglob("fct_*.sql")}


def test_what_readers_do_not_see_is_told_with_its_reason() -> None:
    page = (PROJECT / "docs" / "decisions.md").read_text(encoding="utf-8")
    told = page.split("What do readers not see of a published table?")[1].split("\n\n")[0]
    short = {"timestamp with time zone": "timestamptz"}
    for hidden in (*publication.HIDDEN_COLUMNS, *publication.UNSHOWN_KEYS, *publication.HIDDEN_TYPES):
        assert f"`{short.get(hidden, hidden)}`" in told, hidden


def test_the_page_of_the_inbox_is_what_the_contracts_say() -> None:
    page = handbook.INBOX.read_text(encoding="utf-8")
    assert page == handbook.inbox(), "run `make docs`"
    for name, contract in CONTRACTS.items():
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        assert all(f"`{column}`" in section for column in (*contract.key, *contract.needed)), name


@pytest.mark.parametrize("source", sources.names())
def test_the_page_of_a_source_is_up_to_date_and_says_how_to_get_in(source: str) -> None:
    page = (handbook.SOURCES / f"{source}.md").read_text(encoding="utf-8")
    assert page == handbook.source_page(source), "run `make docs`"
    if "**Variables.**" in page:
        for word in ("**Credential.**", "**Scopes.**", "**Limits.**", "sandbox"):
            assert word in page, f"{source} does not say its {word}"


def test_a_contract_lists_each_of_its_feeds_once() -> None:
    text = (settings.DBT_PROJECT / "macros" / "contracts.sql").read_text()
    feeds = text[: text.index("endmacro")]
    contracts = re.findall(r"^        '(\w+)': \[", feeds, re.M)
    assert sorted(contracts) == sorted(set(contracts) | set(CONTRACTS))
    for contract in contracts:
        body = feeds.split(f"        '{contract}': [")[1].split("        ],")[0]
        lines = re.findall(r"\['\w+', '\w+', '\w+'\]", body)
        assert len(lines) == len(set(lines)) > 0, contract


def test_every_arrow_points_right() -> None:
    for name, path in models().items():
        for read in re.findall(r"ref\('(\w+)'\)", path.read_text()):
            if read in models():
                assert room(read) in MAY_READ[room(name)], f"{name} may not read {read}"


def test_only_staging_reads_raw() -> None:
    for name, path in models().items():
        text = path.read_text()
        if room(name) != "staging":
            assert "current_versions(" not in text, name
            for read in re.findall(r"source\('(\w+)'", text):
                fitted = {"predictions"} if room(name) in ("predictions", "marts") else set()
                assert read in {"identity"} | fitted, f"{name} reads {read}"


def test_no_shared_model_names_a_source() -> None:
    for name, path in models().items():
        if room(name) not in ("staging",):
            for source in sources.names():
                assert f"'{source}'" not in path.read_text(), f"{name} names {source}"


def test_metrics_never_divide() -> None:
    for name, path in models().items():
        if name.startswith("metric_") and room(name) == "metrics":
            code = re.sub(r"\{#.*?#\}|\{\{.*?\}\}", "", path.read_text(), flags=re.S)
            assert "/" not in code, f"{name} divides: a ratio is divided once, in mart_metrics"


def test_a_model_is_described_and_opens_with_its_grain() -> None:
    missing = [name for name in models() if name not in described()]
    assert not missing
    for name, model in described().items():
        assert model["description"].startswith("One row per "), name
        assert model["path"].parent == models()[name].parent, f"{name} is described in another folder"
        assert len(list(model["path"].parent.glob("_*.yml"))) == 1


def test_every_column_that_people_read_has_a_type_and_words_in_two_languages() -> None:
    for name, model in described().items():
        if room(name) in ("core", "predictions", "marts"):
            assert model.get("columns"), name
            for column in model["columns"]:
                assert column.get("data_type"), f"{name}.{column['name']}"
                assert " / " in column.get("description", ""), f"{name}.{column['name']}"


def test_published_tables_have_only_types_that_bi_clients_read_right() -> None:
    """A text without length arrives cut, a boolean as '1', a numeric without scale guessed."""
    for name, model in described().items():
        if (model.get("config") or {}).get("meta", {}).get("published"):
            for column in model["columns"]:
                kind = column["data_type"]
                assert re.fullmatch(
                    r"varchar\(\d+\)|numeric\(\d+,\d+\)|smallint|integer|bigint|date|timestamp|timestamptz",
                    kind,
                ), f"{name}.{column['name']}: {kind}"


def test_every_mart_is_published() -> None:
    for name in models():
        if name.startswith("mart_") or name == "metric_catalogue":
            assert described()[name]["config"]["meta"]["published"]


def test_every_metric_is_in_the_catalogue_in_two_languages_with_one_default() -> None:
    catalogue = rows("metrics")
    files = {
        name.removeprefix("metric_").replace("__", ".", 1)
        for name in models()
        if re.match(r"metric_\w+__", name)
    }
    assert {row["metric_code"] for row in catalogue} == files
    for code in files:
        assert sum(row["is_default"] == "1" for row in catalogue if row["metric_code"] == code) == 1, code
    for row in catalogue:
        for column in ("name", "variant", "definition"):
            assert row[f"{column}_vi"] and row[f"{column}_en"], row
        assert row["article_reference"] and row["owner"] and row["formula"], row


def test_the_readme_shows_every_metric_and_what_holds_it() -> None:
    text = handbook.README.read_text(encoding="utf-8")
    assert text.count(handbook.TABLE_BEGINS) == text.count(handbook.TABLE_ENDS) == 1
    assert text == handbook.readme_with_metrics(text), "run `make docs`"


def test_one_metric_matters_to_a_unit_at_any_instant() -> None:
    units = {row["business_unit_code"]: row for row in rows("business_units")}
    stretches: dict[str, list[dict[str, str]]] = {}
    for row in rows("omtm"):
        stretches.setdefault(row["business_unit_code"], []).append(row)
    assert stretches.keys() == units.keys()
    for unit, chosen in stretches.items():
        chosen.sort(key=lambda row: row["valid_from"])
        # each ends when the next one begins, and the last one has no end
        assert [row["valid_to"] for row in chosen] == [*(row["valid_from"] for row in chosen[1:]), ""], unit


def test_what_a_unit_watches_is_a_metric_of_it() -> None:
    units = {row["business_unit_code"]: row for row in rows("business_units")}
    grains = {
        row["metric_code"]: row["grains"].split() for row in rows("metrics") if row["is_default"] == "1"
    }
    for row in rows("omtm"):
        types = {units[row["business_unit_code"]]["business_type_code"], "cx", "omnichannel"}
        for code in filter(None, (row["metric_code"], *(row[f"guardrail_{n}"] for n in (1, 2, 3)))):
            assert code in grains and code.split(".")[0] in types, (row["business_unit_code"], code)
        assert row["period_grain_code"] in grains[row["metric_code"]], row
        assert float(row["target"]) != float(row["line_in_the_sand"]), row
    stages = {row["code"] for row in rows("labels") if row["kind"] == "stage"}
    suggested = {
        (row["business_type_code"], row["stage_code"]): row["metric_code"] for row in rows("stage_metrics")
    }
    for (kind, stage), code in suggested.items():
        assert code.split(".")[0] == kind and code in grains and stage in stages, (kind, stage, code)
    for unit in units.values():
        assert (unit["business_type_code"], unit["stage_code"]) in suggested, unit


def test_a_metrics_sql_changes_with_its_version() -> None:
    page = metric_versions.LIST.read_text(encoding="utf-8")
    assert page == metric_versions.renewed(metric_versions.listed(), metric_versions.present()), (
        "run `make docs`"
    )


@pytest.mark.parametrize(
    ("version", "text", "is_refused"),
    [(1, "select 1", False), (1, "select  1 {# why #}", False), (1, "select 2", True), (2, "select 2", False),
     (1, "{{ config(\n    dirty_key=keys('a'),\n) }}\nselect 1", False), (0, "select 1", True)],
)  # fmt: skip
def test_sql_that_changed_under_its_version_is_refused(version: int, text: str, is_refused: bool) -> None:
    before = {"a.b": (1, metric_versions.sql_hash("select 1"))}
    now = {"a.b": (version, metric_versions.sql_hash(text))}
    if is_refused:
        with pytest.raises(metric_versions.VersionNotRaised, match="raise `version`"):
            metric_versions.renewed(before, now)
    else:
        assert metric_versions.renewed(before, now).splitlines()[1].startswith(f"a.b,{version},")


def test_what_dbt_parsed_of_another_project_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    parsed = tmp_path / "dbt" / "target" / "partial_parse.msgpack"
    transform._forget_other_projects()
    for project, is_kept in ((transform.fingerprint(), True), ("another", False), ("another", True)):
        parsed.write_text("")
        monkeypatch.setattr(transform, "fingerprint", lambda project=project: project)
        transform._forget_other_projects()
        assert parsed.exists() == is_kept, project


def test_every_metric_has_a_unit_test_and_is_stacked() -> None:
    tested = set()
    for path in MODELS.rglob("_*.yml"):
        tested |= {test["model"] for test in yaml.safe_load(path.read_text()).get("unit_tests", [])}
    macro = (settings.DBT_PROJECT / "macros" / "metrics.sql").read_text()
    listed = macro.partition("macro metric_names()")[2].partition("endmacro")[0]
    stacked = {
        f"metric_{kind}__{name}"
        for kind, names in re.findall(r"'(\w+)': \[([^\]]+)\]", listed)
        for name in re.findall(r"'(\w+)'", names)
    }
    there = {name for name in models() if re.match(r"metric_\w+__", name)}
    assert there == stacked
    assert sorted(there - tested) == []


def test_seeds_translate_into_codes_that_exist() -> None:
    channels = {row["channel_code"] for row in rows("channels")}
    for row in rows("code_map"):
        assert row["kind"] != "channel" or row["code"] in channels, row
    for seed in ("channels", "labels", "business_units"):
        assert all(row["name_vi"] and row["name_en"] for row in rows(seed)), seed


def test_a_label_is_given_once() -> None:
    for seed, key in (("labels", ("kind", "code")), ("channels", ("channel_code",))):
        names = [tuple(row[name] for name in key) for row in rows(seed)]
        assert len(names) == len(set(names)), seed
    words = [(row["kind"], row["source_key"], row["source_value"]) for row in rows("code_map")]
    assert len(words) == len(set(words))


def test_personas_are_asked_for_in_the_order_that_their_seed_tells() -> None:
    text = models()["fct_personas"].read_text()
    [case] = re.findall(r"\bcase\b(?:(?!\bcase\b).)*?\bend as persona_code", text, re.DOTALL)
    asked = re.findall(r"\b(?:then|else) '(\w+)'", case)
    told = sorted((int(row["rule_order"]), row["persona_code"]) for row in rows("personas"))
    assert list(enumerate(asked, 1)) == told


def test_rows_may_name_every_channel() -> None:
    named = {
        row["source_value"]
        for row in rows("code_map")
        if (row["kind"], row["source_key"]) == ("channel", "rows")
    }
    assert named == {row["channel_code"] for row in rows("channels")} - {"unknown"}


def test_holidays_are_those_of_the_library() -> None:
    known = holidays.VN(years=range(2009, 2031), language="vi")
    assert {date.fromisoformat(row["holiday_date"]): row["name_vi"] for row in rows("holidays")} == dict(
        known
    )
    tet = [row["holiday_date"] for row in rows("holidays") if row["is_tet_day_one"] == "1"]
    assert len(tet) == 22 and {"2025-01-29", "2026-02-17"} <= set(tet)


def test_include_imports_no_airflow_and_expectations_no_connection() -> None:
    rules = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "airflow" in rules["flake8-tidy-imports"]["banned-api"]
    for path in (PROJECT / "include").rglob("*.py"):
        assert not re.search(r"^\s*(from|import) (airflow|dags)\b", path.read_text(), re.M), path
    for path in (PROJECT / "expectations").glob("*.py"):
        assert not re.search(r"^\s*(from|import) (include|psycopg2|sqlalchemy)\b", path.read_text(), re.M), (
            path
        )


def test_only_settings_reads_the_environment() -> None:
    # the demo hands its environment on to the programs that it starts
    allowed = {"settings.py", "airflow_server.py"}
    for path in (PROJECT / "include").rglob("*.py"):
        if path.name not in allowed:
            assert "os.environ" not in path.read_text(), path


def test_requirements_pin_what_is_asked_for() -> None:
    pinned = {
        re.split(r"[=\[ ;]", line)[0].lower().replace("_", "-")
        for line in (PROJECT / "requirements.txt").read_text().splitlines()
    }
    for line in (PROJECT / "requirements.in").read_text().splitlines():
        if line and not line.startswith("#"):
            name = re.split(r"[=~<>\[ ]", line)[0].lower()
            assert name in pinned, f"{name}: run `make lock`"


def test_no_path_of_a_machine_and_no_registry_stands_in_the_project() -> None:
    import subprocess

    tracked = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.split()
    for name in tracked:
        path = PROJECT / name
        if path.suffix in {".py", ".sql", ".yml", ".md", ".csv", ".toml", ""} and path.is_file():
            text = path.read_text(errors="replace")
            assert not re.search(r"(?<![\w.])/(work|root)/", text) or name == "tests/test_rooms.py", name
