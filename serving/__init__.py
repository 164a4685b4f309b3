"""What answers: the one way to answer, and the processes around it (predictor, transformer)."""
