#!/usr/bin/env python3
"""circles: does nothing in src/ lead back to itself?  Prints one line for each circle.

  - no header includes itself by way of others
  - the same over files, where FILE.c and FILE.h are one
  - no call circle over files: a.c calls a function of b.c, and b.c (perhaps by way of others) one of a.c
"""
import os
import re
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))

WORD = re.compile(r'[A-Za-z_][A-Za-z0-9_]*')
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)
# The house style starts a definition, and nothing else that has parentheses, in the first column.
DEFINITION = re.compile(r'^(?!static|typedef|#|else)[A-Za-z_][^;{}()=]*?\b([a-z_0-9]+)\((?:[^;{}]|\n)*?\)\n\{', re.M)
STATIC = re.compile(r'^static[^;{}()=]*?\b([a-z_0-9]+)\((?:[^;{}]|\n)*?\)\n?[\{;]', re.M)
NO_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)


def components(graph):
    """Tarjan's algorithm: the sets of more than one node that all reach each other."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def unit(path):
    return path.rsplit('.', 1)[0]


def main():
    texts = {}
    for folder, _, names in os.walk('src'):
        for name in names:
            if name.endswith(('.c', '.h')):
                path = os.path.relpath(os.path.join(folder, name), 'src')
                with open(os.path.join(folder, name), encoding='utf-8') as file:
                    texts[path] = file.read()

    headers, units, home, local, words = {}, {}, {}, {}, {}
    for path, text in texts.items():
        included = [name for name in INCLUDE.findall(text) if name in texts]
        if path.endswith('.h'):
            headers[path] = set(included)
        units.setdefault(unit(path), set()).update(unit(name) for name in included if unit(name) != unit(path))
        if path.endswith('.c'):
            code = NO_CODE.sub(' ', text)
            local[path] = set(STATIC.findall(code))
            words[path] = set(WORD.findall(code))
            for name in DEFINITION.findall(code):
                home[name] = path
    calls = {path: {home[word] for word in words[path] - local[path] if home.get(word, path) != path}
             for path in words}

    circles = ([('include', circle) for circle in components(headers)] +
               [('include (FILE.c and FILE.h as one)', circle) for circle in components(units)] +
               [('call', circle) for circle in components(calls)])
    status = 0
    for what, circle in circles:
        print('circles: %s: %s' % (what, ' '.join(circle)))
        status = 1
    if len(home) < len(words):
        print('circles: found only %d functions in %d files: does the pattern still fit the style?' % (len(home), len(words)))
        status = 1
    return status


sys.exit(main())
