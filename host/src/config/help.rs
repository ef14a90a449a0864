//! Knows how to tell people which settings there are, from the same list that reads them.

use super::{CONFIG_NAME, source};

/// A section with its keys.
type Section = (String, Vec<&'static str>);

fn sections() -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (section, key) in source::settings().filter_map(|setting| setting.split_once('.')) {
        match sections.last_mut().filter(|(name, _)| *name == section) {
            Some((_, keys)) => keys.push(key),
            None => sections.push((section.to_owned(), vec![key])),
        }
    }
    sections.extend(source::lists().map(|(list, keys)| (format!("[{list}]"), keys)));
    sections
}

fn introduction() -> String {
    let example = source::variable("http.listen");
    format!(
        "The configuration is DIR/{CONFIG_NAME}, or the file that --config names. Each setting \
         can also be given in the environment as EXPORTGATE_<SECTION>_<KEY>, as in {example}, \
         which wins over the file; issuers and OpenID providers are in the file only, each with \
         its own keys."
    )
}

/// For `--help`.
#[must_use]
pub fn text() -> String {
    let line = |(section, keys): &Section| format!("  [{section}] {}", keys.join(", "));
    let lines: Vec<_> = sections().iter().map(line).collect();
    format!("{}\n\n{}", introduction(), lines.join("\n"))
}

/// For the manual page: each paragraph with its heading, the first one without.
#[must_use]
pub fn paragraphs() -> Vec<(String, String)> {
    let first = (String::new(), introduction());
    let sections = sections();
    let sections = sections.iter().map(|(name, keys)| (format!("[{name}]"), keys.join(", ")));
    std::iter::once(first).chain(sections).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_told_once_with_its_keys() {
        let text = text();
        assert!(text.contains("DIR/exportgate.toml"), "{text}");
        assert!(text.contains("as in EXPORTGATE_HTTP_LISTEN,"), "{text}");
        assert!(text.contains("\n  [http] listen, public_url, management_listen, "), "{text}");
        assert!(text.contains("\n  [store] url\n"), "{text}");
        for (section, _) in sections() {
            assert_eq!(text.matches(&format!("[{section}]")).count(), 1, "{section}");
        }
        assert_eq!(paragraphs().len(), sections().len() + 1);
    }
}
