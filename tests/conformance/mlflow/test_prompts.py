"""Prompts: registered models with a mark, through the client's own calls; and copies of model versions."""
import time

import mlflow
import pytest


@pytest.fixture()
def name(request):
    return f"prompt-{time.time_ns()}"


def test_a_prompt_is_registered_loaded_and_versioned(client, name):
    first = mlflow.genai.register_prompt(name=name, template="Hello {{who}}", commit_message="first", tags={"team": "a"})
    second = mlflow.genai.register_prompt(name=name, template=[{"role": "user", "content": "Hi {{who}}"}])
    assert (first.version, second.version) == (1, 2)
    assert mlflow.genai.load_prompt(name, version=1).format(who="you") == "Hello you"
    assert mlflow.genai.load_prompt(f"prompts:/{name}/2").format(who="you") == [{"role": "user", "content": "Hi you"}]
    assert mlflow.genai.load_prompt(f"prompts:/{name}@latest").version == 2
    assert [v.version for v in client.search_prompt_versions(name)] == [2, 1]
    assert mlflow.genai.load_prompt(name, version=3, allow_missing=True) is None


def test_aliases_move_and_go(client, name):
    for _ in range(2):
        mlflow.genai.register_prompt(name=name, template="x")
    for version in (1, 2):
        mlflow.genai.set_prompt_alias(name, alias="prod", version=version)
        assert mlflow.genai.load_prompt(f"prompts:/{name}@prod").version == version
    mlflow.genai.delete_prompt_alias(name, alias="prod")
    assert mlflow.genai.load_prompt(f"prompts:/{name}@prod", allow_missing=True) is None


def test_prompts_and_models_do_not_show_among_each_other(client, name):
    mlflow.genai.register_prompt(name=name, template="x", tags={"only": name})
    client.create_registered_model(f"{name}-model")
    assert [p.name for p in mlflow.genai.search_prompts(filter_string=f"name LIKE '{name}%'")] == [name]
    assert [p.name for p in mlflow.genai.search_prompts(filter_string=f"tags.only = '{name}'")] == [name]
    assert [m.name for m in client.search_registered_models(f"name LIKE '{name}%'")] == [f"{name}-model"]
    assert client.search_model_versions(f"name = '{name}'") == []
    with pytest.raises(mlflow.MlflowException, match="same name"):
        mlflow.genai.register_prompt(name=f"{name}-model", template="x")


def test_tags_of_prompts_and_their_versions(client, name):
    mlflow.genai.register_prompt(name=name, template="x")
    mlflow.genai.set_prompt_tag(name, "owner", "me")
    mlflow.genai.set_prompt_version_tag(name, 1, "state", "tried")
    assert mlflow.genai.get_prompt_tags(name)["owner"] == "me"
    assert mlflow.genai.load_prompt(name, version=1).tags["state"] == "tried"
    mlflow.genai.delete_prompt_tag(name, "owner")
    mlflow.genai.delete_prompt_version_tag(name, 1, "state")
    assert "owner" not in mlflow.genai.get_prompt_tags(name)
    assert "state" not in mlflow.genai.load_prompt(name, version=1).tags


def test_deleting(client, name):
    for _ in range(2):
        mlflow.genai.register_prompt(name=name, template="x")
    client.delete_prompt_version(name, "1")
    assert [v.version for v in client.search_prompt_versions(name)] == [2]
    client.delete_prompt_version(name, "2")
    client.delete_prompt(name)
    assert mlflow.genai.load_prompt(name, allow_missing=True) is None


def test_a_run_remembers_the_prompts_it_loaded(client, experiment, name):
    mlflow.genai.register_prompt(name=name, template="x")
    with mlflow.start_run(experiment_id=experiment) as run:
        mlflow.genai.load_prompt(name, version=1)
    assert name in client.get_run(run.info.run_id).data.tags["mlflow.linkedPrompts"]


def test_a_prompts_source_names_no_place(server, name):
    server.post("registered-models/create", {"name": name, "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]})

    def create(source, *marks):
        tags = [{"key": "mlflow.prompt.is_prompt", "value": mark} for mark in marks]
        return server.post("model-versions/create", {"name": name, "source": source, "tags": tags})

    assert create("dummy-source", "true").status_code == 200
    for source in ("/etc/passwd", "file:///etc", "../x", "s3://bucket/x"):
        assert create(source, "true").status_code == 400
    assert create("dummy-source", "true", "false").status_code == 400, "the last value counts, so this is no prompt"


def test_versions_are_copied_with_where_they_came_from(client, experiment, name):
    run = client.create_run(experiment).info
    client.create_registered_model(f"{name} source")
    client.create_model_version(f"{name} source", run.artifact_uri + "/model", run_id=run.run_id, tags={"a": "b"})
    copy = client.copy_model_version(f"models:/{name} source/1", f"{name} copy")
    again = client.copy_model_version(f"models:/{name} copy/1", f"{name} third")
    assert (copy.version, copy.source, copy.run_id, copy.tags) == ("1", f"models:/{name} source/1", run.run_id, {"a": "b"})
    assert client.get_model_version_download_uri(f"{name} third", again.version) == run.artifact_uri + "/model"
    client.delete_model_version(f"{name} source", "1")
    with pytest.raises(mlflow.MlflowException, match="not found"):
        client.copy_model_version(f"models:/{name} source/1", f"{name} copy")
    client.set_registered_model_alias(f"{name} copy", "champion", "1")
    by_alias = client.copy_model_version(f"models:/{name} copy@champion", f"{name} third")
    assert by_alias.run_id == run.run_id
