"""What the intake counts, for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

RECORDS = Counter("swayrec_intake_records", "Events and items, by what became of them", ["kind", "result"])
"""``result``: stored, known (stood in the log already) or refused."""

DURABLE = Histogram(
    "swayrec_intake_durable_seconds",
    "From a request that is whole to the log that has it on disk",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
FRESH = Histogram(
    "swayrec_intake_freshness_seconds",
    "From an entry in the log to the online store that has it",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60),
)
PUSHED = Counter("swayrec_intake_rows_pushed", "Rows written to the online store", ["view"])
FAILED = Counter("swayrec_intake_pushes_failed", "Times that the online store took nothing")
BEHIND = Gauge("swayrec_intake_behind", "Entries in the log that the online store does not have yet")
ASIDE = Counter(
    "swayrec_intake_rows_left_out", "Rows that a store which takes others refused again and again"
)
