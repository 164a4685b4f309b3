"""What runs it: workspace, registry, gate, policy, monitoring."""
