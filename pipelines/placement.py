"""Where a pipeline's steps run on a cluster: image, nodes, resources, volume, secrets; how often and how long.

It takes effect where a package is made for a cluster (``SWAYREC_IMAGE`` names the image, as `make pipelines` does);
kfp.local has no pods to place, and a step that failed over wrong input must not be tried again there.
"""

import os
from dataclasses import dataclass

from kfp import dsl, kubernetes

IMAGE = os.environ.get("SWAYREC_IMAGE", "")
GPU_IMAGE = os.environ.get("SWAYREC_GPU_IMAGE", IMAGE)
GPUS = int(os.environ.get("SWAYREC_GPUS", "1"))
"""Of a step that can use one; 0 = the cluster has none for training."""

WORKSPACE, CLAIM = "/workspace", "swayrec-workspace"
CONFIG, S3, REDIS, WEBHOOK = "swayrec-config", "swayrec-s3", "swayrec-redis", "swayrec-webhook"
_GPU = "nvidia.com/gpu"
_SETTINGS = (
    "MLFLOW_TRACKING_URI",
    "SWAYREC_ARTIFACTS",
    "SWAYREC_FEATURES",
    "SWAYREC_DATA",
    "SWAYREC_PROMETHEUS",
    "AWS_ENDPOINT_URL",
    "AWS_DEFAULT_REGION",
)
_SECRETS = {
    S3: ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    REDIS: ("REDIS_PASSWORD", "SWAYREC_EVENT_LOG"),
    WEBHOOK: ("SWAYREC_WEBHOOK", "SWAYREC_WEBHOOK_TOKEN"),
}
_USER = 10001


@dataclass(frozen=True)
class Needs:
    """What a step asks of a node, and what it may cost.

    ``memory`` is also its limit: a step that needs more is ended, not its neighbors. ``minutes`` is the longest time
    for one try. A step is ``repeatable`` where a second try does no harm and may help, ``cached`` where its inputs
    alone decide its result.
    """

    cpu: str = "1"
    memory: str = "4G"
    minutes: int = 60
    gpu: bool = False
    repeatable: bool = True
    cached: bool = True


def placed(task: dsl.PipelineTask, needs: Needs, image: str, gpu_image: str = "") -> dsl.PipelineTask:
    """The task, with its needs.

    Args:
        task: of a component of this repository.
        needs: of the step.
        image: a pipeline's parameter, or the name of an image.
        gpu_image: the same for steps on a GPU.
    """
    if not IMAGE:
        return task
    on_gpu = needs.gpu and GPUS > 0
    task.set_container_image(gpu_image if on_gpu else image)
    task.set_cpu_request(needs.cpu).set_memory_request(needs.memory).set_memory_limit(needs.memory)
    task.set_caching_options(needs.cached)
    if needs.repeatable:
        task.set_retry(2, backoff_duration="30s", backoff_factor=2.0, backoff_max_duration="300s")
    kubernetes.set_timeout(task, 60 * needs.minutes)
    if on_gpu:
        task.set_accelerator_type(_GPU).set_accelerator_limit(GPUS)
        # NVIDIA's GPU operator labels its nodes so; managed clusters taint them so.
        kubernetes.add_node_selector(task, "nvidia.com/gpu.present", "true")
        kubernetes.add_toleration(task, key=_GPU, operator="Exists", effect="NoSchedule")
    kubernetes.mount_pvc(task, CLAIM, WORKSPACE)
    kubernetes.empty_dir_mount(task, "tmp", "/tmp")
    kubernetes.use_config_map_as_env(task, CONFIG, {name: name for name in _SETTINGS}, optional=True)
    for secret, keys in _SECRETS.items():
        kubernetes.use_secret_as_env(task, secret, {name: name for name in keys}, optional=True)
    kubernetes.set_security_context(task, run_as_user=_USER, run_as_group=_USER, run_as_non_root=True)
    kubernetes.add_pod_label(task, "app.kubernetes.io/name", "swayrec")
    kubernetes.add_pod_label(task, "app.kubernetes.io/component", "pipeline")
    return task
