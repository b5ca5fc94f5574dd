"""Settings and logging, which know nothing of the rooms that use them."""

from config.load import load_settings
from config.mistakes import ConfigError, Mistake
from config.settings import Settings

__all__ = ["ConfigError", "Mistake", "Settings", "load_settings"]
