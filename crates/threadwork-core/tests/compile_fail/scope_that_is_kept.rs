//! A reference to a scope cannot outlive the scope.

//~ error[E0521]

use threadwork_core::scope;

fn main() {
    let mut kept = None;
    scope(|scope| kept = Some(scope.clone()));
}
