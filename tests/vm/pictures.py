#!/usr/bin/env python3
"""Draws docs/doctor/ anew: what `sandbox doctor` says in each test machine.

    run.py doctor | pictures.py [DIR]

Reads the results of run.py; each picture is in the comments below the check of its name.  Touches DIR (docs/doctor).
"""
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    """Each picture into a file of its name."""
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(TOP, 'docs', 'doctor')
    pictures, lines = {}, []
    for line in sys.stdin:
        name = re.search(r': the picture (\S+)$', line.rstrip())
        if name:
            lines = pictures[name.group(1)] = []
        elif line.startswith('#'):
            lines.append(line[2:].rstrip() + '\n')
        else:
            lines = []
    for name, text in pictures.items():
        with open(os.path.join(directory, name + '.txt'), 'w', encoding='utf-8') as f:
            f.writelines(text)
        print(name)


if __name__ == '__main__':
    main()
