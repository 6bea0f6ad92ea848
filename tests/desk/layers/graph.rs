//! The import graph of a crate: which file names an item of which other file, and where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::source::{CodePath, Source};

/// Reads a file; `None` if there is none.
pub type Read<'a> = &'a dyn Fn(&Path) -> Option<String>;

/// One import, from a file to another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    pub from: PathBuf,
    pub line: usize,
    pub to: PathBuf,
    /// The path as it is written.
    pub path: String,
    /// The path begins with a name in scope and not with `crate`, `self` or `super`.
    pub is_relative: bool,
    pub is_trait: bool,
}

#[derive(Debug, Default)]
struct Module {
    file: PathBuf,
    /// Each item, and whether it is a trait.
    items: BTreeMap<String, bool>,
    /// Each name that a `use` brings in, with its path.
    imported: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
}

/// The place that a path leads to.
struct Target {
    module: Vec<String>,
    file: PathBuf,
    item: Option<String>,
    is_trait: bool,
}

/// Modules and files of one crate.
pub struct Crate {
    files: BTreeMap<PathBuf, (Vec<String>, Source)>,
    modules: BTreeMap<Vec<String>, Module>,
    macros: BTreeMap<String, PathBuf>,
}

impl Crate {
    /// Loads a crate from its root file, such as `src/lib.rs`.
    pub fn load(root: &Path, read: Read<'_>) -> Self {
        let mut loaded =
            Self { files: BTreeMap::new(), modules: BTreeMap::new(), macros: BTreeMap::new() };
        loaded.add(root, Vec::new(), read);
        loaded
    }

    /// Every file of the crate with its module.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &[String])> {
        self.files.iter().map(|(file, (module, _))| (file.as_path(), module.as_slice()))
    }

    fn add(&mut self, file: &Path, module: Vec<String>, read: Read<'_>) {
        let text = read(file).unwrap_or_else(|| panic!("{} is missing", file.display()));
        let source = Source::parse(&text);
        let within = |inline: &[String]| [module.as_slice(), inline].concat();
        let own = std::iter::once(Vec::new()).chain(source.inline_modules.iter().cloned());
        for inline in own {
            let new = Module { file: file.to_owned(), ..Module::default() };
            self.modules.insert(within(&inline), new);
        }
        for item in &source.items {
            if let Some(place) = self.modules.get_mut(&within(&item.module)) {
                place.items.insert(item.name.clone(), item.is_trait);
            }
        }
        for import in &source.imports {
            let Some(place) = self.modules.get_mut(&within(&import.path.module)) else { continue };
            let path = import.path.segments.clone();
            match &import.name {
                Some(name) => drop(place.imported.insert(name.clone(), path)),
                None => place.globs.push(path),
            }
        }
        self.macros.extend(source.macros.iter().map(|name| (name.clone(), file.to_owned())));
        let is_folder = module.is_empty() || file.ends_with("mod.rs");
        let folder = if is_folder { file.with_file_name("") } else { file.with_extension("") };
        for (inline, name) in &source.files {
            let folder = inline.iter().fold(folder.clone(), |folder, part| folder.join(part));
            let files = [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")];
            let file = files.iter().find(|file| read(file).is_some());
            let file = file.unwrap_or_else(|| panic!("{} is missing", files[0].display()));
            self.add(file, [within(inline), vec![name.clone()]].concat(), read);
        }
        self.files.insert(file.to_owned(), (module, source));
    }

    /// Every import between two files, in order.
    ///
    /// A path through a re-export leads to the file that defines the item. A re-export itself is an
    /// import only if its own file uses the name.
    pub fn edges(&self) -> Vec<Edge> {
        let mut edges = BTreeSet::new();
        for (file, (module, source)) in &self.files {
            let imports = source.imports.iter().filter(|import| {
                !import.is_public || import.name.as_ref().is_some_and(|n| source.names.contains(n))
            });
            for path in imports.map(|import| &import.path).chain(&source.paths) {
                edges.extend(self.edge(file, module, path));
            }
        }
        edges.into_iter().collect()
    }

    fn edge(&self, file: &Path, module: &[String], path: &CodePath) -> Option<Edge> {
        let within = [module, path.module.as_slice()].concat();
        let target = self.resolve(&within, &path.segments, 0)?;
        (target.file != file).then(|| Edge {
            from: file.to_owned(),
            line: path.line,
            to: target.file,
            path: path.segments.join("::"),
            is_relative: !["crate", "self", "super"].contains(&path.segments[0].as_str()),
            is_trait: target.is_trait,
        })
    }

    /// Follows a path from a module; `None` for a path out of the crate.
    fn resolve(&self, from: &[String], path: &[String], depth: usize) -> Option<Target> {
        /// More steps than this are a circle of re-exports.
        const STEPS: usize = 16;
        if depth > STEPS {
            return None;
        }
        let (mut at, mut rest) = self.start(from, path, depth)?;
        while let [name, after @ ..] = rest {
            let child = [at.as_slice(), std::slice::from_ref(name)].concat();
            if !self.modules.contains_key(&child) {
                return Some(self.item(&at, name, depth));
            }
            (at, rest) = (child, after);
        }
        let file = self.modules.get(&at)?.file.clone();
        Some(Target { module: at, file, item: None, is_trait: false })
    }

    /// Returns the module that a path begins in, and the rest of the path.
    fn start<'a>(
        &self,
        from: &[String],
        path: &'a [String],
        depth: usize,
    ) -> Option<(Vec<String>, &'a [String])> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some((Vec::new(), rest)),
            "self" => Some((from.to_vec(), rest)),
            "super" => {
                let (mut at, mut rest) = (from, path);
                while let [name, after @ ..] = rest
                    && name == "super"
                {
                    (at, rest) = (at.split_last()?.1, after);
                }
                Some((at.to_vec(), rest))
            }
            name => {
                let child = [from, std::slice::from_ref(first)].concat();
                if self.modules.contains_key(&child) {
                    return Some((child, rest));
                }
                let imported = self.modules.get(from)?.imported.get(name)?;
                // The name of an external crate brings in nothing of this one.
                let is_itself = imported.as_slice() == std::slice::from_ref(first);
                let target = (!is_itself).then(|| self.resolve(from, imported, depth + 1))??;
                target.item.is_none().then_some((target.module, rest))
            }
        }
    }

    /// Returns the file that defines an item of a module, through re-exports.
    fn item(&self, module: &[String], name: &str, depth: usize) -> Target {
        let place = &self.modules[module];
        let found = |file: &Path, is_trait| Target {
            module: module.to_vec(),
            file: file.to_owned(),
            item: Some(name.to_owned()),
            is_trait,
        };
        if let Some(is_trait) = place.items.get(name) {
            return found(&place.file, *is_trait);
        }
        if let (true, Some(file)) = (module.is_empty(), self.macros.get(name)) {
            return found(file, false);
        }
        if let Some(path) = place.imported.get(name)
            && let Some(target) = self.resolve(module, path, depth + 1)
        {
            return target;
        }
        for glob in &place.globs {
            if let Some(target) = self.resolve(module, glob, depth + 1)
                && target.item.is_none()
                && target.module != module
                && self.modules[&target.module].items.contains_key(name)
            {
                return self.item(&target.module, name, depth + 1);
            }
        }
        found(&place.file, false)
    }
}

/// Returns every group of more than two files that import each other in a circle.
///
/// A relative path is left out: with it a `mod.rs` dispatches to its own modules.
pub fn circles(edges: &[Edge]) -> Vec<Vec<PathBuf>> {
    let mut reached: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
    let items: Vec<&Edge> = edges.iter().filter(|edge| !edge.is_relative).collect();
    for start in items.iter().map(|edge| edge.from.as_path()) {
        if reached.contains_key(start) {
            continue;
        }
        let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
        while let Some(file) = open.pop() {
            for edge in items.iter().filter(|edge| edge.from == file) {
                if seen.insert(edge.to.as_path()) {
                    open.push(&edge.to);
                }
            }
        }
        reached.insert(start, seen);
    }
    let connects = |from: &Path, to: &Path| reached.get(from).is_some_and(|seen| seen.contains(to));
    let mut circles = BTreeSet::new();
    for file in reached.keys() {
        let circle: Vec<PathBuf> = reached
            .keys()
            .filter(|other| connects(file, other) && connects(other, file))
            .map(|other| other.to_path_buf())
            .collect();
        if circle.len() > 2 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}
