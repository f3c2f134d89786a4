//! `grp`: the groups of the system, from `/etc/group`.

use super::path::{fs_decode, fs_encode};
use serpens_state::NativeModule;
use serpens_state::structseq::StructSeq;
use serpens_vm::types::str::Str;
use serpens_vm::{MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("grp")
    .doc("Access to the Unix group database.\n\nGroup entries are 4-tuples: name, password, number, list of members.")
    .functions(&[
        MethodDef::new("getgrgid", "(id)", |vm, a| {
            let v = a.get(0);
            if !vm.has_index(v) {
                return Err(vm.type_error(&format!("gid should be integer, not {}", vm.type_of(v).name())));
            }
            let gid = vm.arg_i64(v)?;
            match groups(vm)?.into_iter().find(|g| g.1 == gid) {
                Some(g) => Ok(g.2),
                None => Err(vm.key_error(&vm.str(&format!("getgrgid(): gid not found: {gid}")))),
            }
        })
        .doc("Return the group database entry for the given numeric group ID."),
        MethodDef::new("getgrnam", "(name)", |vm, a| {
            if !a.get(0).is_a::<Str>() {
                let name = vm.arg_type_name(a.get(0));
                return Err(vm.type_error(&format!("getgrnam() argument 'name' must be str, not {name}")));
            }
            let name = fs_encode(vm, a.get(0))?;
            if name.contains(&0) {
                return Err(vm.value_error("embedded null byte"));
            }
            match groups(vm)?.into_iter().find(|g| g.0 == name) {
                Some(g) => Ok(g.2),
                None => {
                    let shown = vm.repr_string(a.get(0))?;
                    Err(vm.key_error(&vm.str(&format!("getgrnam(): name not found: {shown}"))))
                }
            }
        })
        .doc("Return the group database entry for the given group name."),
        MethodDef::new("getgrall", "()", |vm, _| Ok(vm.list(groups(vm)?.into_iter().map(|g| g.2).collect())))
            .doc("Return a list of all available group entries, in arbitrary order."),
    ])
    .init(|vm, d| {
        d.set_name(vm, "struct_group", GROUP.class(vm)?);
        Ok(())
    });

static GROUP: StructSeq = StructSeq {
    name: "struct_group",
    module: "grp",
    doc: "grp.struct_group: Results from getgr*() routines.",
    fields: &[
        ("gr_name", "group name"),
        ("gr_passwd", "password"),
        ("gr_gid", "group id"),
        ("gr_mem", "group members"),
    ],
    n_sequence: 4,
};

/// The groups: name, number, entry.
fn groups(vm: &Vm) -> PyResult<Vec<(Vec<u8>, i64, Value)>> {
    let text = std::fs::read("/etc/group").unwrap_or_default();
    let mut out = Vec::new();
    for line in text.split(|b| *b == b'\n') {
        let f: Vec<&[u8]> = line.split(|b| *b == b':').collect();
        let [name, password, number, members] = &f[..] else { continue };
        let Ok(gid) = String::from_utf8_lossy(number).parse::<i64>() else { continue };
        let mut list = Vec::new();
        for member in members.split(|b| *b == b',').filter(|m| !m.is_empty()) {
            list.push(fs_decode(vm, member)?);
        }
        let entry = vec![fs_decode(vm, name)?, fs_decode(vm, password)?, vm.int(gid), vm.list(list)];
        out.push((name.to_vec(), gid, GROUP.make(vm, entry)?));
    }
    Ok(out)
}
