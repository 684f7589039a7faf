"""What people type: one module a command, and the way in and out."""
