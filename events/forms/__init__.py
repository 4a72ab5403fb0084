"""What the pages of events ask people for."""
