"""The feature store: what Feast holds, how it is published from canonical tables, how an answer reads it."""
