//! A scope ends, so nobody keeps it.

use threadwork_core::scope;

fn main() {
    let mut kept = None;
    scope(|scope| kept = Some(scope.clone()));
}
