"""Plans: the grid of trials that a command asks for, what a trial is, and which code fits it."""
