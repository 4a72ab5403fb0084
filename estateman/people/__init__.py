"""The office's staff: users, teams, roles and how they sign in."""
