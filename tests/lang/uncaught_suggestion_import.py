# A misspelt name in an import gets a suggestion.
from _modules.one import loadz

# === stdout
# loading _modules.one
# === stderr
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_suggestion_import.py", line 2, in <module>
#     from _modules.one import loadz
# ImportError: cannot import name 'loadz' from '_modules.one' ($DIR/lang/_modules/one.py)
# === exit 1
