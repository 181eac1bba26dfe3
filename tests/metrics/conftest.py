"""One small company, pulled, built and published once for all tests of its metrics."""

from tests.test_chain import chain, sandbox

__all__ = ("chain", "sandbox")
