//! Rows that repeat, contradict each other, or hold text that is not seen.

use super::*;

#[tokio::test]
async fn address_is_found_in_every_spelling() {
    let mut world = world(SCHEMA).await;
    for stored in
        ["o'josé@example.com", "o\u{2019}josé@example.com", "o\u{2019}jose\u{301}@example.com"]
    {
        let update = sqlx::query("update users set mail = $1 where id = 'u1'").bind(stored);
        update.execute(&mut world.admin).await.unwrap();
        for typed in ["O'José@example.com", "o\u{2019}jose\u{301}@example.com"] {
            let found = world.find(typed, SupportKind::Technical).await;
            assert_eq!(found.unwrap().email, "o'josé@example.com", "{stored:?}, {typed:?}");
        }
    }
}

#[tokio::test]
async fn texts_are_normalized_and_words_are_not() {
    let mut world = world(&format!("{SCHEMA}{SUCCESSIONS}")).await;
    let change = "update users set full_name = '\u{202e}Julia\u{2067} Pe\u{301}rez\u{85}\u{200b}' where id = 'u1'; \
                  update support_ecosystems set name = 'Be\u{2028}ta', plan_name = ' \u{ad} ', \
                  plan_features = '[\"St\u{202e}ore\", \"A\np\"]' where ecosystem_id = 'e2'; \
                  update support_ecosystems set name = '\u{3164}' where ecosystem_id = 'e1'; \
                  update support_succession_steps set detail = ' one\r\n\n\u{2066}two\u{2028}three' where title = 'Validation';";
    world.admin.execute(AssertSqlSafe(change.to_owned())).await.unwrap();
    let julia = world.find("julia@example.com", SupportKind::Technical).await.unwrap();
    assert_eq!(julia.full_name, "Julia Pérez");
    // Nothing of e1's name is seen, so its id names it.
    let name = |id| julia.find_ecosystem(id).unwrap().name.as_str();
    assert_eq!((name("e1"), name("e2")), ("e1", "Be ta"));
    let beta = julia.find_ecosystem("e2").unwrap();
    assert_eq!(
        (beta.plan.name.as_str(), beta.plan.features.len()),
        ("", 0),
        "JSON has no raw line break"
    );
    let julia = world.find("julia@example.com", SupportKind::Successor).await.unwrap();
    assert_eq!(julia.find_succession("s2").unwrap().steps[1].detail, "one\ntwo three");

    world
        .admin
        .execute("update users set status = 'act\u{200b}ive' where id = 'u1'")
        .await
        .unwrap();
    let julia = world.find("julia@example.com", SupportKind::Technical).await.unwrap();
    assert_eq!(julia.status, Status::Unknown, "a word with an unseen character is another word");
}

#[tokio::test]
async fn bad_rows_cost_only_themselves() {
    let mut world = world(&format!("{SCHEMA}{SUCCESSIONS}")).await;
    let long = "e".repeat(101);
    let rows = format!(
        "insert into support_memberships values ('e2', 'u1', 'member'), ('e1', 'u1', 'member'), ('e3', 'u1', 'owner'), \
         ('e3', 'u1', 'accountant'), ('e4', 'u1', 'owner'), (null, 'u1', 'owner'), ('{long}', 'u1', 'owner'); \
         insert into support_ecosystems (ecosystem_id, name) values (null, 'None'), ('{long}', 'Long'); \
         insert into support_successions values ('s2', 'e2', 'u1', 5), ('s4', 'e2', 'u1', 1), ('s4', 'e3', 'u1', 1), \
         (null, 'e2', 'u1', 1), ('', 'e2', 'u1', 1);"
    );
    world.admin.execute(AssertSqlSafe(rows)).await.unwrap();
    let technical = world.find("julia@example.com", SupportKind::Technical).await.unwrap();
    let ecosystems: Vec<_> =
        technical.ecosystems.iter().map(|own| (own.name.as_str(), own.role)).collect();
    // The unknown role of e3 and e4 is weaker than the other one, in either order of the rows.
    assert_eq!(ecosystems, [("Alfa", Role::Member), ("Beta", Role::Member)]);
    let successor = world.find("julia@example.com", SupportKind::Successor).await.unwrap();
    let successions: Vec<_> =
        successor.successions.iter().map(|own| (own.id.as_str(), own.steps.len())).collect();
    assert_eq!(successions, [("s9", 1), ("s2", 3)], "no step is there twice");
    let logged = world.core.parser.logged();
    let rows: Vec<_> = logged.iter().filter(|(place, _)| !place.contains('.')).collect();
    assert_eq!(
        rows,
        [
            &("support_memberships", "an id that is empty, too long or not plain text".to_owned()),
            &("support_memberships", "several rows for one ecosystem".to_owned()),
            &("support_successions", "an id that is empty, too long or not plain text".to_owned()),
            &("support_successions", "several rows for one succession".to_owned()),
        ]
    );
}

#[tokio::test]
async fn value_of_another_type_costs_only_itself() {
    let mut world = world(&format!("{SCHEMA}{SUCCESSIONS}")).await;
    let change = "update support_ecosystems set plan_price_cents = 19.99, plan_renews_at = 1e30, name = x'ff' where ecosystem_id = 'e1'; \
                  update support_ecosystems set plan_price_cents = null, plan_features = '[\"\", \"\u{200b}\", \"App\"]' where ecosystem_id = 'e2'; \
                  update support_succession_steps set updated_at = 'yesterday' where title = 'Opened'; \
                  update support_succession_steps set reasons = '[\"\", \"Expired\"]' where title = 'Validation'; \
                  update users set created_at = 0 where id = 'u1'; \
                  insert into support_succession_steps (succession_id, title) values (null, 'None'), (1.5, 'Odd');";
    world.admin.execute(AssertSqlSafe(change.to_owned())).await.unwrap();
    let julia = world.find("julia@example.com", SupportKind::Technical).await.unwrap();
    assert_eq!(julia.created_at, None);
    let plans = julia.ecosystems.iter().map(|own| (own.name.as_str(), own.plan.price_cents));
    assert_eq!(plans.collect::<Vec<_>>(), [("Beta", None), ("e1", None)]);
    assert_eq!(julia.find_ecosystem("e1").unwrap().plan.renews_at, None);
    assert_eq!(julia.find_ecosystem("e2").unwrap().plan.features, ["App"]);
    let julia = world.find("julia@example.com", SupportKind::Successor).await.unwrap();
    let steps = &julia.find_succession("s2").unwrap().steps;
    assert_eq!((steps.len(), steps[0].updated_at), (3, None));
    assert_eq!(steps[1].reasons, ["Expired"]);
    let logged = world.core.parser.logged();
    for column in ["plan_price_cents", "plan_renews_at", "name", "updated_at"] {
        assert!(logged.contains(&(column, "(of another type)".to_owned())), "{logged:?}");
    }
}

#[tokio::test]
async fn row_without_id_costs_only_itself() {
    let mut world = world(
        "create table support_users (user_id text, email text, full_name text, status text, locale text, created_at bigint);
         create table support_ecosystems (ecosystem_id text, name text, plan_name text, plan_status text, plan_price_cents bigint,
             plan_currency text, plan_period text, plan_renews_at bigint, plan_features text);
         create table support_memberships (ecosystem_id text, user_id text, role text);
         insert into support_users (user_id, email) values (null, 'julia@example.com'), ('u1', 'julia@example.com');",
    )
    .await;
    assert_eq!(
        world.find("julia@example.com", SupportKind::Technical).await.unwrap().user_id,
        "u1"
    );
    world.admin.execute("delete from support_users where user_id = 'u1'").await.unwrap();
    let found = world.core.find(&email("julia@example.com"), SupportKind::Technical).await;
    assert!(found.unwrap_err().to_string().contains("no id or no address"));
}

#[tokio::test]
async fn address_is_found_as_lower_and_trim_store_it() {
    let mut world = world(SCHEMA).await;
    for (stored, typed) in [
        ("Julia@Example.com", "julia@example.com"),
        (" julia@example.com", "julia@example.com"),
        ("josÉ@example.com", "josé@example.com"),
        ("ju\u{200b}lia@example.com", "ju\u{200b}lia@example.com"),
        ("j\u{2011}p@example.com", "j\u{2011}p@example.com"),
        ("o\u{2bc}name@example.com", "o\u{2bc}name@example.com"),
        ("o\u{2018}name@example.com", "o\u{2018}name@example.com"),
        ("ana@xn--espaa-rta.es", "ana@españa.es"),
        ("ana@españa.es", "ana@xn--espaa-rta.es"),
    ] {
        let update = sqlx::query("update users set mail = $1 where id = 'u1'").bind(stored);
        update.execute(&mut world.admin).await.unwrap();
        let found = world.find(typed, SupportKind::Technical).await;
        assert_eq!(found.map(|record| record.user_id).as_deref(), Some("u1"), "{stored:?}");
    }
}

#[tokio::test]
async fn customers_without_address_share_none() {
    let mut world = world(SCHEMA).await;
    let problems = async |core: &Core| core.check().await.unwrap()[0].problems.join("");
    for nothing in ["null", "''", "'none'"] {
        let update = format!("update users set mail = {nothing} where id in ('u3', 'u4')");
        world.admin.execute(AssertSqlSafe(update)).await.unwrap();
        assert_eq!(problems(&world.core).await, "", "{nothing}");
    }
    let update = "update users set mail = ' JULIA@example.com' where id = 'u3'";
    world.admin.execute(update).await.unwrap();
    let several = world.core.find(&email("julia@example.com"), SupportKind::Technical).await;
    assert!(matches!(several.unwrap(), CustomerMatch::Several));
    assert_eq!(
        problems(&world.core).await,
        "1 address belongs to several customers, who cannot be looked up"
    );
}

#[tokio::test]
async fn address_of_several_customers_finds_none_of_them() {
    let mut world = world(SCHEMA).await;
    let core = world.core.clone();
    let found =
        async || core.find(&email("julia@example.com"), SupportKind::Technical).await.unwrap();
    // The same row twice is one customer.
    let twice = "drop view support_users; create view support_users as select id as user_id, mail as email, full_name, status, \
                 locale, created_at from users union all select id, mail, full_name, status, locale, created_at from users";
    world.admin.execute(twice).await.unwrap();
    assert!(matches!(found().await, CustomerMatch::One(_)));
    assert!(world.core.check().await.unwrap()[0].problems.is_empty());
    let once = "drop view support_users; create view support_users as select id as user_id, mail as email, full_name, status, \
                locale, created_at from users";
    world.admin.execute(once).await.unwrap();

    world
        .admin
        .execute("update users set mail = 'julia@example.com' where id = 'u3'")
        .await
        .unwrap();
    for _ in 0..2 {
        assert!(matches!(found().await, CustomerMatch::Several));
    }
    let logged = world.core.parser.logged();
    let users: Vec<_> = logged.iter().filter(|(place, _)| *place == "support_users").collect();
    assert_eq!(users, [&("support_users", "several customers with one address".to_owned())]);
    assert_eq!(
        world.core.check().await.unwrap()[0].problems,
        ["1 address belongs to several customers, who cannot be looked up"]
    );
    // By id each of them is known.
    let nora = world.core.read("u3", SupportKind::Technical).await.unwrap().unwrap();
    assert_eq!(nora.full_name, "Nora");

    let contradictory = "drop view support_users; create view support_users as select 'u1' as user_id, mail as email, full_name, \
                         status, locale, created_at from users";
    world.admin.execute(contradictory).await.unwrap();
    let fault = world.core.read("u1", SupportKind::Technical).await.unwrap_err();
    assert!(fault.to_string().contains("different rows with one user_id"), "{fault}");
}
