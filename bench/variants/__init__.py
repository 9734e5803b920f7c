"""The registry of variants, the built-in ones, and plug-ins."""
