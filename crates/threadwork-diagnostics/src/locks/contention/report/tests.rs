//! Reports as data.

use serde_json::json;

use super::ContentionReport;

#[test]
fn a_report_as_json_has_these_names_and_can_be_read_back() {
    let times = json!({ "total": 1.5, "max": 1.0, "buckets": [0, 2, 1] });
    let place = json!({ "location": "src/shop.rs:12:5", "contended": 2, "total": 0.5 });
    let lock = json!({
        "name": "orders", "acquired": 7, "contended": 2, "waits": times, "holds": times, "slowest": [place],
    });
    let value = json!({ "locks": [lock] });
    let report: ContentionReport = serde_json::from_value(value.clone()).unwrap();
    assert_eq!((report.locks[0].acquired, &*report.locks[0].name), (7, "orders"));
    assert_eq!(serde_json::to_value(&report).unwrap(), value);
}
