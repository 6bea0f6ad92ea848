//! Parses one Rust file as far as imports need: its modules, items, `use` trees and paths.

use std::collections::BTreeSet;

use super::tokens::{Token, tokens};

/// A path in the code, such as `crate::model::Session`.
#[derive(Debug, PartialEq)]
pub struct CodePath {
    /// Inline modules of the file around the path.
    pub module: Vec<String>,
    pub segments: Vec<String>,
    pub line: usize,
}

/// One name that a `use` brings in.
#[derive(Debug, PartialEq)]
pub struct Import {
    pub path: CodePath,
    /// `None` for a glob.
    pub name: Option<String>,
    pub is_public: bool,
}

/// An item that a module defines.
#[derive(Debug, PartialEq)]
pub struct Item {
    pub module: Vec<String>,
    pub name: String,
    pub is_trait: bool,
}

/// The parts of a file that imports need. Code under `#[cfg(test)]` is left out.
#[derive(Debug, Default)]
pub struct Source {
    /// Modules with files of their own: inline modules around the declaration, and the name.
    pub files: Vec<(Vec<String>, String)>,
    /// Modules with a body in this file.
    pub inline_modules: Vec<Vec<String>>,
    pub items: Vec<Item>,
    /// Macros that `#[macro_export]` puts into the crate's root.
    pub macros: Vec<String>,
    pub imports: Vec<Import>,
    pub paths: Vec<CodePath>,
    /// Every identifier outside of `use` declarations.
    pub names: BTreeSet<String>,
}

impl Source {
    pub fn parse(text: &str) -> Self {
        let mut parser = Parser { tokens: tokens(text), ..Parser::default() };
        parser.run();
        parser.source
    }
}

#[derive(Default)]
struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Inline modules around the current token, each with the depth of its body.
    modules: Vec<(String, usize)>,
    is_exported: bool,
    source: Source,
}

impl Parser {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    fn is_name(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(Token::is_name)
    }

    fn module(&self) -> Vec<String> {
        self.modules.iter().map(|(name, _)| name.clone()).collect()
    }

    fn run(&mut self) {
        while self.at < self.tokens.len() {
            match self.text(self.at) {
                "#" if self.is_attribute() => self.attribute(),
                "use" if self.text(self.at + 1) != "<" => self.import(),
                "mod" if self.is_name(self.at + 1) => self.declare(),
                "macro_rules" if self.text(self.at + 1) == "!" => self.macro_rules(),
                "{" => {
                    self.depth += 1;
                    self.at += 1;
                }
                "}" => {
                    self.depth = self.depth.saturating_sub(1);
                    self.modules.retain(|(_, depth)| *depth <= self.depth);
                    self.at += 1;
                }
                _ if self.is_name(self.at) => self.name(),
                _ => self.at += 1,
            }
        }
    }

    fn is_attribute(&self) -> bool {
        let next = self.text(self.at + 1);
        next == "[" || (next == "!" && self.text(self.at + 2) == "[")
    }

    /// Skips an attribute, and the item behind it if only tests have the item.
    fn attribute(&mut self) {
        let start = self.at;
        while self.text(self.at) != "[" {
            self.at += 1;
        }
        self.skip_group();
        let words: Vec<&str> = (start..self.at).map(|at| self.text(at)).collect();
        let words = words.concat();
        self.is_exported |= words == "#[macro_export]";
        if ["#[cfg(test", "#[cfg(all(test", "#[cfg(any(test"].iter().any(|t| words.starts_with(t)) {
            self.skip_item();
        }
    }

    /// Skips from an opening bracket past its closing one.
    fn skip_group(&mut self) {
        let mut depth = 0;
        while self.at < self.tokens.len() {
            match self.text(self.at) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    fn skip_item(&mut self) {
        let mut is_import = false;
        while self.at < self.tokens.len() {
            match self.text(self.at) {
                ";" => {
                    self.at += 1;
                    return;
                }
                "{" => {
                    self.skip_group();
                    if !is_import {
                        return;
                    }
                }
                "(" | "[" => self.skip_group(),
                text => {
                    is_import |= text == "use";
                    self.at += 1;
                }
            }
        }
    }

    fn declare(&mut self) {
        let (module, name) = (self.module(), self.text(self.at + 1).to_owned());
        match self.text(self.at + 2) {
            ";" => self.source.files.push((module, name)),
            "{" => {
                self.depth += 1;
                self.modules.push((name, self.depth));
                let module = self.module();
                self.source.inline_modules.push(module);
            }
            _ => {}
        }
        self.at += 3;
    }

    fn macro_rules(&mut self) {
        let name = self.text(self.at + 2).to_owned();
        if std::mem::take(&mut self.is_exported) {
            self.source.macros.push(name);
        }
        self.at += 3;
        self.skip_group();
    }

    fn import(&mut self) {
        let before = self.at.checked_sub(1).map_or("", |at| self.text(at));
        let is_public = before == "pub" || before == ")";
        self.at += 1;
        self.tree(Vec::new(), is_public);
        while self.at < self.tokens.len() && self.text(self.at) != ";" {
            self.at += 1;
        }
    }

    /// Parses `a::b`, `a::*`, `a as b` or `a::{…}` behind a prefix.
    fn tree(&mut self, mut segments: Vec<String>, is_public: bool) {
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        loop {
            match self.text(self.at) {
                "::" => self.at += 1,
                "{" => {
                    self.at += 1;
                    while !matches!(self.text(self.at), "}" | "") {
                        if self.text(self.at) == "," {
                            self.at += 1;
                        } else {
                            self.tree(segments.clone(), is_public);
                        }
                    }
                    self.at += 1;
                    return;
                }
                "*" => {
                    self.at += 1;
                    self.add_import(segments, None, is_public, line);
                    return;
                }
                "as" => {
                    let name = self.text(self.at + 1).to_owned();
                    self.at += 2;
                    self.add_import(segments, Some(name), is_public, line);
                    return;
                }
                "self" if !segments.is_empty() => self.at += 1,
                _ if self.is_name(self.at) => {
                    segments.push(self.text(self.at).to_owned());
                    self.at += 1;
                }
                _ => {
                    let name = segments.last().cloned();
                    self.add_import(segments, name, is_public, line);
                    return;
                }
            }
        }
    }

    fn add_import(
        &mut self,
        segments: Vec<String>,
        name: Option<String>,
        is_public: bool,
        line: usize,
    ) {
        let path = CodePath { module: self.module(), segments, line };
        self.source.imports.push(Import { path, name, is_public });
    }

    /// Reads a name, with the rest of its path; or the name of an item.
    fn name(&mut self) {
        const ITEMS: [&str; 8] =
            ["struct", "enum", "trait", "fn", "const", "static", "type", "union"];
        let before = self.at.checked_sub(1).map_or("", |at| self.text(at));
        let is_continued = matches!(before, "::" | "." | "$");
        let is_top = self.modules.last().map_or(0, |(_, depth)| *depth) == self.depth;
        if is_top && ITEMS.contains(&before) {
            let (module, name) = (self.module(), self.text(self.at).to_owned());
            self.source.items.push(Item { module, name, is_trait: before == "trait" });
            self.at += 1;
            return;
        }
        let line = self.tokens[self.at].line;
        let mut segments = vec![self.text(self.at).to_owned()];
        while self.text(self.at + 1) == "::" && self.is_name(self.at + 2) {
            segments.push(self.text(self.at + 2).to_owned());
            self.at += 2;
        }
        self.at += 1;
        if !is_continued {
            self.source.names.insert(segments[0].clone());
            if segments.len() > 1 {
                let module = self.module();
                self.source.paths.push(CodePath { module, segments, line });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(text: &str) -> Vec<String> {
        let show = |import: &Import| {
            let name = import.name.as_deref().unwrap_or("*");
            format!("{} as {name} in line {}", import.path.segments.join("::"), import.path.line)
        };
        Source::parse(text).imports.iter().map(show).collect()
    }

    #[test]
    fn use_tree_is_flattened() {
        assert_eq!(
            imports("use a::{b, c::{self, d as e}};\n\npub(crate) use super::f::*;"),
            [
                "a::b as b in line 1",
                "a::c as c in line 1",
                "a::c::d as e in line 1",
                "super::f as * in line 3",
            ]
        );
    }

    #[test]
    fn comments_literals_and_tests_are_skipped() {
        let source = r##"
            // use a::b;
            /* use a::c; /* nested */ crate::d::e */
            const TEXT: &str = "crate::f \" use g::h;";
            const RAW: &str = r#"crate::i " use j::k;"#;
            const QUOTE: char = '"'; const ESCAPED: char = '\''; fn life<'a>(x: &'a str) {}
            #[cfg(test)] use l::m;
            #[cfg(test)] mod tests { use n::o; fn p() { crate::q::r(); } }
            use last::one;
            "##;
        assert_eq!(imports(source), ["last::one as one in line 9"]);
        assert_eq!(Source::parse(source).paths, []);
    }

    #[test]
    fn inline_module_and_paths_keep_their_place() {
        let source = Source::parse(
            "mod file;\nmod body {\n    fn f() { super::file::g(); }\n}\ntrait T {}\n\
             #[macro_export]\nmacro_rules! say { () => { $crate::x::y() } }\n",
        );
        assert_eq!(source.files, [(Vec::new(), "file".to_owned())]);
        assert_eq!(source.inline_modules, [["body".to_owned()]]);
        assert_eq!(source.macros, ["say"]);
        let path = &source.paths[0];
        assert_eq!(
            (path.module.concat(), path.segments.join("::"), path.line),
            ("body".to_owned(), "super::file::g".to_owned(), 3)
        );
        assert_eq!(source.paths.len(), 1);
        let traits: Vec<_> = source.items.iter().filter(|item| item.is_trait).collect();
        assert_eq!(traits.len(), 1);
    }
}
