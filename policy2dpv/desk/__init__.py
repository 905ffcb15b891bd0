"""Reviews by clicking: people decide in the explorer, and NAME.review.jsonl keeps it."""
