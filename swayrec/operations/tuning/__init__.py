"""Hyper-parameter search: the space that a scenario declares, searched here with Optuna or on a cluster with Katib."""
