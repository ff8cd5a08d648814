"""The wall: how a kernel is started so that what runs in it can reach nothing it was not given."""
