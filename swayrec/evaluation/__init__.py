"""How it is judged: splits, metrics, selection, fairness, report."""
