"""Settings of the property tests."""

from hypothesis import settings

# a shared or slow machine may take long over any one example; the suite has a time-out of its own
settings.register_profile("cfce", deadline=None)
settings.load_profile("cfce")
