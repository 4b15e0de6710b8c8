//! A reference to a value cannot outlive the call of `with`, because the value may be removed after that.

//~ error: lifetime

use threadwork_core::Local;

static NAME: Local<String> = Local::new(|| "here".to_owned());

fn main() {
    let name: &str = NAME.with(|name| name.as_str());
    assert_eq!(name, "here");
}
