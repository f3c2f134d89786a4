# A module that does not exist.
import no_such_module.sub

# === stderr
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_module_not_found.py", line 2, in <module>
#     import no_such_module.sub
# ModuleNotFoundError: No module named 'no_such_module'
# === exit 1
