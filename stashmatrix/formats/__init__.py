"""What is shown: reports and listings, as text or drawn for a terminal."""
