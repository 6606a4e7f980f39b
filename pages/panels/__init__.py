"""Parts of a screen that answer one question each; a screen shows one of them at a time."""
