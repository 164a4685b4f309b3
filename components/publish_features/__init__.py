"""The component `publish_features`."""
