"""How a frame reaches a socket: the hub of this process, and hints between processes.

The database is the truth and the socket a shortcut: whatever is lost on the way is read again.
"""
