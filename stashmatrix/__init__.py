"""Find, open and verify Matrix rooms from the command line."""

__version__ = "0.1.0"
