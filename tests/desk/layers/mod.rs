//! The layers of `commands/src`, and import circles in every crate, read from the sources.
//!
//! ```text
//! cargo nextest run --test desk layers::
//! ```

mod graph;
mod source;
mod tokens;

use std::fmt::Write as _;
use std::path::Path;

use graph::{Crate, Edge, circles};

/// The layers of `commands/src`, bottom to top. A layer imports itself and the ones before it.
const LAYERS: [&str; 7] = ["model", "screens", "ports", "flows", "engine", "handlers", "discord"];

/// The root file of each crate.
const ROOTS: [&str; 5] = [
    "commands/src/lib.rs",
    "functions/src/lib.rs",
    "src/lib.rs",
    "sandbox/src/lib.rs",
    "benches/walk/main.rs",
];

fn load(root: &str) -> Crate {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    Crate::load(Path::new(root), &|file| std::fs::read_to_string(project.join(file)).ok())
}

/// Returns the position of a module's layer; `None` for the root and for a module outside of all.
fn layer(module: &[String]) -> Option<usize> {
    let name = module.first()?;
    LAYERS.iter().position(|layer| layer == name)
}

/// Returns one line for each import that runs up, and for each file outside of the layers.
fn violations(of: &Crate) -> Vec<String> {
    let module = |file: &Path| of.files().find(|(other, _)| *other == file).unwrap().1;
    let mut found: Vec<String> = of
        .files()
        .filter(|(_, module)| !module.is_empty() && layer(module).is_none())
        .map(|(file, _)| format!("{}: in no layer", file.display()))
        .collect();
    for Edge { from, line, to, path, is_trait, .. } in &of.edges() {
        let (Some(lower), upper) = (layer(module(from)), layer(module(to))) else { continue };
        let place = format!("{}:{line}: `{path}`", from.display());
        match upper {
            Some(upper) if upper > lower => found.push(format!(
                "{place}: {} imports {}, a higher layer",
                LAYERS[lower], LAYERS[upper]
            )),
            Some(upper) if *is_trait && [LAYERS[lower], LAYERS[upper]] == ["flows", "ports"] => {
                found.push(format!("{place}: flows imports a trait of ports"));
            }
            Some(_) => {}
            None => found.push(format!("{place}: imports {}, outside of the layers", to.display())),
        }
    }
    found
}

/// Describes each circle by its files and by the imports between them.
fn described_circles(of: &Crate) -> String {
    let edges = of.edges();
    let mut described = String::new();
    for circle in circles(&edges) {
        let _ = writeln!(described, "import circle of {} files:", circle.len());
        let within = |edge: &&Edge| {
            !edge.is_relative && circle.contains(&edge.from) && circle.contains(&edge.to)
        };
        let mut last = None;
        for edge in edges.iter().filter(within) {
            if last != Some((&edge.from, &edge.to)) {
                let Edge { from, line, to, path, .. } = edge;
                let _ = writeln!(
                    described,
                    "  {}:{line} imports {} (`{path}`)",
                    from.display(),
                    to.display()
                );
            }
            last = Some((&edge.from, &edge.to));
        }
    }
    described
}

#[test]
fn commands_import_only_lower_layers() {
    let tree = load("commands/src/lib.rs");
    assert!(tree.edges().len() > 300, "only {} imports", tree.edges().len());
    let found = violations(&tree);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn crates_have_no_import_circle() {
    let found: String = ROOTS.into_iter().map(|root| described_circles(&load(root))).collect();
    assert!(found.is_empty(), "{found}");
}

/// Loads a crate from file contents: `("engine/mod.rs", "pub mod click;")`.
fn made_up(files: &'static [(&str, &str)]) -> Crate {
    Crate::load(Path::new("lib.rs"), &|file| {
        files.iter().find(|(name, _)| Path::new(name) == file).map(|(_, text)| (*text).to_owned())
    })
}

#[test]
fn clean_tree_has_no_finding() {
    let tree = made_up(&[
        ("lib.rs", "pub mod model;\npub mod ports;\npub mod flows;\npub use flows::step::step;"),
        ("model/mod.rs", "pub mod session;\npub mod limit;\npub use session::Session;"),
        ("model/session.rs", "use super::limit::Limit;\npub struct Session(Limit);"),
        ("model/limit.rs", "pub struct Limit;\nimpl Limit { fn of(_: &super::Session) {} }"),
        ("ports.rs", "use crate::model::Session;\npub struct Commit(Session);\npub trait Store {}"),
        ("flows/mod.rs", "pub mod step;"),
        ("flows/step.rs", "use crate::ports::Commit;\npub fn step(_: Commit) {}"),
    ]);
    assert_eq!(violations(&tree), [""; 0]);
    assert_eq!(described_circles(&tree), "", "two files may import each other");
}

#[test]
fn upward_import_is_named_with_its_line() {
    let tree = made_up(&[
        ("lib.rs", "pub mod model;\npub mod ports;\npub mod flows;\nmod other;\npub struct Root;"),
        ("model.rs", "\nuse crate::{flows, Root};\nfn f() { flows::step(); }"),
        ("ports.rs", "pub trait Store {}"),
        ("flows.rs", "use super::ports::Store;\npub fn step() {}"),
        ("other.rs", ""),
    ]);
    assert_eq!(
        violations(&tree),
        [
            "other.rs: in no layer",
            "flows.rs:1: `super::ports::Store`: flows imports a trait of ports",
            "model.rs:2: `crate::flows`: model imports flows, a higher layer",
            "model.rs:2: `crate::Root`: imports lib.rs, outside of the layers",
            "model.rs:3: `flows::step`: model imports flows, a higher layer",
        ]
    );
}

#[test]
fn circle_of_three_is_named_through_its_reexport() {
    let tree = made_up(&[
        ("lib.rs", "mod a;\nmod b;\nmod c;\npub use a::A;"),
        ("a.rs", "use crate::b::B;\npub struct A(B);"),
        ("b/mod.rs", "mod inner;\npub use inner::B;"),
        ("b/inner.rs", "pub struct B(crate::c::C);"),
        ("c.rs", "\npub struct C(Box<crate::A>);"),
    ]);
    assert_eq!(
        described_circles(&tree),
        "import circle of 3 files:\n  \
         a.rs:1 imports b/inner.rs (`crate::b::B`)\n  \
         b/inner.rs:1 imports c.rs (`crate::c::C`)\n  \
         c.rs:2 imports a.rs (`crate::A`)\n"
    );
}

#[test]
fn exported_macro_belongs_to_its_file() {
    let tree = made_up(&[
        ("lib.rs", "pub mod model;\npub mod screens;"),
        ("model.rs", "pub fn f() { let x = 'a'; }"),
        ("screens/mod.rs", "pub mod text;\npub mod widgets;"),
        ("screens/text.rs", "#[macro_export]\nmacro_rules! say { () => { $crate::model::f() } }"),
        ("screens/widgets.rs", "use crate::say;\nfn g() { say!(); crate::say!(); }"),
    ]);
    assert_eq!(violations(&tree), [""; 0]);
    let edges = tree.edges();
    assert_eq!(edges.len(), 2);
    assert!(edges.iter().all(|edge| edge.to == Path::new("screens/text.rs")), "{edges:?}");
}
