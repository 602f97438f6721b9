"""The commands, a file for each group of verbs; `framing.cli` puts them together."""
