"""The servers that are measured: Estateman itself, and the peers it stands beside."""
