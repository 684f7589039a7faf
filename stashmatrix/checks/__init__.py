"""Judgement: what the answers mean for each link."""
