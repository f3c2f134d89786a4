# An indentation error in the program itself.
def f():
    x = 1
      y = 2

# === stderr
#   File "$DIR/lang/syntax_error_indentation.py", line 4
#     y = 2
# IndentationError: unexpected indent
# === exit 1
