//! `str` as Python sees it: the table of methods and slots.

use super::{Str, case, classify, format, index, join, make, pad, percent, repr, search, split, translate};
use crate::native::MethodDef;
use crate::types::slots::{BinOp, Slots};
use crate::types::typeobj::{TypeDef, tflag};

/// The type `str`.
pub static TYPE: TypeDef = TypeDef::new::<Str>("str")
    .doc(
        "str(object='') -> str\n\
        str(bytes_or_buffer[, encoding[, errors]]) -> str\n\
        \n\
        Create a new string object from the given object. If encoding or\n\
        errors is specified, then the object must expose a data buffer\n\
        that will be decoded using the given encoding and error handler.\n\
        Otherwise, returns the result of object.__str__() (if defined)\n\
        or repr(object).\n\
        encoding defaults to 'utf-8'.\n\
        errors defaults to 'strict'.",
    )
    .basetype()
    .flags(tflag::STR | tflag::MATCH_SELF)
    .slots(
        Slots {
            new: Some(make::new),
            repr: Some(repr::repr),
            str: Some(make::str_of_str),
            hash: Some(|vm, v| Ok(v.downcast::<Str>().map_or(0, |s| s.hash(vm) as i64))),
            richcmp: Some(index::richcmp),
            iter: Some(|vm, v| Ok(vm.str_iter(v))),
            len: Some(|_, v| Ok(v.downcast::<Str>().map_or(0, Str::len))),
            getitem: Some(index::getitem),
            contains: Some(search::contains),
            ..Slots::EMPTY
        }
        .with(BinOp::Add, join::add)
        .with(BinOp::Mul, join::mul)
        .with(BinOp::Mod, percent::modulo),
    )
    .methods(METHODS);

const METHODS: &[MethodDef] = &[
    MethodDef::new("encode", "($self, /, encoding='utf-8', errors='strict')", make::encode).doc(
        "Encode the string using the codec registered for encoding.\n\
            \n\
            \x20 encoding\n\
            \x20   The encoding in which to encode the string.\n\
            \x20 errors\n\
            \x20   The error handling scheme to use for encoding errors.\n\
            \x20   The default is 'strict' meaning that encoding errors raise a\n\
            \x20   UnicodeEncodeError.  Other possible values are 'ignore', 'replace'\n\
            \x20   and 'xmlcharrefreplace' as well as any other name registered with\n\
            \x20   codecs.register_error that can handle UnicodeEncodeErrors.",
    ),
    MethodDef::new("replace", "($self, old, new, /, count=-1)", search::replace).doc(
        "Return a copy with all occurrences of substring old replaced by new.\n\
            \n\
            \x20 count\n\
            \x20   Maximum number of occurrences to replace.\n\
            \x20   -1 (the default value) means replace all occurrences.\n\
            \n\
            If the optional argument count is given, only the first count occurrences are\n\
            replaced.",
    ),
    MethodDef::new("split", "($self, /, sep=None, maxsplit=-1)", split::split).doc(
        "Return a list of the substrings in the string, using sep as the separator string.\n\
            \n\
            \x20 sep\n\
            \x20   The separator used to split the string.\n\
            \n\
            \x20   When set to None (the default value), will split on any\n\
            \x20   whitespace character (including \\n \\r \\t \\f and spaces) and\n\
            \x20   will discard empty strings from the result.\n\
            \x20 maxsplit\n\
            \x20   Maximum number of splits.\n\
            \x20   -1 (the default value) means no limit.\n\
            \n\
            Splitting starts at the front of the string and works to the end.\n\
            \n\
            Note, str.split() is mainly useful for data that has been\n\
            intentionally delimited.  With natural text that includes\n\
            punctuation, consider using the regular expression module.",
    ),
    MethodDef::new("rsplit", "($self, /, sep=None, maxsplit=-1)", split::rsplit).doc(
        "Return a list of the substrings in the string, using sep as the separator string.\n\
            \n\
            \x20 sep\n\
            \x20   The separator used to split the string.\n\
            \n\
            \x20   When set to None (the default value), will split on any\n\
            \x20   whitespace character (including \\n \\r \\t \\f and spaces) and\n\
            \x20   will discard empty strings from the result.\n\
            \x20 maxsplit\n\
            \x20   Maximum number of splits.\n\
            \x20   -1 (the default value) means no limit.\n\
            \n\
            Splitting starts at the end of the string and works to the front.",
    ),
    MethodDef::new("join", "($self, iterable, /)", join::join).doc(
        "Concatenate any number of strings.\n\
            \n\
            The string whose method is called is inserted in between each given\n\
            string.  The result is returned as a new string.\n\
            \n\
            Example: '.'.join(['ab', 'pq', 'rs']) -> 'ab.pq.rs'",
    ),
    MethodDef::new("capitalize", "($self, /)", case::capitalize).doc(
        "Return a capitalized version of the string.\n\
            \n\
            More specifically, make the first character have upper case and the\n\
            rest lower case.",
    ),
    MethodDef::new("casefold", "($self, /)", case::casefold)
        .doc("Return a version of the string suitable for caseless comparisons."),
    MethodDef::new("title", "($self, /)", case::title).doc(
        "Return a version of the string where each word is titlecased.\n\
            \n\
            More specifically, words start with uppercased characters and all\n\
            remaining cased characters have lower case.",
    ),
    MethodDef::new("center", "($self, width, fillchar=' ', /)", pad::center).doc(
        "Return a centered string of length width.\n\
            \n\
            Padding is done using the specified fill character (default is\n\
            a space).",
    ),
    MethodDef::new("count", "($self, sub[, start[, end]], /)", search::count).doc(
        "Return the number of non-overlapping occurrences of substring sub in string S[start:end].\n\
            \n\
            Optional arguments start and end are interpreted as in slice\n\
            notation.",
    ),
    MethodDef::new("expandtabs", "($self, /, tabsize=8)", pad::expandtabs).doc(
        "Return a copy where all tab characters are expanded using spaces.\n\
            \n\
            If tabsize is not given, a tab size of 8 characters is assumed.",
    ),
    MethodDef::new("find", "($self, sub[, start[, end]], /)", search::find).doc(
        "Return the lowest index in S where substring sub is found, such that sub is contained within S[start:end].\n\
            \n\
            Optional arguments start and end are interpreted as in slice\n\
            notation.  Return -1 on failure.",
    ),
    MethodDef::new("partition", "($self, sep, /)", search::partition).doc(
        "Partition the string into three parts using the given separator.\n\
            \n\
            This will search for the separator in the string.  If the separator\n\
            is found, returns a 3-tuple containing the part before the\n\
            separator, the separator itself, and the part after it.\n\
            \n\
            If the separator is not found, returns a 3-tuple containing\n\
            the original string and two empty strings.",
    ),
    MethodDef::new("index", "($self, sub[, start[, end]], /)", search::index).doc(
        "Return the lowest index in S where substring sub is found, such that sub is contained within S[start:end].\n\
            \n\
            Optional arguments start and end are interpreted as in slice\n\
            notation.  Raises ValueError when the substring is not found.",
    ),
    MethodDef::new("ljust", "($self, width, fillchar=' ', /)", pad::ljust).doc(
        "Return a left-justified string of length width.\n\
            \n\
            Padding is done using the specified fill character (default is\n\
            a space).",
    ),
    MethodDef::new("lower", "($self, /)", case::lower).doc("Return a copy of the string converted to lowercase."),
    MethodDef::new("lstrip", "($self, chars=None, /)", pad::lstrip).doc(
        "Return a copy of the string with leading whitespace removed.\n\
            \n\
            If chars is given and not None, remove characters in chars instead.",
    ),
    MethodDef::new("rfind", "($self, sub[, start[, end]], /)", search::rfind).doc(
        "Return the highest index in S where substring sub is found, such that sub is contained within S[start:end].\n\
            \n\
            Optional arguments start and end are interpreted as in slice\n\
            notation.  Return -1 on failure.",
    ),
    MethodDef::new("rindex", "($self, sub[, start[, end]], /)", search::rindex).doc(
        "Return the highest index in S where substring sub is found, such that sub is contained within S[start:end].\n\
            \n\
            Optional arguments start and end are interpreted as in slice\n\
            notation.  Raises ValueError when the substring is not found.",
    ),
    MethodDef::new("rjust", "($self, width, fillchar=' ', /)", pad::rjust).doc(
        "Return a right-justified string of length width.\n\
            \n\
            Padding is done using the specified fill character (default is\n\
            a space).",
    ),
    MethodDef::new("rstrip", "($self, chars=None, /)", pad::rstrip).doc(
        "Return a copy of the string with trailing whitespace removed.\n\
            \n\
            If chars is given and not None, remove characters in chars instead.",
    ),
    MethodDef::new("rpartition", "($self, sep, /)", search::rpartition).doc(
        "Partition the string into three parts using the given separator.\n\
            \n\
            This will search for the separator in the string, starting at the\n\
            end.  If the separator is found, returns a 3-tuple containing the\n\
            part before the separator, the separator itself, and the part after\n\
            it.\n\
            \n\
            If the separator is not found, returns a 3-tuple containing two\n\
            empty strings and the original string.",
    ),
    MethodDef::new("splitlines", "($self, /, keepends=False)", split::splitlines).doc(
        "Return a list of the lines in the string, breaking at line boundaries.\n\
            \n\
            Line breaks are not included in the resulting list unless keepends\n\
            is given and true.",
    ),
    MethodDef::new("strip", "($self, chars=None, /)", pad::strip).doc(
        "Return a copy of the string with leading and trailing whitespace removed.\n\
            \n\
            If chars is given and not None, remove characters in chars instead.",
    ),
    MethodDef::new("swapcase", "($self, /)", case::swapcase)
        .doc("Convert uppercase characters to lowercase and lowercase characters to uppercase."),
    MethodDef::new("translate", "($self, table, /)", translate::translate).doc(
        "Replace each character in the string using the given translation table.\n\
            \n\
            \x20 table\n\
            \x20   Translation table, which must be a mapping of Unicode ordinals\n\
            \x20   to Unicode ordinals, strings, or None.\n\
            \n\
            The table must implement lookup/indexing via __getitem__, for\n\
            instance a dictionary or list.  If this operation raises\n\
            LookupError, the character is left untouched.  Characters mapped to\n\
            None are deleted.",
    ),
    MethodDef::new("upper", "($self, /)", case::upper).doc("Return a copy of the string converted to uppercase."),
    MethodDef::new("startswith", "($self, prefix[, start[, end]], /)", search::startswith).doc(
        "Return True if the string starts with the specified prefix, False otherwise.\n\
            \n\
            \x20 prefix\n\
            \x20   A string or a tuple of strings to try.\n\
            \x20 start\n\
            \x20   Optional start position. Default: start of the string.\n\
            \x20 end\n\
            \x20   Optional stop position. Default: end of the string.",
    ),
    MethodDef::new("endswith", "($self, suffix[, start[, end]], /)", search::endswith).doc(
        "Return True if the string ends with the specified suffix, False otherwise.\n\
            \n\
            \x20 suffix\n\
            \x20   A string or a tuple of strings to try.\n\
            \x20 start\n\
            \x20   Optional start position. Default: start of the string.\n\
            \x20 end\n\
            \x20   Optional stop position. Default: end of the string.",
    ),
    MethodDef::new("removeprefix", "($self, prefix, /)", search::removeprefix).doc(
        "Return a str with the given prefix string removed if present.\n\
            \n\
            If the string starts with the prefix string, return\n\
            string[len(prefix):].  Otherwise, return a copy of the original\n\
            string.",
    ),
    MethodDef::new("removesuffix", "($self, suffix, /)", search::removesuffix).doc(
        "Return a str with the given suffix string removed if present.\n\
            \n\
            If the string ends with the suffix string and that suffix is not\n\
            empty, return string[:-len(suffix)].  Otherwise, return a copy of\n\
            the original string.",
    ),
    MethodDef::new("isascii", "($self, /)", classify::isascii).doc(
        "Return True if all characters in the string are ASCII, False otherwise.\n\
            \n\
            ASCII characters have code points in the range U+0000-U+007F.\n\
            Empty string is ASCII too.",
    ),
    MethodDef::new("islower", "($self, /)", classify::islower).doc(
        "Return True if the string is a lowercase string, False otherwise.\n\
            \n\
            A string is lowercase if all cased characters in the string are\n\
            lowercase and there is at least one cased character in the string.",
    ),
    MethodDef::new("isupper", "($self, /)", classify::isupper).doc(
        "Return True if the string is an uppercase string, False otherwise.\n\
            \n\
            A string is uppercase if all cased characters in the string are\n\
            uppercase and there is at least one cased character in the string.",
    ),
    MethodDef::new("istitle", "($self, /)", classify::istitle).doc(
        "Return True if the string is a title-cased string, False otherwise.\n\
            \n\
            In a title-cased string, upper- and title-case characters may only\n\
            follow uncased characters and lowercase characters only cased ones.",
    ),
    MethodDef::new("isspace", "($self, /)", classify::isspace).doc(
        "Return True if the string is a whitespace string, False otherwise.\n\
            \n\
            A string is whitespace if all characters in the string are\n\
            whitespace and there is at least one character in the string.",
    ),
    MethodDef::new("isdecimal", "($self, /)", classify::isdecimal).doc(
        "Return True if the string is a decimal string, False otherwise.\n\
            \n\
            A string is a decimal string if all characters in the string are\n\
            decimal and there is at least one character in the string.",
    ),
    MethodDef::new("isdigit", "($self, /)", classify::isdigit).doc(
        "Return True if the string is a digit string, False otherwise.\n\
            \n\
            A string is a digit string if all characters in the string are\n\
            digits and there is at least one character in the string.",
    ),
    MethodDef::new("isnumeric", "($self, /)", classify::isnumeric).doc(
        "Return True if the string is a numeric string, False otherwise.\n\
            \n\
            A string is numeric if all characters in the string are numeric and\n\
            there is at least one character in the string.",
    ),
    MethodDef::new("isalpha", "($self, /)", classify::isalpha).doc(
        "Return True if the string is an alphabetic string, False otherwise.\n\
            \n\
            A string is alphabetic if all characters in the string are\n\
            alphabetic and there is at least one character in the string.",
    ),
    MethodDef::new("isalnum", "($self, /)", classify::isalnum).doc(
        "Return True if the string is an alpha-numeric string, False otherwise.\n\
            \n\
            A string is alpha-numeric if all characters in the string are\n\
            alpha-numeric and there is at least one character in the string.",
    ),
    MethodDef::new("isidentifier", "($self, /)", classify::isidentifier).doc(
        "Return True if the string is a valid Python identifier, False otherwise.\n\
            \n\
            Call keyword.iskeyword(s) to test whether string s is a reserved\n\
            identifier, such as \"def\" or \"class\".",
    ),
    MethodDef::new("isprintable", "($self, /)", classify::isprintable).doc(
        "Return True if all characters in the string are printable, False otherwise.\n\
            \n\
            A character is printable if repr() may use it in its output.",
    ),
    MethodDef::new("zfill", "($self, width, /)", pad::zfill).doc(
        "Pad a numeric string with zeros on the left, to fill a field of the given width.\n\
            \n\
            The string is never truncated.",
    ),
    MethodDef::raw("format", "($self, /, *args, **kwargs)", format::format).doc(
        "Return a formatted version of the string, using substitutions from args and kwargs.\n\
            The substitutions are identified by braces ('{' and '}').",
    ),
    MethodDef::new("format_map", "($self, mapping, /)", format::format_map).doc(
        "Return a formatted version of the string, using substitutions from mapping.\n\
            The substitutions are identified by braces ('{' and '}').",
    ),
    MethodDef::new("__format__", "($self, format_spec, /)", format::dunder_format)
        .doc("Return a formatted version of the string as described by format_spec."),
    MethodDef::new("maketrans", "(x, y=<unrepresentable>, z=<unrepresentable>, /)", translate::maketrans).stat().doc(
        "Return a translation table usable for str.translate().\n\
            \n\
            If there is only one argument, it must be a dictionary mapping\n\
            Unicode ordinals (integers) or characters to Unicode ordinals,\n\
            strings or None.  Character keys will be then converted to ordinals.\n\
            If there are two arguments, they must be strings of equal length,\n\
            and in the resulting dictionary, each character in x will be mapped\n\
            to the character at the same position in y.  If there is a third\n\
            argument, it must be a string, whose characters will be mapped to\n\
            None in the result.",
    ),
    MethodDef::new("__sizeof__", "($self, /)", make::sizeof).doc("Return the size of the string in memory, in bytes."),
    MethodDef::new("__getnewargs__", "($self, /)", make::getnewargs).doc(""),
];
