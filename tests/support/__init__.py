"""What the whole-system tests stand on: a real server, the real client, and a network that can be made bad."""
