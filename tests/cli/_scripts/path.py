import sys
print(sys.path[0].endswith("_scripts"))
