"""Many policies in one run: sources, shards that survive any end, gates, copies, engines."""
