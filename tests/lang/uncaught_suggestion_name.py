# A misspelt name gets a suggestion.
counter = 1
print(couter)

# === stderr
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_suggestion_name.py", line 3, in <module>
#     print(couter)
#           ^^^^^^
# NameError: name 'couter' is not defined. Did you mean: 'counter'?
# === exit 1
