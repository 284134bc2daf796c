"""The command line, `bashgah …`: one command a module, assembled by `agents.cli.main`."""
