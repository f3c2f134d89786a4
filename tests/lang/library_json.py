# json of the library.
import json

data = {"a": [1, 2.5, None, True], "b": {"c": "é\n\"q\""}, "d": 1e100, "e": -0.0, "f": 10**20}
text = json.dumps(data)
print(text, json.loads(text) == data, json.dumps(data, indent=1, sort_keys=True)[:30], json.dumps("é", ensure_ascii=False), json.loads("[1e3, -1, \"\\u00e9\\ud83d\\ude00\"]"))
for bad in "", "{", "[1,]", "nul", "\"\x01\"", "{'a': 1}", "[1] x":
    try:
        json.loads(bad)
    except json.JSONDecodeError as error:
        print(error)
try:
    json.dumps({1, 2})
except TypeError as error:
    print(error)

# === stdout
# {"a": [1, 2.5, null, true], "b": {"c": "\u00e9\n\"q\""}, "d": 1e+100, "e": -0.0, "f": 100000000000000000000} True {
#  "a": [
#   1,
#   2.5,
#   null,
#  "é" [1000.0, -1, 'é😀']
# Expecting value: line 1 column 1 (char 0)
# Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
# Illegal trailing comma before end of array: line 1 column 3 (char 2)
# Expecting value: line 1 column 1 (char 0)
# Invalid control character at: line 1 column 2 (char 1)
# Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
# Extra data: line 1 column 5 (char 4)
# Object of type set is not JSON serializable
