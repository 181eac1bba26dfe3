"""What the rows of an inbox must be before they are accepted."""

from expectations.rows import TABLES

__all__ = ["TABLES"]
