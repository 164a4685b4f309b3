"""The commands of the command line, one a file; nothing slow is imported at a module's top."""
