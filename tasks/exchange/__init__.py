"""Plans as files: what they hold, and the formats they come and go in."""
