//! A reference to a scope cannot outlive the scope.

use threadwork_core::scope;

fn main() {
    let mut kept = None;
    scope(|scope| kept = Some(scope.clone()));
}
