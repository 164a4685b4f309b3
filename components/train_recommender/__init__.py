"""The component `train_recommender`."""
