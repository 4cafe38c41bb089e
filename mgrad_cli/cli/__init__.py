"""The command line: arguments, bindings, options and commands."""
