//! Checks of the guides: their pictures exist, and their quotations are texts of the bot.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use commands::model::words::Locale;
use image::GenericImageView as _;

use super::catalog::Catalog;
use super::screenshots::SHARPNESS;
use crate::demo_page::PHONE;

/// Maximum size of a picture in bytes, so that the repository stays small.
const MAX_PICTURE: usize = 150_000;

/// End of the name of a picture as a phone shows it.
const PHONE_ENDING: &str = "-phone.png";

/// Files of each guide below `docs`, in English and in Spanish.
const GUIDES: [[&str; 2]; 2] =
    [["agent-guide.md", "es/guia-del-agente.md"], ["lead-guide.md", "es/guia-del-lead.md"]];

struct Guide {
    folder: PathBuf,
    text: String,
    texts: Catalog,
}

/// A picture in a guide.
#[derive(Debug, PartialEq)]
struct Picture {
    path: PathBuf,
    width: u32,
    alt: String,
}

impl Guide {
    fn read(file: &str, locale: Locale) -> Self {
        let file = docs(file);
        let text = std::fs::read_to_string(&file).unwrap();
        Self { folder: file.parent().unwrap().to_owned(), text, texts: Catalog::of(locale) }
    }

    /// Returns each guide in English and in Spanish.
    fn pairs() -> [[Self; 2]; 2] {
        GUIDES.map(|[english, spanish]| {
            [Self::read(english, Locale::En), Self::read(spanish, Locale::Es)]
        })
    }

    fn all() -> Vec<Self> {
        Self::pairs().into_iter().flatten().collect()
    }

    fn pictures(&self) -> Vec<Picture> {
        self.text
            .split("<img ")
            .skip(1)
            .map(|tag| self.picture(tag.split_once('>').unwrap().0))
            .collect()
    }

    fn picture(&self, tag: &str) -> Picture {
        let attribute = |name: &str| {
            tag.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0
        };
        Picture {
            path: self
                .folder
                .join(attribute("src"))
                .canonicalize()
                .unwrap_or_else(|_| panic!("no {}", attribute("src"))),
            width: attribute("width").parse().unwrap(),
            alt: attribute("alt").to_owned(),
        }
    }

    /// Returns the pictures that the guide links to, as a phone shows them.
    fn phone_pictures(&self) -> Vec<PathBuf> {
        self.text
            .split("](")
            .skip(1)
            .map(|rest| before(rest, ')'))
            .filter(|target| target.ends_with(PHONE_ENDING))
            .map(|target| self.folder.join(target).canonicalize().unwrap())
            .collect()
    }

    /// Returns the texts between pairs of `mark`.
    fn within(&self, mark: &str) -> Vec<&str> {
        self.text.split(mark).skip(1).step_by(2).collect()
    }

    /// Returns the texts in English or Spanish quotation marks.
    fn quotations(&self) -> Vec<&str> {
        let each = |(open, close): (char, char)| {
            self.text.split(open).skip(1).map(move |rest| before(rest, close))
        };
        [('“', '”'), ('«', '»')].into_iter().flat_map(each).collect()
    }

    /// Returns the level of each heading with the numbers of table and list lines below it.
    fn shape(&self) -> Vec<(usize, usize, usize)> {
        let mut shape = Vec::new();
        for line in self.text.lines() {
            if line.starts_with('#') {
                shape.push((line.bytes().take_while(|byte| *byte == b'#').count(), 0, 0));
            } else if let Some((_, tables, lists)) = shape.last_mut() {
                *tables += usize::from(line.starts_with('|'));
                *lists += usize::from(
                    line.starts_with("- ")
                        || line.starts_with(|first: char| first.is_ascii_digit()),
                );
            }
        }
        shape
    }
}

fn docs(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(path)
}

fn before(text: &str, mark: char) -> &str {
    text.split_once(mark).unwrap_or_else(|| panic!("no {mark} after {text:.40}")).0
}

#[test]
fn pictures_exist_and_have_alt_texts() {
    for guide in Guide::all() {
        for Picture { path, width, alt } in guide.pictures() {
            let png = std::fs::read(&path).unwrap();
            assert_eq!(image::guess_format(&png).unwrap(), image::ImageFormat::Png, "{path:?}");
            assert!(png.len() < MAX_PICTURE, "{path:?} has {} bytes", png.len());
            let (pixels, _) = image::load_from_memory(&png).unwrap().dimensions();
            assert_eq!(width, pixels / SHARPNESS, "the width of {path:?}");
            assert!(alt.len() > 20, "{path:?} needs a longer alt text than {alt:?}");
        }
    }
}

#[test]
fn each_picture_has_one_of_a_phone() {
    for guide in Guide::all() {
        let on_phones = guide.pictures().into_iter().map(|picture| {
            let name = picture.path.to_str().unwrap().replace(".png", PHONE_ENDING);
            PathBuf::from(name)
        });
        assert_eq!(on_phones.collect::<Vec<_>>(), guide.phone_pictures());
        for path in guide.phone_pictures() {
            let png = std::fs::read(&path).unwrap();
            assert!(png.len() < MAX_PICTURE, "{path:?} has {} bytes", png.len());
            let (pixels, _) = image::load_from_memory(&png).unwrap().dimensions();
            assert!(pixels <= PHONE * SHARPNESS, "{path:?} is wider than a phone");
        }
    }
}

#[test]
fn every_picture_is_used() {
    let used: BTreeSet<PathBuf> = Guide::all()
        .iter()
        .flat_map(|guide| {
            let pictures = guide.pictures().into_iter().map(|picture| picture.path);
            pictures.chain(guide.phone_pictures())
        })
        .collect();
    let mut existing = BTreeSet::new();
    for language in ["en", "es"] {
        for entry in std::fs::read_dir(docs("images").join(language)).unwrap() {
            existing.insert(entry.unwrap().path().canonicalize().unwrap());
        }
    }
    assert_eq!(used, existing);
}

#[test]
fn guides_quote_only_texts_of_the_bot() {
    for guide in Guide::all() {
        let quoted = [guide.within("**"), guide.quotations()].concat();
        assert!(quoted.len() > 40, "{quoted:?}");
        let unknown: Vec<&str> =
            quoted.into_iter().filter(|words| !guide.texts.has(words)).collect();
        assert!(unknown.is_empty(), "not in the catalog: {unknown:#?}");
        for command in guide.within("`").into_iter().filter_map(|code| code.strip_prefix('/')) {
            assert!(guide.texts.has_command(command), "no command /{command}");
        }
    }
}

#[test]
fn guides_have_the_same_structure() {
    let names = |guide: &Guide| -> Vec<(std::ffi::OsString, u32)> {
        guide
            .pictures()
            .into_iter()
            .map(|picture| (picture.path.file_name().unwrap().to_owned(), picture.width))
            .collect()
    };
    for [english, spanish] in Guide::pairs() {
        assert_eq!(english.shape(), spanish.shape());
        assert_eq!(names(&english), names(&spanish));
    }
}
