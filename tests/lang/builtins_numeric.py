# Built-in functions over numbers and collections, with their errors.
print(abs(-3), abs(-2.5), divmod(7, 2), pow(2, 10), pow(2, 3, 5), round(2.567, 2), sum([1, 2.5]), sum([[1], [2]], []), min(3, 1), max([1, 5]), min("b", "a", key=ord), max([], default="none"), sum([0.1] * 10))
print(all([]), any([]), bool(""), int("12"), float("1.5"), complex(1, 2), str(1), chr(97), ord("a"), hex(10), oct(8), bin(2), len("abc"), hash(5), id(1) == id(1))
print(isinstance(1, (str, int)), issubclass(bool, (str, int)), callable(len), callable(5), type(1), type(type), repr("a"), ascii("é"), format(5, "03"), sorted([2, 1]), list(reversed("ab")))
print(getattr(1, "real"), hasattr(1, "x"), dir([])[-3:], vars(type("X", (), {"a": 1}))["a"], eval("1 + 1"), compile("1", "s", "eval").co_filename, isinstance(globals(), dict))
for bad in (
    "abs('a')", "sum(['a', 'b'])", "sum('ab')", "min()", "min([])", "max(1)", "max(1, 'a')", "round('a')", "pow('a', 2)", "divmod(1, 'a')", "len(5)", "ord(5)", "chr('a')", "hex(1.5)", "int([])", "float([])", "complex('x')",
    "isinstance(1, 2)", "issubclass(1, int)", "hash({})", "getattr(1)", "getattr(1, 2)", "setattr(1, 'x', 2)", "delattr(1, 'x')", "eval(5)", "exec(5)", "compile('1', 's', 'bad')", "format(1, 2)", "vars(1)", "bytes(object())", "type('X')", "type(1, 2)", "super()", "round(1.5, 'a')", "bool(1, 2)", "sorted(1)", "sorted([1, 'a'])", "sorted([1], 2)",
    "int('5', 99)", "int(5, 10)", "iter()", "print(sep=1)", "input(1, 2)", "open('/does/not/exist')", "open(5.5)", "open('x', 'q')", "__import__(5)", "object().x", "memoryview(5)", "breakpoint", "property().fget", "staticmethod()", "enumerate(5)", "float('x')", "str(1, 2, 3, 4)", "list(1, 2)", "tuple(1, 2)", "dict(1, 2)", "slice()", "range('a')", "zip(1)", "chr(1.0)", "id()", "float(10 ** 400)", "round(float('nan'))", "round(float('inf'))",
):
    try:
        value = eval(bad)
        print(bad, "=", "..." if callable(value) else value)
    except Exception as error:
        print(bad, "->", type(error).__name__, error)
print(print("a", "b", sep="-", end="!\n"), print(), print(1, None, [1], sep=""))
print(int.__add__(1, 2), (5).__class__, int.__name__, int.__doc__[:20], len.__name__, len.__self__.__name__, "".join.__name__, [].append.__qualname__, str.join.__objclass__ if hasattr(str.join, "__objclass__") else "")
print(type(len), type([].append), type(str.join), type(int.__add__), type((1).__add__), type(print), type(None), type(...), type(NotImplemented), type(lambda: 0), type(T := 5))
print(None, Ellipsis, NotImplemented, True, __debug__, ..., repr(...), type(None)() is None, bool(NotImplemented) if False else "")
print(dir(type("Y", (), {"b": 1, "a": 2}))[-2:], [n for n in dir() if n in ("bad", "error")], sorted(vars())[-1], hasattr(__builtins__, "len"))

# === stdout
# 3 2.5 (3, 1) 1024 3 2.57 3.5 [1, 2] 1 5 a none 1.0
# True False False 12 1.5 (1+2j) 1 a 97 0xa 0o10 0b10 3 5 True
# True True True False <class 'int'> <class 'type'> 'a' '\xe9' 005 [1, 2] ['b', 'a']
# 1 False ['remove', 'reverse', 'sort'] 1 2 s True
# abs('a') -> TypeError bad operand type for abs(): 'str'
# sum(['a', 'b']) -> TypeError unsupported operand type(s) for +: 'int' and 'str'
# sum('ab') -> TypeError unsupported operand type(s) for +: 'int' and 'str'
# min() -> TypeError min expected at least 1 argument, got 0
# min([]) -> ValueError min() iterable argument is empty
# max(1) -> TypeError 'int' object is not iterable
# max(1, 'a') -> TypeError '>' not supported between instances of 'str' and 'int'
# round('a') -> TypeError type str doesn't define __round__ method
# pow('a', 2) -> TypeError unsupported operand type(s) for ** or pow(): 'str' and 'int'
# divmod(1, 'a') -> TypeError unsupported operand type(s) for divmod(): 'int' and 'str'
# len(5) -> TypeError object of type 'int' has no len()
# ord(5) -> TypeError ord() expected string of length 1, but int found
# chr('a') -> TypeError 'str' object cannot be interpreted as an integer
# hex(1.5) -> TypeError 'float' object cannot be interpreted as an integer
# int([]) -> TypeError int() argument must be a string, a bytes-like object or a real number, not 'list'
# float([]) -> TypeError float() argument must be a string or a real number, not 'list'
# complex('x') -> ValueError complex() arg is a malformed string
# isinstance(1, 2) -> TypeError isinstance() arg 2 must be a type, a tuple of types, or a union
# issubclass(1, int) -> TypeError issubclass() arg 1 must be a class
# hash({}) -> TypeError unhashable type: 'dict'
# getattr(1) -> TypeError getattr expected at least 2 arguments, got 1
# getattr(1, 2) -> TypeError attribute name must be string, not 'int'
# setattr(1, 'x', 2) -> AttributeError 'int' object has no attribute 'x' and no __dict__ for setting new attributes
# delattr(1, 'x') -> AttributeError 'int' object has no attribute 'x' and no __dict__ for setting new attributes
# eval(5) -> TypeError eval() arg 1 must be a string, bytes or code object
# exec(5) -> TypeError exec() arg 1 must be a string, bytes or code object
# compile('1', 's', 'bad') -> ValueError compile() mode must be 'exec', 'eval' or 'single'
# format(1, 2) -> TypeError format() argument 2 must be str, not int
# vars(1) -> TypeError vars() argument must have __dict__ attribute
# bytes(object()) -> TypeError cannot convert 'object' object to bytes
# type('X') = ...
# type(1, 2) -> TypeError type() takes 1 or 3 arguments
# super() -> RuntimeError super(): no arguments
# round(1.5, 'a') -> TypeError 'str' object cannot be interpreted as an integer
# bool(1, 2) -> TypeError bool expected at most 1 argument, got 2
# sorted(1) -> TypeError 'int' object is not iterable
# sorted([1, 'a']) -> TypeError '<' not supported between instances of 'str' and 'int'
# sorted([1], 2) -> TypeError sorted expected 1 argument, got 2
# int('5', 99) -> ValueError int() base must be >= 2 and <= 36, or 0
# int(5, 10) -> TypeError int() can't convert non-string with explicit base
# iter() -> TypeError iter expected at least 1 argument, got 0
# print(sep=1) -> TypeError sep must be None or a string, not int
# input(1, 2) -> TypeError input expected at most 1 argument, got 2
# open('/does/not/exist') -> FileNotFoundError [Errno 2] No such file or directory: '/does/not/exist'
# open(5.5) -> TypeError expected str, bytes or os.PathLike object, not float
# open('x', 'q') -> ValueError invalid mode: 'q'
# __import__(5) -> TypeError module name must be a string
# object().x -> AttributeError 'object' object has no attribute 'x'
# memoryview(5) -> TypeError memoryview: a bytes-like object is required, not 'int'
# breakpoint = ...
# property().fget = None
# staticmethod() -> TypeError staticmethod expected 1 argument, got 0
# enumerate(5) -> TypeError 'int' object is not iterable
# float('x') -> ValueError could not convert string to float: 'x'
# str(1, 2, 3, 4) -> TypeError str expected at most 3 arguments, got 4
# list(1, 2) -> TypeError list expected at most 1 argument, got 2
# tuple(1, 2) -> TypeError tuple expected at most 1 argument, got 2
# dict(1, 2) -> TypeError dict expected at most 1 argument, got 2
# slice() -> TypeError slice expected at least 1 argument, got 0
# range('a') -> TypeError 'str' object cannot be interpreted as an integer
# zip(1) -> TypeError 'int' object is not iterable
# chr(1.0) -> TypeError 'float' object cannot be interpreted as an integer
# id() -> TypeError id() takes exactly one argument (0 given)
# float(10 ** 400) -> OverflowError int too large to convert to float
# round(float('nan')) -> ValueError cannot convert float NaN to integer
# round(float('inf')) -> OverflowError cannot convert float infinity to integer
# a-b!
#
# 1None[1]
# None None None
# 3 <class 'int'> int int([x]) -> integer
#  len builtins join list.append <class 'str'>
# <class 'builtin_function_or_method'> <class 'builtin_function_or_method'> <class 'method_descriptor'> <class 'wrapper_descriptor'> <class 'method-wrapper'> <class 'builtin_function_or_method'> <class 'NoneType'> <class 'ellipsis'> <class 'NotImplementedType'> <class 'function'> <class 'int'>
# None Ellipsis NotImplemented True True Ellipsis Ellipsis True 
# ['a', 'b'] ['bad'] value True
