# The Mandelbrot set, by floats and by complex numbers.
import sys
import time


def by_floats(size, limit):
    inside = 0
    for row in range(size):
        ci = 2.0 * row / size - 1.0
        for column in range(size):
            cr = 2.0 * column / size - 1.5
            zr = zi = 0.0
            n = 0
            while n < limit and zr * zr + zi * zi <= 4.0:
                zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
                n += 1
            inside += n == limit
    return inside


def by_complex(size, limit):
    inside = 0
    for row in range(size):
        for column in range(size):
            c = complex(2.0 * column / size - 1.5, 2.0 * row / size - 1.0)
            z = 0j
            for _ in range(limit):
                z = z * z + c
                if abs(z) > 2.0:
                    break
            else:
                inside += 1
    return inside


def main():
    return by_floats(150, 50), by_complex(100, 50)


begin = time.perf_counter()
for _ in range(4):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
