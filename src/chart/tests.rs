//! Charts at the edges of their room: sizes, contrasts, empty borders, letters.

use commands::model::words::Locale;
use commands::screens::chart::{Bar, Chart, Column, PARTS, Plot};
use commands::screens::text::{ENGLISH, SPANISH};
use image::{ImageFormat, RgbImage};
use skrifa::MetadataProvider as _;

use super::canvas::{BLUE, Color, GROUND, HEIGHT, ORANGE, VERMILION, WIDTH};
use super::letters::{BRIGHT, LABEL, Letters, MUTED, SMALL, VALUE, Weight};
use super::{Sheet, TITLE, draw, scaled};

/// Contrast that texts and the parts of a picture need (WCAG 2.2, 1.4.3, which is stricter than
/// 1.4.11).
const CONTRAST: f64 = 4.5;

/// Largest picture that a test accepts, in bytes.
const MAX_BYTES: usize = 100_000;

fn chart(plot: Plot) -> Chart {
    Chart {
        title: "Sessions per day".to_owned(),
        subtitle: "23 to 29 November 2026 · days in UTC−05:00".to_owned(),
        plot,
        description: String::new(),
        locale: Locale::En,
    }
}

fn columns(count: u32, label: &str, counts: impl Fn(u32) -> [u32; PARTS]) -> Chart {
    let parts = ["Verificadas", "Sin verificar", "Bloqueadas o denunciadas"].map(str::to_owned);
    let columns = (0..count).map(|nth| Column { label: label.to_owned(), counts: counts(nth) });
    chart(Plot::Columns { parts, columns: columns.collect() })
}

fn bars(count: u32, label: &str, value: u32) -> Chart {
    let bar = |nth: u32| Bar { label: label.to_owned(), count: value / (nth + 1) };
    chart(Plot::Bars((0..count).map(bar).collect()))
}

fn decoded(chart: &Chart) -> RgbImage {
    let png = draw(chart).unwrap();
    assert!(png.len() <= MAX_BYTES, "{} bytes", png.len());
    image::load_from_memory_with_format(&png, ImageFormat::Png).unwrap().to_rgb8()
}

/// Returns the charts at the edges of what the figures can be.
fn extremes() -> Vec<Chart> {
    let long = "a label that is far longer than the room that is left for it".repeat(3);
    let mut charts = vec![
        columns(0, "", |_| [0; PARTS]),
        columns(1, "Sun 29", |_| [1, 0, 0]),
        columns(7, "Wed 30", |nth| [40 * nth, 9, 3]),
        columns(13, "30 Nov", |nth| [10_000 * nth, 4_000, 1]),
        columns(24, "00:00", |nth| [nth, nth % 3, nth % 2]),
        columns(30, "30 Nov", |nth| [1_000 + nth, 200, 30]),
        columns(30, "30 Nov", |_| [0; PARTS]),
        columns(7, &long, |_| [u32::MAX; PARTS]),
        bars(0, "", 0),
        bars(1, "finished", 1),
        bars(9, &long, u32::MAX),
        bars(20, "finished", 0),
    ];
    let wide = Chart { title: long.clone(), subtitle: long, ..columns(7, "Mon 1", |_| [1; PARTS]) };
    charts.push(wide);
    charts
}

#[test]
fn pictures_have_their_size_and_free_edges() {
    for chart in extremes() {
        let picture = decoded(&chart);
        assert_eq!(picture.dimensions(), (WIDTH, HEIGHT));
        let is_edge = |x, y| x < 6 || y < 6 || x >= WIDTH - 6 || y >= HEIGHT - 6;
        let mut edges = picture.enumerate_pixels().filter(|(x, y, _)| is_edge(*x, *y));
        assert!(edges.all(|(.., pixel)| pixel.0 == GROUND), "{chart}");
    }
}

#[test]
fn columns_show_each_part_in_its_color() {
    let picture = decoded(&columns(7, "Mon 23", |_| [40, 20, 20]));
    let count = |color: Color| picture.pixels().filter(|pixel| pixel.0 == color).count();
    let (plain, hatched, dotted) = (count(BLUE), count(ORANGE), count(VERMILION));
    assert!(plain > hatched && hatched > 10_000 && dotted > 10_000, "{plain} {hatched} {dotted}");
    let empty = decoded(&columns(7, "Mon 23", |_| [0; PARTS]));
    let in_plot = |(_, y, pixel): &(u32, u32, &image::Rgb<u8>)| *y > 200 && pixel.0 == BLUE;
    assert_eq!(empty.enumerate_pixels().filter(in_plot).count(), 0);
}

/// Returns the relative luminance of a color (WCAG 2.2).
fn luminance(color: Color) -> f64 {
    let [red, green, blue] = color.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Returns the contrast of a color with the ground.
fn contrast(color: Color) -> f64 {
    let (one, other) = (luminance(color), luminance(GROUND));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn texts_and_parts_have_contrast() {
    for (color, expected) in
        [(BRIGHT, 15.8), (MUTED, 10.6), (BLUE, 7.6), (ORANGE, 7.8), (VERMILION, 4.6)]
    {
        let contrast = contrast(color);
        assert!(contrast >= CONTRAST && (contrast - expected).abs() < 0.1, "{color:?} {contrast}");
    }
}

#[test]
fn no_text_is_smaller_than_25_pixels() {
    for style in [TITLE, LABEL, VALUE] {
        assert!(style.size >= SMALL && style.size >= 25, "{style:?}");
    }
}

#[test]
fn fonts_hold_the_letters_of_both_catalogs() {
    let letters = Letters::new().unwrap();
    let typed = [ENGLISH, SPANISH].concat();
    let used = typed.chars().filter(|c| c.is_alphanumeric() || c.is_ascii_graphic());
    for c in used.chain("·…–−%\u{a0} ,.:".chars()) {
        for font in [Weight::Regular, Weight::Bold].map(|weight| letters.font(weight)) {
            assert!(font.charmap().map(c).is_some(), "{c:?}");
        }
    }
}

#[test]
fn long_text_is_cut_to_its_room() {
    let sheet = Sheet { canvas: super::canvas::Canvas::new(), letters: Letters::new().unwrap() };
    let letters = &sheet.letters;
    assert_eq!(letters.cut("finished", LABEL, 400), "finished");
    let cut = letters.cut(&"finished ".repeat(20), LABEL, 400);
    assert!(cut.ends_with('…') && letters.length(&cut, LABEL) <= 400, "{cut}");
    assert_eq!(letters.cut("finished", LABEL, 0), "…");
}

#[test]
fn lengths_are_rounded_and_never_overflow() {
    assert_eq!(scaled(100, 1, 3), 33);
    assert_eq!(scaled(100, 2, 3), 67);
    assert_eq!(scaled(100, 1, 0), 0);
    assert_eq!(scaled(u32::MAX, u32::MAX, u32::MAX), u32::MAX);
}
