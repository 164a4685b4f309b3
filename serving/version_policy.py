"""Which of a model's versions are served, and their labels, said as TensorFlow Serving says it.

The file of ``--model-config-file`` and the message of HandleReloadConfigRequest are its ModelServerConfig.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from swayrec.tables.errors import InputError


@dataclass(frozen=True)
class VersionPolicy:
    """The newest ``latest`` versions, or those in ``specific``, or all (both None); ``labels`` name versions."""

    latest: int | None = 1
    specific: frozenset[int] | None = None
    labels: Mapping[str, int] = field(default_factory=dict)

    def wanted(self, numbers: Iterable[int]) -> set[int]:
        """The versions to serve among those that lie in the model's folder."""
        there = set(numbers)
        if self.specific is not None:
            return there & self.specific
        if self.latest is not None:
            return set(sorted(there)[-self.latest :])
        return there

    @classmethod
    def of(cls, config: model_server_config_pb2.ModelConfig) -> "VersionPolicy":
        """The policy of one model's ModelConfig; without one, the newest version.

        Raises:
            InputError: it keeps no version.
        """
        asked, labels = config.model_version_policy, dict(config.version_labels)
        kind = asked.WhichOneof("policy_choice")
        if kind == "all":
            return cls(None, None, labels)
        if kind == "specific":
            if not asked.specific.versions:
                raise InputError(f"model {config.name}: a specific version policy must name a version")
            return cls(None, frozenset(asked.specific.versions), labels)
        return cls(asked.latest.num_versions or 1, None, labels)


def only(config: model_server_config_pb2.ModelServerConfig) -> model_server_config_pb2.ModelConfig:
    """The one model of a ModelServerConfig.

    Raises:
        InputError: there is none, or more.
    """
    models = config.model_config_list.config
    if len(models) != 1:
        raise InputError(f"the model config names {len(models)} models; this server serves one")
    return models[0]


def read(path: Path) -> model_server_config_pb2.ModelConfig:
    """The one model of a ModelServerConfig in text form.

    Raises:
        InputError: the file is missing, is no such message, or names no or several models.
    """
    try:
        config = text_format.Parse(
            path.read_text(encoding="utf-8"), model_server_config_pb2.ModelServerConfig()
        )
        return only(config)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: this is no ModelServerConfig in text form ({error})") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
