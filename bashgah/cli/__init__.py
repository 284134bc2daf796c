"""The command line, `bashgah …`: one command a module, assembled by `bashgah.cli.main`."""
