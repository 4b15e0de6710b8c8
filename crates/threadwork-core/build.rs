//! Nothing to build: cargo wants a build script where `links` is used.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
