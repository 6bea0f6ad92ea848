//! The company's days.

use super::*;

#[test]
fn days_are_those_of_utc_or_of_an_offset() {
    assert_eq!(Config::from_map(&minimal()).unwrap().utc_offset, UtcOffset::default());
    let offset = with("DESK_UTC_OFFSET", "-05:00").unwrap().utc_offset;
    assert_eq!(offset.to_string(), "UTC−05:00");
    for bad in ["-5", "05:00", "America/Lima", "+14:01"] {
        let faults = with("DESK_UTC_OFFSET", bad).unwrap_err();
        assert_eq!(names_of(&faults), ["DESK_UTC_OFFSET"], "{bad}");
    }
}
