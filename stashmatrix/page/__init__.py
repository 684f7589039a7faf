"""The rooms page of a community, both ways: into a catalogue, and out of one."""
