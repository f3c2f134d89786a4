//! `_types`: names for the types of the machine.

use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::{PyResult, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_types")
    .doc("Define names for built-in types that aren't directly accessible as a builtin.")
    .init(init);

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    let t = vm.types();
    let list = [
        ("AsyncGeneratorType", t.async_generator),
        ("BuiltinFunctionType", t.builtin_function),
        ("BuiltinMethodType", t.builtin_function),
        ("CellType", t.cell),
        ("ClassMethodDescriptorType", t.classmethod_descriptor),
        ("CodeType", t.code),
        ("CoroutineType", t.coroutine),
        ("EllipsisType", t.ellipsis),
        ("FrameType", t.frame),
        ("FrameLocalsProxyType", t.frame_locals_proxy),
        ("FunctionType", t.function),
        ("GeneratorType", t.generator),
        ("GenericAlias", t.GenericAlias),
        ("GetSetDescriptorType", t.getset_descriptor),
        ("LambdaType", t.function),
        ("MappingProxyType", t.mappingproxy),
        ("MemberDescriptorType", t.member_descriptor),
        ("MethodDescriptorType", t.method_descriptor),
        ("MethodType", t.method),
        ("MethodWrapperType", t.method_wrapper),
        ("ModuleType", t.module),
        ("NoneType", t.NoneType),
        ("NotImplementedType", t.NotImplementedType),
        ("SimpleNamespace", t.SimpleNamespace),
        ("TracebackType", t.traceback),
        ("UnionType", t.UnionType),
        ("WrapperDescriptorType", t.wrapper_descriptor),
    ];
    for (name, ty) in list {
        dict.set_name(vm, name, ty.value());
    }
    Ok(())
}
