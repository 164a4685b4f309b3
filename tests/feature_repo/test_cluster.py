"""The configuration of a cluster's feature store is one that Feast takes, and its views are of its kind."""

import shutil
from pathlib import Path

import pytest
from feast.infra.offline_stores.file_source import FileSource
from feast.repo_config import load_repo_config

from feature_repo.views import views

CODE = Path(__file__).parents[2]
VARIABLES = {
    "FEAST_REGISTRY_USER": "feast",
    "FEAST_REGISTRY_PASSWORD": "secret",
    "FEAST_REGISTRY_HOST": "postgres.example",
    "FEAST_REDIS": "redis.example:6379,db=1",
    "AWS_ENDPOINT_URL": "http://s3.example:9000",
}


@pytest.fixture
def settings(tmp_path, monkeypatch):
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "feature_store.yaml"
    shutil.copy(CODE / "feature_repo" / "feature_store.cluster.yaml", path)
    return load_repo_config(tmp_path, path)


def test_a_cluster_s_configuration_names_sql_redis_and_spark(settings):
    assert settings.registry.registry_type == "sql"
    assert settings.registry.path == "postgresql+psycopg2://feast:secret@postgres.example:5432/feast"
    assert (settings.online_store.type, settings.offline_store.type) == ("redis", "spark")
    assert settings.online_store.connection_string == "redis.example:6379,db=1"
    assert settings.offline_store.spark_conf["spark.hadoop.fs.s3a.endpoint"] == "http://s3.example:9000"
    assert settings.offline_store.staging_location == "s3a://swayrec/staging"


def test_spark_s_offline_store_gets_sources_that_it_reads(settings):
    made = views("s3a://swayrec/offline", store=settings.offline_store.type)
    sources = {view.name: view.batch_source for view in made}
    assert {type(source).__name__ for source in sources.values()} == {"SparkSource"}
    assert sources["user_history"].path == "s3a://swayrec/offline/user_history.parquet"
    assert {source.file_format for source in sources.values()} == {"parquet"}


def test_one_machine_s_views_stay_files():
    assert all(isinstance(view.batch_source, FileSource) for view in views("offline"))
