"""Monitoring: what came in, what was shown and what people did next, against what was usual at the last training."""
