# Assignment to what cannot be assigned to, after a line with wide characters.
name = "日本"; f(name) = 3

# === stderr
#   File "$DIR/lang/syntax_error_target.py", line 2
#     name = "日本"; f(name) = 3
#                  ^^^^^^^
# SyntaxError: cannot assign to function call here. Maybe you meant '==' instead of '='?
# === exit 1
