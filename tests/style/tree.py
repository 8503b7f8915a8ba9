"""The project's files, for the checks of style."""
import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parent.parent.parent


def tracked_files(*patterns):
    """Names, relative to TOP, of what is under version control and there."""
    listed = subprocess.run(["git", "ls-files", "-z", "--", *patterns], cwd=TOP, check=True, stdout=subprocess.PIPE, text=True)
    return [name for name in listed.stdout.split("\0") if name and (TOP / name).is_file()]
