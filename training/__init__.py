"""Training, evaluation and model cards: imports `framing`, never the reverse."""
