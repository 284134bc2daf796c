"""`python -m bashgah` is `bashgah`."""

from bashgah.cli.main import main

main()
