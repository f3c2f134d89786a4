# A sudoku solver: sets, generators, recursion with backtracking, formatted output.
PUZZLE = """
53. .7. ...
6.. 195 ...
.98 ... .6.
8.. .6. ..3
4.. 8.3 ..1
7.. .2. ..6
.6. ... 28.
... 419 ..5
... .8. .79
"""
DIGITS = set("123456789")


def read(text):
    return [list(line.replace(" ", "")) for line in text.strip().splitlines()]


def candidates(grid, row, column):
    box = row // 3 * 3, column // 3 * 3
    used = set(grid[row]) | {line[column] for line in grid}
    used |= {grid[r][c] for r in range(box[0], box[0] + 3) for c in range(box[1], box[1] + 3)}
    return sorted(DIGITS - used)


def holes(grid):
    return ((r, c) for r, line in enumerate(grid) for c, cell in enumerate(line) if cell == ".")


steps = 0


def solve(grid):
    global steps
    best = min(((len(choices), (r, c), choices) for r, c in holes(grid) for choices in [candidates(grid, r, c)]), default=None)
    if best is None:
        yield ["".join(line) for line in grid]
        return
    _, (r, c), choices = best
    for digit in choices:
        steps += 1
        grid[r][c] = digit
        yield from solve(grid)
    grid[r][c] = "."


def show(lines):
    for i, line in enumerate(lines):
        if i and i % 3 == 0:
            print("------+-------+------")
        print(" | ".join(" ".join(line[k : k + 3]) for k in (0, 3, 6)))


solutions = list(solve(read(PUZZLE)))
print(len(solutions), steps)
show(solutions[0])
assert all(set(line) == DIGITS for line in solutions[0]) and all(set(column) == DIGITS for column in zip(*solutions[0]))

# === stdout
# 1 51
# 5 3 4 | 6 7 8 | 9 1 2
# 6 7 2 | 1 9 5 | 3 4 8
# 1 9 8 | 3 4 2 | 5 6 7
# ------+-------+------
# 8 5 9 | 7 6 1 | 4 2 3
# 4 2 6 | 8 5 3 | 7 9 1
# 7 1 3 | 9 2 4 | 8 5 6
# ------+-------+------
# 9 6 1 | 5 3 7 | 2 8 4
# 2 8 7 | 4 1 9 | 6 3 5
# 3 4 5 | 2 8 6 | 1 7 9
