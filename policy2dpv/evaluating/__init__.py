"""How well we read: graphs against gold, annotators against each other, floors."""
