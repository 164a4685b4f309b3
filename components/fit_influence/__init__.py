"""The component `fit_influence`."""
