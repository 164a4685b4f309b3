"""Another version into an InferenceService of a cluster: a canary, what it is judged by, promotion or withdrawal."""
