"""Tests here are coroutines and need a browser."""

from tests.browser.axe import axe
from tests.coroutines import pytest_pyfunc_call

__all__ = ["axe", "pytest_pyfunc_call"]
