//! The document of a mail. The text part and the HTML part come from it, so that they never differ.

use std::fmt::Write;

/// The content of a mail.
#[derive(Clone)]
pub struct Document {
    /// `es` or `en`.
    pub language: &'static str,
    /// Name of the company, above the heading.
    pub company: String,
    /// The heading, and the subject line.
    pub subject: String,
    /// Paragraphs before the code or picture.
    pub before: Vec<String>,
    /// The code, in large type.
    pub code: Option<String>,
    /// The name of the attached picture.
    pub picture: Option<String>,
    /// A link, with its address as its text.
    pub link: Option<String>,
    /// Paragraphs after the code, picture or link.
    pub after: Vec<String>,
    /// Sentences with a link each, at the end.
    pub links: Vec<(String, String)>,
}

impl Document {
    /// Returns the plain text part.
    pub fn text(&self) -> String {
        let shown =
            self.code.iter().map(|code| format!("    {code}")).chain(self.link.iter().cloned());
        let links = self.links.iter().map(|(words, url)| format!("{words}\n{url}"));
        let before = self.before.iter().cloned();
        let parts: Vec<String> =
            before.chain(shown).chain(self.after.iter().cloned()).chain(links).collect();
        parts.join("\n\n")
    }

    /// Returns the HTML part: a complete document with its own style and no external content.
    pub fn html(&self) -> String {
        let mut body = String::new();
        for paragraph in &self.before {
            paragraph_to(&mut body, paragraph);
        }
        // Writing to a String cannot fail.
        if let Some(code) = &self.code {
            let _ = write!(
                body,
                "<p style=\"font:700 32px/1.4 ui-monospace,monospace;letter-spacing:.25em;margin:24px 0\">{}</p>",
                escape(code)
            );
        }
        if let Some(picture) = &self.picture {
            let _ = write!(
                body,
                "<p><img src=\"cid:{0}\" alt=\"QR\" width=\"240\" height=\"240\"></p>",
                escape(picture)
            );
        }
        if let Some(link) = &self.link {
            let _ = write!(body, "<p><a href=\"{0}\">{0}</a></p>", escape(link));
        }
        for paragraph in &self.after {
            paragraph_to(&mut body, paragraph);
        }
        for (words, url) in &self.links {
            let _ =
                write!(body, "<p>{0}<br><a href=\"{1}\">{1}</a></p>", escape(words), escape(url));
        }
        format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{2}</title></head>\
             <body style=\"margin:0;background:#f2f3f5;color:#1f2328;font:16px/1.5 system-ui,sans-serif\">\
             <div style=\"max-width:34em;margin:0 auto;padding:32px 24px;background:#fff;overflow-wrap:anywhere\">\
             <p style=\"margin:0;color:#5865f2;font-weight:700\">{3}</p><h1 style=\"font-size:22px\">{2}</h1>{1}</div></body></html>",
            self.language,
            body,
            escape(&self.subject),
            escape(&self.company),
        )
    }
}

/// Escapes text for HTML elements and quoted attributes.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

fn paragraph_to(body: &mut String, paragraph: &str) {
    let _ = write!(body, "<p>{}</p>", escape(paragraph));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_match_and_markup_is_escaped() {
        let document = Document {
            language: "en",
            company: "Waizant".to_owned(),
            subject: "A <b>code</b>".to_owned(),
            before: vec!["Hello \"<script>\" & co".to_owned()],
            code: Some("012345".to_owned()),
            picture: None,
            link: None,
            after: vec!["Bye".to_owned()],
            links: vec![("Report it:".to_owned(), "https://a.example/?a&b".to_owned())],
        };
        assert_eq!(
            document.text(),
            "Hello \"<script>\" & co\n\n    012345\n\nBye\n\nReport it:\nhttps://a.example/?a&b"
        );
        let html = document.html();
        assert!(
            html.contains("Hello &quot;&lt;script&gt;&quot; &amp; co") && html.contains(">012345<")
        );
        assert!(!html.contains("<script>") && !html.contains("<b>"));
        assert!(html.contains("<a href=\"https://a.example/?a&amp;b\">"));
    }
}
