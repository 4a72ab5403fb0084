"""What has to run inside Django, in a process of its own with the environment of one stack."""
