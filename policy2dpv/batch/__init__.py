"""Many policies in one run: what each input is, which are copies, how common a practice is."""
