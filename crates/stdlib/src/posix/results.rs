//! Named tuples of `posix`.

use serpens_state::structseq::StructSeq;

/// `os.terminal_size`.
pub static TERMINAL_SIZE: StructSeq = StructSeq {
    name: "terminal_size",
    module: "os",
    doc: "A tuple of (columns, lines) for holding terminal window size",
    fields: &[
        ("columns", "width of the terminal window in characters"),
        ("lines", "height of the terminal window in characters"),
    ],
    n_sequence: 2,
};

/// `os.times_result`.
pub static TIMES_RESULT: StructSeq = StructSeq {
    name: "times_result",
    module: "posix",
    doc: "times_result: Result from os.times().",
    fields: &[
        ("user", "user time"),
        ("system", "system time"),
        ("children_user", "user time of children"),
        ("children_system", "system time of children"),
        ("elapsed", "elapsed time since an arbitrary point in the past"),
    ],
    n_sequence: 5,
};

/// `os.uname_result`.
pub static UNAME_RESULT: StructSeq = StructSeq {
    name: "uname_result",
    module: "posix",
    doc: "uname_result: Result from os.uname().",
    fields: &[
        ("sysname", "operating system name"),
        ("nodename", "name of machine on network (implementation-defined)"),
        ("release", "operating system release"),
        ("version", "operating system version"),
        ("machine", "hardware identifier"),
    ],
    n_sequence: 5,
};

/// `pwd.struct_passwd`.
pub static PASSWD: StructSeq = StructSeq {
    name: "struct_passwd",
    module: "pwd",
    doc: "pwd.struct_passwd: Results from getpw*() routines.",
    fields: &[
        ("pw_name", "user name"),
        ("pw_passwd", "password"),
        ("pw_uid", "user id"),
        ("pw_gid", "group id"),
        ("pw_gecos", "real name"),
        ("pw_dir", "home directory"),
        ("pw_shell", "shell program"),
    ],
    n_sequence: 7,
};

/// `os.sched_param`.
pub static SCHED_PARAM: StructSeq = StructSeq {
    name: "sched_param",
    module: "posix",
    doc: "Currently has only one field: sched_priority",
    fields: &[("sched_priority", "the scheduling priority")],
    n_sequence: 1,
};
