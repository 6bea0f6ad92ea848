//! Settings that are accepted with a warning.

use super::*;

#[test]
fn misspelt_name_of_a_set_setting_is_a_warning() {
    let mut variables = minimal();
    variables.insert("DATABASE_URL".to_owned(), "sqlite://desk.db".to_owned());
    variables.insert("DATABSE_URL".to_owned(), "sqlite://other.db".to_owned());
    let warnings = Config::from_map(&variables).unwrap().warnings;
    assert_eq!(warnings[0].variable, "DATABASE_URL");
    assert!(warnings[0].hint.contains("DATABSE_URL") && !warnings[0].hint.contains("other"));
}

#[test]
fn page_open_without_proxy_is_a_warning() {
    for (address, page, warned) in [
        ("127.0.0.1:8080", "https://desk.example.com", false),
        ("0.0.0.0:8080", "https://desk.example.com", true),
        ("0.0.0.0:8080", "", false),
    ] {
        let mut variables = minimal();
        variables.insert("HTTP_ADDR".to_owned(), address.to_owned());
        variables.insert("PUBLIC_URL".to_owned(), page.to_owned());
        let warnings = Config::from_map(&variables).unwrap().warnings;
        assert_eq!(!warnings.is_empty(), warned, "{address} {page}: {warnings:?}");
    }
}

#[test]
fn open_admin_listener_is_a_warning() {
    for (address, warned) in [
        ("127.0.0.1:9090", false),
        ("127.0.0.9:9090", false),
        ("[::1]:9090", false),
        ("0.0.0.0:9090", true),
        ("[::]:9090", true),
        ("10.0.0.7:9090", true),
    ] {
        let warnings = with("ADMIN_ADDR", address).unwrap().warnings;
        let names: Vec<_> = warnings.iter().map(|warning| warning.variable).collect();
        assert_eq!(names == ["ADMIN_ADDR"], warned, "{address}: {warnings:?}");
    }
}
