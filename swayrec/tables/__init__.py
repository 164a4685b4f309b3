"""What comes in: canonical tables, the scenario that describes raw data, ingest, text and history."""
