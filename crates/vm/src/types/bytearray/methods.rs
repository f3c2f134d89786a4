//! `bytearray` as Python sees it: the table of methods and slots.

use super::{ByteArray, items};
use crate::native::MethodDef;
use crate::types::bytes::shared;
use crate::types::slots::{BinOp, Slots};
use crate::types::typeobj::TypeDef;

/// The type `bytearray`.
pub static TYPE: TypeDef = TypeDef::new::<ByteArray>("bytearray")
    .doc(
        "bytearray(iterable_of_ints) -> bytearray\n\
        bytearray(string, encoding[, errors]) -> bytearray\n\
        bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\n\
        bytearray(int) -> bytes array of size given by the parameter initialized with null bytes\n\
        bytearray() -> empty bytes array\n\
        \n\
        Construct a mutable bytearray object from:\n\
        \x20 - an iterable yielding integers in range(256)\n\
        \x20 - a text string encoded using the specified encoding\n\
        \x20 - a bytes or a buffer object\n\
        \x20 - any object implementing the buffer API.\n\
        \x20 - an integer",
    )
    .basetype()
    .flags(crate::types::typeobj::tflag::MATCH_SELF)
    .slots(
        Slots {
            new: Some(items::new),
            init: Some(items::init),
            repr: Some(items::repr),
            str: Some(items::repr),
            richcmp: Some(shared::richcmp),
            iter: Some(|vm, v| Ok(vm.bytearray_iter(v))),
            len: Some(|_, v| Ok(v.downcast::<ByteArray>().map_or(0, ByteArray::len))),
            getitem: Some(shared::getitem),
            setitem: Some(items::setitem),
            contains: Some(shared::contains),
            buffer: Some(items::buffer),
            ..Slots::EMPTY
        }
        .with(BinOp::Add, shared::add)
        .with(BinOp::Mul, shared::mul)
        .with(BinOp::Mod, shared::modulo)
        .with_inplace(BinOp::Add, items::iadd)
        .with_inplace(BinOp::Mul, items::imul),
    )
    .methods(METHODS);

const METHODS: &[MethodDef] = &[
    MethodDef::new("__alloc__", "($self, /)", items::alloc)
        .doc("B.__alloc__() -> int\n\
            \n\
            Return the number of bytes actually allocated."),
    MethodDef::new("__reduce__", "($self, /)", items::reduce)
        .doc("Return state information for pickling."),
    MethodDef::new("__reduce_ex__", "($self, proto=0, /)", items::reduce_ex)
        .doc("Return state information for pickling."),
    MethodDef::new("__sizeof__", "($self, /)", items::sizeof)
        .doc("Returns the size of the bytearray object in memory, in bytes."),
    MethodDef::new("append", "($self, item, /)", items::append)
        .doc("Append a single item to the end of the bytearray.\n\
            \n\
            \x20 item\n\
            \x20   The item to be appended."),
    MethodDef::new("capitalize", "($self, /)", shared::capitalize)
        .doc("B.capitalize() -> copy of B\n\
            \n\
            Return a copy of B with only its first character capitalized (ASCII)\n\
            and the rest lower-cased."),
    MethodDef::new("center", "($self, width, fillchar=b' ', /)", shared::center)
        .doc("Return a centered string of length width.\n\
            \n\
            Padding is done using the specified fill character."),
    MethodDef::new("clear", "($self, /)", items::clear)
        .doc("Remove all items from the bytearray."),
    MethodDef::new("copy", "($self, /)", items::copy)
        .doc("Return a copy of B."),
    MethodDef::new("count", "($self, sub[, start[, end]], /)", shared::count)
        .doc("Return the number of non-overlapping occurrences of subsection 'sub' in bytes B[start:end].\n\
            \n\
            \x20 start\n\
            \x20   Optional start position. Default: start of the bytes.\n\
            \x20 end\n\
            \x20   Optional stop position. Default: end of the bytes."),
    MethodDef::new("decode", "($self, /, encoding='utf-8', errors='strict')", shared::decode)
        .doc("Decode the bytearray using the codec registered for encoding.\n\
            \n\
            \x20 encoding\n\
            \x20   The encoding with which to decode the bytearray.\n\
            \x20 errors\n\
            \x20   The error handling scheme to use for the handling of decoding\n\
            \x20   errors.  The default is 'strict' meaning that decoding errors\n\
            \x20   raise a UnicodeDecodeError.  Other possible values are 'ignore'\n\
            \x20   and 'replace' as well as any other name registered with\n\
            \x20   codecs.register_error that can handle UnicodeDecodeErrors."),
    MethodDef::new("endswith", "($self, suffix[, start[, end]], /)", shared::endswith)
        .doc("Return True if the bytearray ends with the specified suffix, False otherwise.\n\
            \n\
            \x20 suffix\n\
            \x20   A bytes or a tuple of bytes to try.\n\
            \x20 start\n\
            \x20   Optional start position. Default: start of the bytearray.\n\
            \x20 end\n\
            \x20   Optional stop position. Default: end of the bytearray."),
    MethodDef::new("expandtabs", "($self, /, tabsize=8)", shared::expandtabs)
        .doc("Return a copy where all tab characters are expanded using spaces.\n\
            \n\
            If tabsize is not given, a tab size of 8 characters is assumed."),
    MethodDef::new("extend", "($self, iterable_of_ints, /)", items::extend)
        .doc("Append all the items from the iterator or sequence to the end of the bytearray.\n\
            \n\
            \x20 iterable_of_ints\n\
            \x20   The iterable of items to append."),
    MethodDef::new("find", "($self, sub[, start[, end]], /)", shared::find)
        .doc("Return the lowest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start:end].\n\
            \n\
            \x20 start\n\
            \x20   Optional start position. Default: start of the bytes.\n\
            \x20 end\n\
            \x20   Optional stop position. Default: end of the bytes.\n\
            \n\
            Return -1 on failure."),
    MethodDef::new("fromhex", "($type, string, /)", shared::fromhex).class()
        .doc("Create a bytearray object from a string of hexadecimal numbers.\n\
            \n\
            Spaces between two numbers are accepted.\n\
            Example:\n\
            \x20   bytearray.fromhex('B9 01EF') -> bytearray(b'\\\\xb9\\\\x01\\\\xef')"),
    MethodDef::new("hex", "($self, /, sep=<unrepresentable>, bytes_per_sep=1)", shared::hex)
        .doc("Create a string of hexadecimal numbers from a bytearray object.\n\
            \n\
            \x20 sep\n\
            \x20   An optional single character or byte to separate hex bytes.\n\
            \x20 bytes_per_sep\n\
            \x20   How many bytes between separators.  Positive values count from\n\
            \x20   the right, negative values count from the left.\n\
            \n\
            Example:\n\
            >>> value = bytearray([0xb9, 0x01, 0xef])\n\
            >>> value.hex()\n\
            'b901ef'\n\
            >>> value.hex(':')\n\
            'b9:01:ef'\n\
            >>> value.hex(':', 2)\n\
            'b9:01ef'\n\
            >>> value.hex(':', -2)\n\
            'b901:ef'"),
    MethodDef::new("index", "($self, sub[, start[, end]], /)", shared::index)
        .doc("Return the lowest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start:end].\n\
            \n\
            \x20 start\n\
            \x20   Optional start position. Default: start of the bytes.\n\
            \x20 end\n\
            \x20   Optional stop position. Default: end of the bytes.\n\
            \n\
            Raise ValueError if the subsection is not found."),
    MethodDef::new("insert", "($self, index, item, /)", items::insert)
        .doc("Insert a single item into the bytearray before the given index.\n\
            \n\
            \x20 index\n\
            \x20   The index where the value is to be inserted.\n\
            \x20 item\n\
            \x20   The item to be inserted."),
    MethodDef::new("isalnum", "($self, /)", shared::isalnum)
        .doc("B.isalnum() -> bool\n\
            \n\
            Return True if all characters in B are alphanumeric\n\
            and there is at least one character in B, False otherwise."),
    MethodDef::new("isalpha", "($self, /)", shared::isalpha)
        .doc("B.isalpha() -> bool\n\
            \n\
            Return True if all characters in B are alphabetic\n\
            and there is at least one character in B, False otherwise."),
    MethodDef::new("isascii", "($self, /)", shared::isascii)
        .doc("B.isascii() -> bool\n\
            \n\
            Return True if B is empty or all characters in B are ASCII,\n\
            False otherwise."),
    MethodDef::new("isdigit", "($self, /)", shared::isdigit)
        .doc("B.isdigit() -> bool\n\
            \n\
            Return True if all characters in B are digits\n\
            and there is at least one character in B, False otherwise."),
    MethodDef::new("islower", "($self, /)", shared::islower)
        .doc("B.islower() -> bool\n\
            \n\
            Return True if all cased characters in B are lowercase and there is\n\
            at least one cased character in B, False otherwise."),
    MethodDef::new("isspace", "($self, /)", shared::isspace)
        .doc("B.isspace() -> bool\n\
            \n\
            Return True if all characters in B are whitespace\n\
            and there is at least one character in B, False otherwise."),
    MethodDef::new("istitle", "($self, /)", shared::istitle)
        .doc("B.istitle() -> bool\n\
            \n\
            Return True if B is a titlecased string and there is at least one\n\
            character in B, i.e. uppercase characters may only follow uncased\n\
            characters and lowercase characters only cased ones. Return False\n\
            otherwise."),
    MethodDef::new("isupper", "($self, /)", shared::isupper)
        .doc("B.isupper() -> bool\n\
            \n\
            Return True if all cased characters in B are uppercase and there is\n\
            at least one cased character in B, False otherwise."),
    MethodDef::new("join", "($self, iterable_of_bytes, /)", shared::join)
        .doc("Concatenate any number of bytes/bytearray objects.\n\
            \n\
            The bytearray whose method is called is inserted in between each\n\
            pair.\n\
            \n\
            The result is returned as a new bytearray object."),
    MethodDef::new("ljust", "($self, width, fillchar=b' ', /)", shared::ljust)
        .doc("Return a left-justified string of length width.\n\
            \n\
            Padding is done using the specified fill character."),
    MethodDef::new("lower", "($self, /)", shared::lower)
        .doc("B.lower() -> copy of B\n\
            \n\
            Return a copy of B with all ASCII characters converted to lowercase."),
    MethodDef::new("lstrip", "($self, bytes=None, /)", shared::lstrip)
        .doc("Strip leading bytes contained in the argument.\n\
            \n\
            If the argument is omitted or None, strip leading ASCII whitespace."),
    MethodDef::new("maketrans", "(frm, to, /)", shared::maketrans).stat()
        .doc("Return a translation table usable for the bytes or bytearray translate method.\n\
            \n\
            The returned table will be one where each byte in frm is mapped to\n\
            the byte at the same position in to.\n\
            \n\
            The bytes objects frm and to must be of the same length."),
    MethodDef::new("partition", "($self, sep, /)", shared::partition)
        .doc("Partition the bytearray into three parts using the given separator.\n\
            \n\
            This will search for the separator sep in the bytearray.  If the\n\
            separator is found, returns a 3-tuple containing the part before the\n\
            separator, the separator itself, and the part after it as new\n\
            bytearray objects.\n\
            \n\
            If the separator is not found, returns a 3-tuple containing the copy\n\
            of the original bytearray object and two empty bytearray objects."),
    MethodDef::new("pop", "($self, index=-1, /)", items::pop)
        .doc("Remove and return a single item from B.\n\
            \n\
            \x20 index\n\
            \x20   The index from where to remove the item.\n\
            \x20   -1 (the default value) means remove the last item.\n\
            \n\
            If no index argument is given, will pop the last item."),
    MethodDef::new("remove", "($self, value, /)", items::remove)
        .doc("Remove the first occurrence of a value in the bytearray.\n\
            \n\
            \x20 value\n\
            \x20   The value to remove."),
    MethodDef::new("replace", "($self, old, new, count=-1, /)", shared::replace)
        .doc("Return a copy with all occurrences of substring old replaced by new.\n\
            \n\
            \x20 count\n\
            \x20   Maximum number of occurrences to replace.\n\
            \x20   -1 (the default value) means replace all occurrences.\n\
            \n\
            If the optional argument count is given, only the first count occurrences are\n\
            replaced."),
    MethodDef::new("removeprefix", "($self, prefix, /)", shared::removeprefix)
        .doc("Return a bytearray with the given prefix string removed if present.\n\
            \n\
            If the bytearray starts with the prefix string, return\n\
            bytearray[len(prefix):].  Otherwise, return a copy of the original\n\
            bytearray."),
    MethodDef::new("removesuffix", "($self, suffix, /)", shared::removesuffix)
        .doc("Return a bytearray with the given suffix string removed if present.\n\
            \n\
            If the bytearray ends with the suffix string and that suffix is not\n\
            empty, return bytearray[:-len(suffix)].  Otherwise, return a copy of\n\
            the original bytearray."),
    MethodDef::new("resize", "($self, size, /)", items::resize)
        .doc("Resize the internal buffer of bytearray to len.\n\
            \n\
            \x20 size\n\
            \x20   New size to resize to."),
    MethodDef::new("reverse", "($self, /)", items::reverse)
        .doc("Reverse the order of the values in B in place."),
    MethodDef::new("rfind", "($self, sub[, start[, end]], /)", shared::rfind)
        .doc("Return the highest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start:end].\n\
            \n\
            \x20 start\n\
            \x20   Optional start position. Default: start of the bytes.\n\
            \x20 end\n\
            \x20   Optional stop position. Default: end of the bytes.\n\
            \n\
            Return -1 on failure."),
    MethodDef::new("rindex", "($self, sub[, start[, end]], /)", shared::rindex)
        .doc("Return the highest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start:end].\n\
            \n\
            \x20 start\n\
            \x20   Optional start position. Default: start of the bytes.\n\
            \x20 end\n\
            \x20   Optional stop position. Default: end of the bytes.\n\
            \n\
            Raise ValueError if the subsection is not found."),
    MethodDef::new("rjust", "($self, width, fillchar=b' ', /)", shared::rjust)
        .doc("Return a right-justified string of length width.\n\
            \n\
            Padding is done using the specified fill character."),
    MethodDef::new("rpartition", "($self, sep, /)", shared::rpartition)
        .doc("Partition the bytearray into three parts using the given separator.\n\
            \n\
            This will search for the separator sep in the bytearray, starting at\n\
            the end.  If the separator is found, returns a 3-tuple containing\n\
            the part before the separator, the separator itself, and the part\n\
            after it as new bytearray objects.\n\
            \n\
            If the separator is not found, returns a 3-tuple containing two\n\
            empty bytearray objects and the copy of the original bytearray\n\
            object."),
    MethodDef::new("rsplit", "($self, /, sep=None, maxsplit=-1)", shared::rsplit)
        .doc("Return a list of the sections in the bytearray, using sep as the delimiter.\n\
            \n\
            \x20 sep\n\
            \x20   The delimiter according which to split the bytearray.\n\
            \x20   None (the default value) means split on ASCII whitespace\n\
            \x20   characters (space, tab, return, newline, formfeed, vertical tab).\n\
            \x20 maxsplit\n\
            \x20   Maximum number of splits to do.\n\
            \x20   -1 (the default value) means no limit.\n\
            \n\
            Splitting is done starting at the end of the bytearray and working\n\
            to the front."),
    MethodDef::new("rstrip", "($self, bytes=None, /)", shared::rstrip)
        .doc("Strip trailing bytes contained in the argument.\n\
            \n\
            If the argument is omitted or None, strip trailing ASCII whitespace."),
    MethodDef::new("split", "($self, /, sep=None, maxsplit=-1)", shared::split)
        .doc("Return a list of the sections in the bytearray, using sep as the delimiter.\n\
            \n\
            \x20 sep\n\
            \x20   The delimiter according which to split the bytearray.\n\
            \x20   None (the default value) means split on ASCII whitespace\n\
            \x20   characters (space, tab, return, newline, formfeed, vertical tab).\n\
            \x20 maxsplit\n\
            \x20   Maximum number of splits to do.\n\
            \x20   -1 (the default value) means no limit."),
    MethodDef::new("splitlines", "($self, /, keepends=False)", shared::splitlines)
        .doc("Return a list of the lines in the bytearray, breaking at line boundaries.\n\
            \n\
            Line breaks are not included in the resulting list unless keepends\n\
            is given and true."),
    MethodDef::new("startswith", "($self, prefix[, start[, end]], /)", shared::startswith)
        .doc("Return True if the bytearray starts with the specified prefix, False otherwise.\n\
            \n\
            \x20 prefix\n\
            \x20   A bytes or a tuple of bytes to try.\n\
            \x20 start\n\
            \x20   Optional start position. Default: start of the bytearray.\n\
            \x20 end\n\
            \x20   Optional stop position. Default: end of the bytearray."),
    MethodDef::new("strip", "($self, bytes=None, /)", shared::strip)
        .doc("Strip leading and trailing bytes contained in the argument.\n\
            \n\
            If the argument is omitted or None, strip leading and trailing ASCII\n\
            whitespace."),
    MethodDef::new("swapcase", "($self, /)", shared::swapcase)
        .doc("B.swapcase() -> copy of B\n\
            \n\
            Return a copy of B with uppercase ASCII characters converted\n\
            to lowercase ASCII and vice versa."),
    MethodDef::new("title", "($self, /)", shared::title)
        .doc("B.title() -> copy of B\n\
            \n\
            Return a titlecased version of B, i.e. ASCII words start with\n\
            uppercase characters, all remaining cased characters have lowercase."),
    MethodDef::new("translate", "($self, table, /, delete=b'')", shared::translate)
        .doc("Return a copy with each character mapped by the given translation table.\n\
            \n\
            \x20 table\n\
            \x20   Translation table, which must be a bytes object of length 256.\n\
            \n\
            All characters occurring in the optional argument delete are\n\
            removed.  The remaining characters are mapped through the given\n\
            translation table."),
    MethodDef::new("upper", "($self, /)", shared::upper)
        .doc("B.upper() -> copy of B\n\
            \n\
            Return a copy of B with all ASCII characters converted to uppercase."),
    MethodDef::new("zfill", "($self, width, /)", shared::zfill)
        .doc("Pad a numeric string with zeros on the left, to fill a field of the given width.\n\
            \n\
            The original string is never truncated."),
];
