"""What is learned: encoder, kernels, choices, influence, scoring, intent, recommender, baselines."""
