"""The tables and the vocabulary, read once: what phrases, slots, shapes and terms there are."""
