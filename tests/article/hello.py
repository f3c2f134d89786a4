# Hello world from a file: `serpens tests/article/hello.py`.
print("Hello world!")

# === stdout
# Hello world!
