//! The short names of types, made from the names that the compiler gives them.

use std::any::type_name_of_val;

use super::short;

fn download() {}

fn generic<T>(_: T) -> [String; 2] {
    [short(type_name_of_val(&generic::<T>)), short(type_name_of_val(&|| ()))]
}

trait Job {
    fn names(&self) -> [String; 2];
}

struct Upload;

impl Upload {
    fn start(&self) {}

    fn name(&self) -> String {
        short(type_name_of_val(&|| ()))
    }
}

impl Job for Upload {
    fn names(&self) -> [String; 2] {
        [short(type_name_of_val(&<Upload as Job>::names)), short(type_name_of_val(&|| ()))]
    }
}

#[test]
fn paths_are_left_out() {
    assert_eq!(short("alloc::vec::Vec<alloc::string::String>"), "Vec<String>");
    assert_eq!(short("(a::B, &'static [c::D; 4])"), "(B, &'static [D; 4])");
    assert_eq!(short("fn(a::B) -> c::D<e::F>"), "fn(B) -> D<F>");
    assert_eq!(short("(fn() -> a::B, <a::C as d::E<f::G>>::H)"), "(fn() -> B, H)");
    assert_eq!(short("&a::B<&c::D>"), "B<&D>");
    assert_eq!(short("u32"), "u32");
    assert_eq!(short(""), "");
}

#[test]
fn a_function_is_called_by_its_last_segment() {
    assert_eq!(short(type_name_of_val(&download)), "download");
    assert_eq!(short(type_name_of_val(&Upload::start)), "start");
    assert_eq!(short(type_name_of_val(&u32::pow)), "pow");
    assert_eq!(short(type_name_of_val(&str::len)), "len");
    assert_eq!(Upload.names()[0], "names");
    assert_eq!(generic(Some('a'))[0], "generic<Option<char>>");
    assert_eq!(short("<a::B as c::D>::e"), "e");
    assert_eq!(short("<a::B<f::G> as c::D>::e<h::I>"), "e<I>");
}

#[test]
fn every_closure_is_called_closure() {
    assert_eq!(short(type_name_of_val(&|| ())), "<closure>");
    assert_eq!(generic(7)[1], "<closure>");
    assert_eq!(Upload.name(), "<closure>");
    assert_eq!(Upload.names()[1], "<closure>");
    let nested = || short(type_name_of_val(&|| ()));
    assert_eq!(nested(), "<closure>");
    assert_eq!(short("a::Call<b::c<d::E>::{{closure}}, ()>"), "Call<<closure>, ()>");
}

#[test]
fn malformed_names_do_not_panic() {
    for odd in [">>", "::", "a::", "::a", "<", "a>::b", "->", "— ::ä", ")]>::a::<"] {
        let _ = short(odd);
    }
}
