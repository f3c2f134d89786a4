# A misspelt attribute gets a suggestion.
class Account:
    def __init__(self):
        self.balance = 5


print(Account().balence)

# === stderr
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_suggestion_attribute.py", line 7, in <module>
#     print(Account().balence)
#           ^^^^^^^^^^^^^^^^^
# AttributeError: 'Account' object has no attribute 'balence'. Did you mean: 'balance'?
# === exit 1
