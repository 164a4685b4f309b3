"""The quality benchmark: a scenario's model, its baselines and its ablations on the same cases, test touched once."""
