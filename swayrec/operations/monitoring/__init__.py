"""Watching what is served: drift, quality and fairness of what came in, was shown and was done next."""
