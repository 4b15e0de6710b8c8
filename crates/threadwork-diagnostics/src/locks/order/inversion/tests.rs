//! Inversions as data.

use serde_json::json;

use super::LockInversion;

#[test]
fn an_inversion_as_json_has_these_names_and_can_be_read_back() {
    let step = |held: &str, acquired: &str| {
        json!({
            "held": held, "held_at": "src/shop.rs:12:5", "acquired": acquired, "acquired_at": "src/shop.rs:13:5",
        })
    };
    let value = json!({ "steps": [step("orders", "stock"), step("stock", "orders")] });
    let inversion: LockInversion = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(inversion.steps[1].acquired, "orders");
    assert_eq!(serde_json::to_value(&inversion).unwrap(), value);
}
