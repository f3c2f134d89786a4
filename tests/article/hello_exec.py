# Hello world by exec(), in this interpreter's own __main__.
exec("print('Hello world!')")

# === stdout
# Hello world!
