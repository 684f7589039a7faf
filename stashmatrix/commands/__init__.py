"""What people type: a module for each group of commands, and the way in and out."""
