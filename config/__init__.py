"""Settings and logging, which know nothing of the rooms that use them."""

from config.load import ConfigError, Mistake, load_settings
from config.settings import Settings

__all__ = ["ConfigError", "Mistake", "Settings", "load_settings"]
