//! A name of Python, and what it is here.

#[derive(Clone, Copy)]
pub(super) struct Name {
    /// A name of the module, or with a dot an attribute of a class, or a class with the name of an argument.
    pub(super) python: &'static str,
    here: Here,
}

#[derive(Clone, Copy)]
enum Here {
    /// As code: paths, or calls where a path alone does not say the types.
    Items(&'static [&'static str]),
    /// For this reason.
    LeftOut(&'static str),
}

impl Name {
    pub(super) const fn here(python: &'static str, items: &'static [&'static str]) -> Name {
        Name { python, here: Here::Items(items) }
    }

    /// The row of the table.
    pub(super) fn row(&self) -> String {
        let here = match self.here {
            Here::Items(items) => {
                let items: Vec<_> = items.iter().map(|it| format!("`{}`", path(it))).collect();
                items.join(", ")
            }
            Here::LeftOut(reason) => format!("left out: {reason}"),
        };
        format!("| `{}` | {here} |\n", self.python)
    }
}

pub(super) const fn left_out(python: &'static str, reason: &'static str) -> Name {
    Name { python, here: Here::LeftOut(reason) }
}

/// A name that is here. It does not compile if one of the items does not exist.
macro_rules! here {
    ($python:literal, $($item:expr),+) => {{
        // It is compiled, and never called.
        let _ = || ($(_ = $item),+);
        $crate::python_names::name::Name::here($python, &[$(stringify!($item)),+])
    }};
}
pub(super) use here;

/// Returns the path in an expression: without generic arguments, and without the arguments of a call.
fn path(item: &str) -> String {
    let mut path = String::new();
    let mut depth = 0;
    let mut before = ' ';
    for letter in item.chars() {
        match letter {
            '<' => depth += 1,
            // The arrow of a function's type is no bracket.
            '>' if before != '-' => depth -= 1,
            '(' if depth == 0 => break,
            _ if depth == 0 => path.push(letter),
            _ => (),
        }
        before = letter;
    }
    let path = path.split_whitespace().collect::<String>().replace("::::", "::");
    path.trim_end_matches("::").to_owned()
}

#[test]
fn a_path_has_no_arguments() {
    assert_eq!(path("Thread::<fn() -> u8>::start"), "Thread::start");
    assert_eq!(path("set_excepthook(|_, _| ())"), "set_excepthook");
    assert_eq!(path("concurrent_tee::<[u8; 1], 1>"), "concurrent_tee");
}
