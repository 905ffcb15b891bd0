"""How common a practice is: policies for people to look at, and what they say of all."""
