//! Waiting for children: `wait3`, `wait4`, `waitid`.
#![expect(unsafe_code, reason = "system calls")]

use super::call::{self, check};
use super::resource::rusage;
use serpens_state::structseq::StructSeq;
use serpens_vm::{MethodDef, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("wait3", "(options)", |vm, a| wait4(vm, -1, vm.arg_i32(a.get(0))?)),
    MethodDef::new("wait4", "(pid, options)", |vm, a| wait4(vm, vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?)),
    MethodDef::new("waitid", "(idtype, id, options, /)", |vm, a| {
        let kind = vm.arg_i32(a.get(0))?;
        let id = vm.arg_i64(a.get(1))? as libc::id_t;
        let options = vm.arg_i32(a.get(2))?;
        // SAFETY: zeroes are valid; the target is a local.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: as above.
        call::off(vm, || check(unsafe { libc::waitid(kind as _, id, &mut info, options) }))?;
        // SAFETY: the fields of a SIGCHLD are set, or all zero.
        let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
        if pid == 0 {
            return Ok(Value::NONE);
        }
        let numbers =
            [i64::from(pid), i64::from(uid), i64::from(info.si_signo), i64::from(status), i64::from(info.si_code)];
        WAITID_RESULT.make(vm, numbers.iter().map(|n| vm.int(*n)).collect())
    }),
];

/// `os.waitid_result`.
pub static WAITID_RESULT: StructSeq = StructSeq {
    name: "waitid_result",
    module: "posix",
    doc: "waitid_result: Result from waitid.",
    fields: &[("si_pid", ""), ("si_uid", ""), ("si_signo", ""), ("si_status", ""), ("si_code", "")],
    n_sequence: 5,
};

fn wait4(vm: &Vm, pid: i32, options: i32) -> PyResult {
    let mut status = 0;
    // SAFETY: zeroes are valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the targets are locals.
    let got = call::off(vm, || check(unsafe { libc::wait4(pid, &mut status, options, &mut usage) }))?;
    Ok(vm.tuple(vec![vm.int(got), vm.int(i64::from(status)), rusage(vm, &usage)?]))
}
