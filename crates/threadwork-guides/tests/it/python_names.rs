//! "All of Python's `threading`", name by name: what each name is here, or why it is left out. The page for those who come from Python shows
//! the same table.

mod name;
mod objects;
mod threads;

use std::{collections::BTreeSet, env, fs};

use self::name::Name;

/// `threading.__all__` of Python 3.15.
const ALL: &str = "
    get_ident active_count Condition current_thread enumerate main_thread TIMEOUT_MAX Event Lock RLock Semaphore BoundedSemaphore
    Thread Barrier BrokenBarrierError Timer ThreadError setprofile settrace local stack_size excepthook ExceptHookArgs gettrace
    getprofile setprofile_all_threads settrace_all_threads get_native_id serialize_iterator synchronized_iterator concurrent_tee
";

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/coming-from-python.md");

const HEADING: &str = "## Every name of `threading`\n";

fn names() -> Vec<Name> {
    [threads::names(), objects::names()].concat()
}

#[test]
fn every_name_of_threading_is_in_the_table_once() {
    let mut in_table = BTreeSet::new();
    for name in names() {
        assert!(in_table.insert(name.python), "`{}` is there twice", name.python);
    }
    let missing: Vec<_> = ALL.split_whitespace().filter(|it| !in_table.contains(it)).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

/// With `UPDATE_PAGES=1` it writes the table into the page.
#[test]
fn the_page_has_the_table() {
    let page = fs::read_to_string(PAGE).expect("the page can be read");
    let start = page.find(HEADING).expect("the page has the heading") + HEADING.len();
    let after_heading = &page[start..];
    let table = after_heading.find("\n| ").expect("a table follows the heading") + 1;
    let length = after_heading[table..].find("\n\n").expect("the table has an end") + 1;
    let shown = &after_heading[table..table + length];
    let rows: String = names().iter().map(Name::row).collect();
    let expected = format!("| `threading` | here |\n|---|---|\n{rows}");
    if env::var_os("UPDATE_PAGES").is_some() {
        let updated = page.replace(shown, &expected);
        fs::write(PAGE, updated).expect("the page can be written");
    } else {
        assert_eq!(shown, expected, "run this test with UPDATE_PAGES=1, or change the list");
    }
}
