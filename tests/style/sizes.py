#!/usr/bin/env python3
"""Checks that files and functions stay short enough to be read in one go."""
import ast
import re
import sys

from tree import TOP, tracked_files

FILE_LINES = 500
FUNCTION_LINES = 60

# file, or file:function -> why it may be longer
EXCEPTIONS = {
}


def language(name, text):
    if name.endswith((".c", ".h")):
        return "c"
    if name.endswith(".py") or text.startswith("#!/usr/bin/env python3"):
        return "python"
    if name.endswith(".sh") or re.match(r"#!/bin/(ba)?sh", text):
        return "shell"
    return None


def c_functions(text):
    """(name, lines) of each function: kernel style has its braces alone in the first column."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if line != "{" or i == 0:
            continue
        start = i - 1
        # A signature of several lines: all but the first are indented.
        while start > 0 and lines[start][:1] in (" ", "\t"):
            start -= 1
        name = re.search(r"(\w+)\s*\(", " ".join(lines[start:i]))
        end = next((k for k in range(i, len(lines)) if lines[k] == "}"), len(lines) - 1)
        yield name.group(1) if name else f"line {i}", end - start + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.end_lineno - node.lineno + 1


def shell_functions(text):
    lines = text.splitlines()
    for i, line in enumerate(lines):
        name = re.match(r"(\w+) ?\(\) ?[{(]$", line)
        if name:
            end = next((k for k in range(i, len(lines)) if lines[k] in ("}", ")")), len(lines) - 1)
            yield name.group(1), end - i + 1


FUNCTIONS = {"c": c_functions, "python": python_functions, "shell": shell_functions}


def too_long(name, text, kind):
    """(what, lines, limit)"""
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        yield name, lines, FILE_LINES
    for function, length in FUNCTIONS[kind](text):
        if length > FUNCTION_LINES:
            yield f"{name}:{function}", length, FUNCTION_LINES


def main():
    unused = set(EXCEPTIONS)
    wrong = files = 0
    for name in tracked_files():
        text = (TOP / name).read_text(errors="replace")
        kind = language(name, text)
        if not kind:
            continue
        files += 1
        for what, length, limit in too_long(name, text, kind):
            unused.discard(what)
            if what not in EXCEPTIONS:
                print(f"{what}: {length} lines, at most {limit}")
                wrong += 1
    for what in sorted(unused):
        print(f"{what}: is short enough now, drop it from the exceptions")
    print(f"{files} files looked at")
    sys.exit(1 if wrong or unused else 0)


if __name__ == "__main__":
    main()
