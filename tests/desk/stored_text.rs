//! The text of everything in the store, and the search for a number in a text.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};

use crate::store::Store;
use crate::world::World;

/// Returns every row of every table of the bot's store.
pub async fn read_rows(world: &World) -> String {
    sqlx::any::install_default_drivers();
    let mut store = AnyConnection::connect(&world.database_url()).await.unwrap();
    let is_file = matches!(world.store, Store::File(_));
    let tables = if is_file {
        "select name from sqlite_master where type = 'table'"
    } else {
        "select table_name::text from information_schema.tables where table_schema = 'public'"
    };
    let tables = sqlx::query(tables).fetch_all(&mut store).await.unwrap();
    let mut dump = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let columns = if is_file {
            let columns = format!(
                "select group_concat('quote(' || name || ')', ' || '' | '' || ') from pragma_table_info('{table}')"
            );
            sqlx::query(AssertSqlSafe(columns)).fetch_one(&mut store).await.unwrap().get(0)
        } else {
            format!("{table}::text")
        };
        let rows = format!("select {columns} from {table}");
        for row in sqlx::query(AssertSqlSafe(rows)).fetch_all(&mut store).await.unwrap() {
            dump.push(format!("{table}: {}", row.get::<String, _>(0)));
        }
    }
    dump.join("\n")
}

/// Returns the files of the store byte by byte, with data that was deleted or overwritten since the
/// last checkpoint.
pub fn read_files(world: &World) -> String {
    let url = world.database_url();
    let path = url.strip_prefix("sqlite://").unwrap().strip_suffix("?mode=rwc").unwrap().to_owned();
    let bytes =
        [path.clone(), format!("{path}-wal")].map(|path| std::fs::read(path).unwrap_or_default());
    assert!(!bytes[0].is_empty());
    bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).join("\n")
}

/// Returns true if the text contains these digits as a whole number. Separators between the digits
/// are ignored.
pub fn has_number(text: &str, digits: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let begins = text.match_indices(&digits[..1]).map(|(at, _)| at);
    begins.filter(|at| !digit(text[..*at].chars().next_back())).any(|at| {
        let rest = digits.chars().try_fold(&text[at..], |rest, digit| {
            rest.trim_start_matches([' ', '-', '\u{2013}', '\u{2014}', '.', ',', '/'])
                .strip_prefix(digit)
        });
        rest.is_some_and(|rest| !digit(rest.chars().next()))
    })
}

#[test]
fn code_search_finds_whole_numbers_only() {
    for text in ["code 123456.", "123456", "read 123 - 456, twice", "1, 2, 3, 4, 5, 6", "123/456"] {
        assert!(has_number(text, "123456"), "{text}");
    }
    assert!(!has_number("1123456", "123456") && !has_number("1234567", "123456"));
}
