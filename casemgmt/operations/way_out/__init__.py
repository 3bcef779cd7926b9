"""The way out: everything the house owns, in a folder that needs no Haven to be read."""
