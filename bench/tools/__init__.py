"""What a command does beside a run: draw a variant, look over the machine, sweep learning rates."""
