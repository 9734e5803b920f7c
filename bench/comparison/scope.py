"""What a claim generalises to, and when none is made."""

from dataclasses import dataclass

FEWEST_USERS = 10
"""Effective users below which no verdict is given."""
FEW_USERS = 30
"""Effective users below which a verdict comes with a warning."""
MOST_LOST = 0.05
"""Share of lost trainings of either side above which no verdict is given."""


@dataclass(frozen=True)
class Scope:
    """The design behind a comparison."""

    n_splits: int
    n_shared_seeds: int
    """Seeds that repeat in several splits; 0 where each split has its own."""
    n_fits: int
    effective_users: float
    lost: tuple[tuple[str, int, int], ...] = ()
    """Configuration, trainings lost (failed, diverged or unreadable), trainings in all; of those that lost any."""
    edges: tuple[str, ...] = ()
    """Where a chosen learning rate is at an end of its grid, in words."""

    @property
    def generalises_to(self) -> str:
        """The populations that the claim is about.

        >>> Scope(10, 0, 10, 500.0).generalises_to, Scope(1, 0, 5, 500.0).generalises_to
        ('other splits, seeds and users', 'other seeds and users, on this split')
        >>> Scope(10, 1, 10, 500.0).generalises_to
        'other splits and users, with this seed'
        """
        if self.n_splits == 1:
            return "other seeds and users, on this split" if self.n_fits > 1 else "other users, on this split and with this seed"
        if self.n_shared_seeds == 1:
            return "other splits and users, with this seed"
        return "other splits, seeds and users"

    @property
    def withheld(self) -> str:
        """Why no verdict is given, as a clause; empty where one may be."""
        if self.n_splits > 1 and self.n_shared_seeds == 1:
            return "every split has the same seed, so other seeds may turn it; run more seeds (--seeds, without --crossed)"
        if self.effective_users < FEWEST_USERS:
            return f"the test ratings weigh as those of {self.effective_users:.0f} users, too few for a verdict"
        if any(lost > MOST_LOST * total for _, lost, total in self.lost):
            return f"{self.told_losses}, and the survivors may be the lucky ones"
        return ""

    @property
    def told_losses(self) -> str:
        """The lost trainings in words; empty for none."""
        return " and ".join(f"{lost} of {total} trainings of {name} were lost" for name, lost, total in self.lost)

    @property
    def warning(self) -> str:
        """What weakens a verdict, as a clause; empty where nothing does."""
        parts = [self.told_losses] if self.lost else []
        if self.effective_users < FEW_USERS:
            parts.append(f"the test ratings weigh as those of {self.effective_users:.0f} users only")
        parts += self.edges
        return "; ".join(parts)
