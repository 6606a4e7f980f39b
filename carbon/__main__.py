"""`python -m carbon` is the command line."""

from carbon.cli import main

main()
