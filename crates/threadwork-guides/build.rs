//! Makes a module of each program in the pages, and a table of them.

use std::{env, error::Error, fmt::Write, fs, path::Path};

#[path = "src/pages.rs"]
#[expect(dead_code, unreachable_pub, reason = "it is a module of the library, too")]
mod pages;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::var("OUT_DIR")?;
    let folder = Path::new(&folder);
    let (mut modules, mut table) = (String::new(), String::new());
    for page in pages::all() {
        println!("cargo::rerun-if-changed={}", page.path.display());
        for program in page.programs() {
            let name = program.name();
            let file = folder.join(format!("{name}.rs"));
            fs::write(&file, program.module())?;
            writeln!(modules, "#[path = {file:?}]\nmod {name};")?;
            writeln!(table, "    ({name:?}, {name}::run),")?;
        }
    }
    let programs =
        format!("{modules}\npub(crate) const PROGRAMS: &[(&str, super::Run)] = &[\n{table}];\n");
    fs::write(folder.join("programs.rs"), programs)?;
    Ok(())
}
