# A module's name that was not imported gets a hint.
print(math.pi)

# === stderr
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_forgotten_import.py", line 2, in <module>
#     print(math.pi)
#           ^^^^
# NameError: name 'math' is not defined. Did you forget to import 'math'?
# === exit 1
