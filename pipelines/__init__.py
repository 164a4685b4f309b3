"""Pipelines of components: one definition each, for one machine and for a cluster."""
