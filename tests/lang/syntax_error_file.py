# A syntax error in the program itself: file, line, caret, exit code 1; nothing runs.
print("never printed")
x = [1, 2 3]

# === stderr
#   File "$DIR/lang/syntax_error_file.py", line 3
#     x = [1, 2 3]
#             ^^^
# SyntaxError: invalid syntax. Perhaps you forgot a comma?
# === exit 1
