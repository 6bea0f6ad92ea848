use secrecy::ExposeSecret as _;

use super::*;

fn keys(current: u8, others: &[u8]) -> StoreKeys {
    StoreKeys::new(test_store_key(current), others.iter().copied().map(test_store_key).collect())
}

#[test]
fn store_key_is_32_bytes_in_base64() {
    for wrong in
        ["", "short", &STANDARD.encode([1; 31]), &STANDARD.encode([1; 33]), &"?".repeat(44)]
    {
        assert_eq!(StoreKey::parse(wrong).unwrap_err(), InvalidStoreKey);
    }
    let new = StoreKey::generate().unwrap();
    assert!(StoreKey::parse(&format!(" {}\n", new.expose_secret())).is_ok());
    assert_ne!(new.expose_secret(), StoreKey::generate().unwrap().expose_secret());
}

#[test]
fn mac_depends_on_text_and_key() {
    assert_eq!(keys(1, &[]).mac("a"), keys(1, &[]).mac("a"));
    assert_ne!(keys(1, &[]).mac("a"), keys(1, &[]).mac("b"));
    assert_ne!(keys(1, &[]).mac("a"), keys(2, &[]).mac("a"));
    assert_eq!(keys(1, &[]).mac("a").len(), 43);
    assert_eq!(keys(1, &[2]).macs("a"), [keys(1, &[]).mac("a"), keys(2, &[]).mac("a")]);
}

#[test]
fn sealed_value_is_unreadable_and_unique() {
    let keys = keys(1, &[]);
    let sealed = || keys.seal("place", b"token".to_vec()).unwrap();
    assert_ne!(sealed(), sealed());
    let text = sealed();
    let (id, base64) = text.split_once(SEPARATOR).unwrap();
    assert_eq!((id, id.len()), (keys.current.id(), 8));
    let bytes = STANDARD.decode(base64).unwrap();
    assert!(!bytes.windows(5).any(|window| window == b"token"));
}

#[test]
fn wrong_key_place_or_byte_cannot_open() {
    let own = keys(1, &[]);
    let sealed = own.seal("place", b"token".to_vec()).unwrap();
    assert_eq!(own.open("place", &sealed).unwrap(), b"token");
    assert_eq!(keys(2, &[]).open("place", &sealed), Err(CannotOpen::UnknownKey));
    assert_eq!(keys(2, &[1]).open("place", &sealed).unwrap(), b"token");
    assert_eq!(own.open("other", &sealed), Err(CannotOpen::Tampered));
    let (id, base64) = sealed.split_once(SEPARATOR).unwrap();
    let bytes = STANDARD.decode(base64).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let changed = format!("{id}.{}", STANDARD.encode(changed));
        assert_eq!(own.open("place", &changed), Err(CannotOpen::Tampered), "byte {at}");
    }
    let short = format!("{id}.{}", STANDARD.encode(&bytes[..bytes.len() - 1]));
    for wrong in ["", "no base64!", base64, &format!("{id}."), &short] {
        assert_eq!(own.open("place", wrong), Err(CannotOpen::Tampered), "{wrong}");
    }
}

#[test]
fn row_is_checked_under_the_key_that_its_mac_names() {
    let (one, both, other) = (keys(1, &[]), keys(2, &[1]), keys(2, &[]));
    let mac = one.sign_row(b"row");
    assert_eq!(one.check_row(b"row", &mac), RowCheck::Authentic);
    assert_eq!(both.check_row(b"row", &mac), RowCheck::Authentic);
    assert_eq!(other.check_row(b"row", &mac), RowCheck::UnknownKey);
    assert_eq!(one.check_row(b"raw", &mac), RowCheck::Forged);
    assert_eq!(one.check_row(b"row", ""), RowCheck::Forged);
    assert!(one.is_current(&mac) && both.knows(&mac) && !both.is_current(&mac));
    assert!(!other.knows(&mac) && !one.knows(""));
}

#[test]
fn data_key_survives_its_bytes() {
    let key = DataKey::generate().unwrap();
    let again = DataKey::from_bytes(&key.expose_bytes()).unwrap();
    let sealed = key.seal("place", b"name".to_vec()).unwrap();
    assert_eq!(again.open("place", &sealed).unwrap(), b"name");
    assert_eq!(again.open("other", &sealed), None);
    assert_eq!(DataKey::generate().unwrap().open("place", &sealed), None);
    assert!(DataKey::from_bytes(&[1; 31]).is_none());
}
