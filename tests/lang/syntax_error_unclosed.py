# A bracket that is never closed.
values = (1,
          2
print("here")

# === stderr
#   File "$DIR/lang/syntax_error_unclosed.py", line 2
#     values = (1,
#              ^
# SyntaxError: '(' was never closed
# === exit 1
