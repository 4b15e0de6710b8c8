//! A result cannot outlive what it borrows.

//~ error[E0597]: `text`

use threadwork_core::scope;

fn main() {
    let longest: &str;
    {
        let text = String::from("a bc");
        longest = scope(|scope| {
            scope.call(|| text.split(' ').last().unwrap_or_default()).unwrap().into_result().unwrap()
        });
    }
    assert_eq!(longest, "bc");
}
