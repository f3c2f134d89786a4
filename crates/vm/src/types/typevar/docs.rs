//! The documentation of the typing types.

pub(super) const TYPE_VAR: &str = "\
Type variable.\n\
\n\
The preferred way to construct a type variable is via the dedicated\n\
syntax for generic functions, classes, and type aliases::\n\
\n\
\x20   class Sequence[T]:  # T is a TypeVar\n\
\x20       ...\n\
\n\
This syntax can also be used to create bound and constrained type\n\
variables::\n\
\n\
\x20   # S is a TypeVar bound to str\n\
\x20   class StrSequence[S: str]:\n\
\x20       ...\n\
\n\
\x20   # A is a TypeVar constrained to str or bytes\n\
\x20   class StrOrBytesSequence[A: (str, bytes)]:\n\
\x20       ...\n\
\n\
Type variables can also have defaults:\n\
\n\
\x20   class IntDefault[T = int]:\n\
\x20       ...\n\
\n\
However, if desired, reusable type variables can also be constructed\n\
manually, like so::\n\
\n\
\x20  T = TypeVar('T')  # Can be anything\n\
\x20  S = TypeVar('S', bound=str)  # Can be any subtype of str\n\
\x20  A = TypeVar('A', str, bytes)  # Must be exactly str or bytes\n\
\x20  D = TypeVar('D', default=int)  # Defaults to int\n\
\n\
Type variables exist primarily for the benefit of static type\n\
checkers.  They serve as the parameters for generic types as well\n\
as for generic function and type alias definitions.\n\
\n\
The variance of type variables is inferred by type checkers when they\n\
are created through the type parameter syntax and when\n\
``infer_variance=True`` is passed. Manually created type variables may\n\
be explicitly marked covariant or contravariant by passing\n\
``covariant=True`` or ``contravariant=True``. By default, manually\n\
created type variables are invariant. See PEP 484 and PEP 695 for more\n\
details.\n\
";

pub(super) const PARAM_SPEC: &str = "\
Parameter specification variable.\n\
\n\
The preferred way to construct a parameter specification is via the\n\
dedicated syntax for generic functions, classes, and type aliases,\n\
where the use of '**' creates a parameter specification::\n\
\n\
\x20   type IntFunc[**P] = Callable[P, int]\n\
\n\
The following syntax creates a parameter specification that defaults\n\
to a callable accepting two positional-only arguments of types int\n\
and str:\n\
\n\
\x20   type IntFuncDefault[**P = [int, str]] = Callable[P, int]\n\
\n\
For compatibility with Python 3.11 and earlier, ParamSpec objects\n\
can also be created as follows::\n\
\n\
\x20   P = ParamSpec('P')\n\
\x20   DefaultP = ParamSpec('DefaultP', default=[int, str])\n\
\n\
Parameter specification variables exist primarily for the benefit of\n\
static type checkers.  They are used to forward the parameter types of\n\
one callable to another callable, a pattern commonly found in\n\
higher-order functions and decorators.  They are only valid when used\n\
in ``Concatenate``, or as the first argument to ``Callable``, or as\n\
parameters for user-defined Generics. See class Generic for more\n\
information on generic types.\n\
\n\
An example for annotating a decorator::\n\
\n\
\x20   def add_logging[**P, T](f: Callable[P, T]) -> Callable[P, T]:\n\
\x20       '''A type-safe decorator to add logging to a function.'''\n\
\x20       def inner(*args: P.args, **kwargs: P.kwargs) -> T:\n\
\x20           logging.info(f'{f.__name__} was called')\n\
\x20           return f(*args, **kwargs)\n\
\x20       return inner\n\
\n\
\x20   @add_logging\n\
\x20   def add_two(x: float, y: float) -> float:\n\
\x20       '''Add two numbers together.'''\n\
\x20       return x + y\n\
\n\
Parameter specification variables can be introspected. e.g.::\n\
\n\
\x20   >>> P = ParamSpec(\"P\")\n\
\x20   >>> P.__name__\n\
\x20   'P'\n\
\n\
Note that only parameter specification variables defined in the global\n\
scope can be pickled.\n\
";

pub(super) const TYPE_VAR_TUPLE: &str = "\
Type variable tuple. A specialized form of type variable that enables\n\
variadic generics.\n\
\n\
The preferred way to construct a type variable tuple is via the\n\
dedicated syntax for generic functions, classes, and type aliases,\n\
where a single '*' indicates a type variable tuple::\n\
\n\
\x20   def move_first_element_to_last[T, *Ts](tup: tuple[T, *Ts]) -> tuple[*Ts, T]:\n\
\x20       return (*tup[1:], tup[0])\n\
\n\
Type variables tuples can have default values:\n\
\n\
\x20   type AliasWithDefault[*Ts = (str, int)] = tuple[*Ts]\n\
\n\
For compatibility with Python 3.11 and earlier, TypeVarTuple objects\n\
can also be created as follows::\n\
\n\
\x20   Ts = TypeVarTuple('Ts')  # Can be given any name\n\
\x20   DefaultTs = TypeVarTuple('Ts', default=(str, int))\n\
\n\
Just as a TypeVar (type variable) is a placeholder for a single type,\n\
a TypeVarTuple is a placeholder for an *arbitrary* number of types. For\n\
example, if we define a generic class using a TypeVarTuple::\n\
\n\
\x20   class C[*Ts]: ...\n\
\n\
Then we can parameterize that class with an arbitrary number of type\n\
arguments::\n\
\n\
\x20   C[int]       # Fine\n\
\x20   C[int, str]  # Also fine\n\
\x20   C[()]        # Even this is fine\n\
\n\
For more details, see PEP 646.\n\
\n\
Note that only TypeVarTuples defined in the global scope can be\n\
pickled.\n\
";

pub(super) const PARAM_SPEC_ARGS: &str = "\
The args for a ParamSpec object.\n\
\n\
Given a ParamSpec object P, P.args is an instance of ParamSpecArgs.\n\
\n\
ParamSpecArgs objects have a reference back to their ParamSpec::\n\
\n\
\x20   >>> P = ParamSpec(\"P\")\n\
\x20   >>> P.args.__origin__ is P\n\
\x20   True\n\
\n\
This type is meant for runtime introspection and has no special meaning\n\
to static type checkers.\n\
";

pub(super) const PARAM_SPEC_KWARGS: &str = "\
The kwargs for a ParamSpec object.\n\
\n\
Given a ParamSpec object P, P.kwargs is an instance of ParamSpecKwargs.\n\
\n\
ParamSpecKwargs objects have a reference back to their ParamSpec::\n\
\n\
\x20   >>> P = ParamSpec(\"P\")\n\
\x20   >>> P.kwargs.__origin__ is P\n\
\x20   True\n\
\n\
This type is meant for runtime introspection and has no special meaning\n\
to static type checkers.\n\
";

pub(super) const TYPE_ALIAS: &str = "\
Type alias.\n\
\n\
Type aliases are created through the type statement::\n\
\n\
\x20   type Alias = int\n\
\n\
In this example, Alias and int will be treated equivalently by static\n\
type checkers.\n\
\n\
At runtime, Alias is an instance of TypeAliasType. The __name__\n\
attribute holds the name of the type alias. The value of the type alias\n\
is stored in the __value__ attribute. It is evaluated lazily, so the\n\
value is computed only if the attribute is accessed.\n\
\n\
Type aliases can also be generic::\n\
\n\
\x20   type ListOrSet[T] = list[T] | set[T]\n\
\n\
In this case, the type parameters of the alias are stored in the\n\
__type_params__ attribute.\n\
\n\
See PEP 695 for more information.\n\
";

pub(super) const GENERIC: &str = "\
Abstract base class for generic types.\n\
\n\
On Python 3.12 and newer, generic classes implicitly inherit from\n\
Generic when they declare a parameter list after the class's name::\n\
\n\
\x20   class Mapping[KT, VT]:\n\
\x20       def __getitem__(self, key: KT) -> VT:\n\
\x20           ...\n\
\x20       # Etc.\n\
\n\
On older versions of Python, however, generic classes have to\n\
explicitly inherit from Generic.\n\
\n\
After a class has been declared to be generic, it can then be used as\n\
follows::\n\
\n\
\x20   def lookup_name[KT, VT](mapping: Mapping[KT, VT], key: KT, default: VT) -> VT:\n\
\x20       try:\n\
\x20           return mapping[key]\n\
\x20       except KeyError:\n\
\x20           return default\n\
";
