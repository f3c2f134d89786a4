# InterpreterPoolExecutor of the library.
from concurrent.futures import InterpreterPoolExecutor


def main():
    with InterpreterPoolExecutor(2) as pool:
        print(list(pool.map(abs, [-1, 2, -3])), pool.submit(sum, [1, 2, 3]).result())
        try:
            pool.submit(int, "x").result()
        except ValueError as error:
            print(type(error).__name__, error)


if __name__ == "__main__":
    main()

# === stdout
# [1, 2, 3] 6
# ValueError invalid literal for int() with base 10: 'x'
