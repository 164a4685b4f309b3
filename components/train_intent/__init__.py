"""The component `train_intent`."""
