import sys
print(__name__, [a.rpartition("/")[2] for a in sys.argv])
