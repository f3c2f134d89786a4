//! What `site` adds to the builtins: `quit`, `exit`, `copyright`, `credits`, `license`, `help`.
//!
//! They are made when a program first asks for one, because most never do. They must not be made under `-S`.

use crate::interpreter::runtime_of;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Value, Vm};

const CREDITS: &str = "    Thanks to CWI, CNRI, BeOpen, Zope Corporation, the Python Software Foundation,
    and a cast of thousands for supporting Python development.  See www.python.org
    for more information.";

/// The builtin `name` if it is one of these; from now on it stands in the dict of builtins.
pub(crate) fn late(vm: &Vm, name: &Value) -> PyResult<Option<Value>> {
    let Some(text) = name.downcast::<Str>().and_then(Str::to_str) else { return Ok(None) };
    if !matches!(text, "quit" | "exit" | "copyright" | "credits" | "license" | "help")
        || runtime_of(vm).is_some_and(|r| r.settings().no_site)
    {
        return Ok(None);
    }
    let text = text.to_string();
    let classes = crate::import::import_module(vm, "_sitebuiltins")?;
    let make = |class: &str, args: &[Value]| {
        let class = vm.getattr_str(&classes, class)?;
        vm.call_pos(&class, args)
    };
    let made = match text.as_str() {
        "quit" | "exit" => make("Quitter", &[name.clone(), vm.str("Ctrl-D (i.e. EOF)")])?,
        "help" => make("_Helper", &[])?,
        "copyright" => {
            let text = vm.sys_dict().and_then(|d| d.downcast::<Dict>()?.get_name(vm, "copyright"));
            make("_Printer", &[name.clone(), text.unwrap_or_else(|| vm.str(""))])?
        }
        "credits" => make("_Printer", &[name.clone(), vm.str(CREDITS)])?,
        _ => make("_Printer", &[name.clone(), vm.str("See https://www.python.org/psf/license/")])?,
    };
    vm.set_builtin(&text, made.clone());
    Ok(Some(made))
}
