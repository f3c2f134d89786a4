//! The native modules and the embedded library: what a runtime with them can import, and how a second interpreter gains from
//! the first one's imports.
//!
//! `cargo run --release -p serpens-stdlib --example library`

use serpens_state::runtime::Whence;
use serpens_state::{Config, Runtime, run, shutdown};
use std::time::Instant;

fn main() {
    let modules = serpens_stdlib::modules();
    println!("{} native modules", modules.len());
    let runtime = Runtime::builder().modules(&modules).library(serpens_stdlib::library()).build();
    // With a main interpreter all others end.
    runtime.without_main();
    for which in ["first", "second"] {
        let interpreter = runtime.create(Config::ISOLATED, Whence::Capi);
        let attached = interpreter.attach().expect("an open interpreter");
        let begin = Instant::now();
        let source = "import json, re\nprint(json.dumps({'words': re.findall(r'\\w+', 'to be or not')}))";
        run::run_main_source(&attached, source, "<example>").expect("a program without errors");
        shutdown::flush_streams(&attached);
        println!("the {which} interpreter took {:?}", begin.elapsed());
        drop(attached);
        interpreter.close();
    }
}
