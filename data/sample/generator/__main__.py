"""Write every file of the sample portfolio beside this package, or into a given directory."""

import sys
from pathlib import Path

from .files import files


def main(directory: Path) -> None:
    for name, data in files().items():
        (directory / name).write_bytes(data)
        print(f"{len(data):>9} {name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1])
