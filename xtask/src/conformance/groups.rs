//! Names for groups of CPython's test files.

/// The files that the language and its first users stand on.
const CORE: &str = "test_grammar test_generators test_class test_dict test_list test_exceptions test_fstring test_patma test_scope \
                    test_interpreters";

/// Everything about interpreters.
const INTERPRETERS: &str = "test_interpreters test__interpreters test__interpchannels test_crossinterp \
                            test_concurrent_futures.test_interpreter_pool";

/// The rest of the language and its built-in types.
const LANGUAGE: &str = "test_augassign test_baseexception test_binop test_bool test_builtin test_bytes test_call test_compare \
                        test_complex test_contains test_coroutines test_asyncgen test_decorators test_descr test_dictcomps \
                        test_dictviews test_dynamicclassattribute test_enumerate test_eof test_except_star test_exception_group test_exception_variations \
                        test_extcall test_float test_format test_funcattrs test_genericalias test_genexps test_global test_index \
                        test_int test_isinstance test_iter test_keywordonlyarg test_lambda test_listcomps test_long \
                        test_memoryview test_metaclass test_named_expressions test_opcodes test_operator test_pow \
                        test_positional_only_arg test_property test_raise test_range test_richcmp test_set test_setcomps \
                        test_slice test_sort test_str test_string_literals test_subclassinit test_super test_compile test_syntax test_tstring \
                        test_tuple test_type_aliases test_type_annotations test_type_params test_typechecks test_types test_unary test_unpack \
                        test_unpack_ex test_userdict test_userlist test_weakref test_with test_yield_from";

/// Frames, tracing, collection and threads.
const MACHINE: &str = "test_frame test_code test_sys test_sys_settrace test_sys_setprofile test_monitoring test_bdb test_trace \
                       test_gc test_finalization test_thread test_threading test_threading_local test_audit test_faulthandler";

/// The library on top of the native modules.
const LIBRARY: &str = "test_json test_re test_pickle test_copy test_dataclasses test_enum test_functools test_itertools \
                       test_collections test_deque test_defaultdict test_ordered_dict test_heapq test_bisect test_struct \
                       test_contextlib test_textwrap test_string test_math test_random test_time test_threading test_queue \
                       test_thread test_socket test_select test_selectors test_asyncio test_unittest test_io test_os \
                       test_posixpath test_import test_importlib test_traceback test_warnings test_contextvars test_typing";

/// The files of a group, or the name itself.
pub fn expand(name: &str) -> Vec<String> {
    let names = match name {
        "core" => CORE,
        "interpreters" => INTERPRETERS,
        "language" => LANGUAGE,
        "machine" => MACHINE,
        "library" => LIBRARY,
        file => file,
    };
    names.split_whitespace().map(String::from).collect()
}
