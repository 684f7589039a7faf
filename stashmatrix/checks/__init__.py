"""Judgement: what the facts mean for each link."""
