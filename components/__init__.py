"""Kubeflow Pipelines components, one folder each: doors that make a call or two into the package."""
