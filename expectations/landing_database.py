"""What the rows of a company's own databases must be before they are accepted."""

from expectations.rows import TABLES

__all__ = ["TABLES"]
