"""The command line: the way to see and script everything."""
