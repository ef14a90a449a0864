//! The files of the page, embedded by `host/build.rs`, and the encoding that a browser takes.

use http::HeaderValue;

/// A file with everything that answers about it need.
pub struct File {
    /// Where it is served.
    pub path: &'static str,
    /// Its `Content-Type`.
    pub media_type: &'static str,
    /// Names its content.
    pub etag: &'static str,
    plain: &'static [u8],
    brotli: &'static [u8],
    gzip: &'static [u8],
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/page_files.rs"));

/// In which form a file is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// The smallest form that `Accept-Encoding` allows (RFC 9110 section 12.5.3).
    pub fn accepted<'a>(values: impl Iterator<Item = &'a HeaderValue>) -> Self {
        let (mut brotli, mut gzip) = (false, false);
        for coding in values.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(',')) {
            let mut parts = coding.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality = parts.find_map(|part| part.strip_prefix("q="));
            // A weight of zero means "not this one"; other weights only order.
            let taken = quality.and_then(|q| q.parse::<f32>().ok()).is_none_or(|q| q > 0.0);
            match name.as_str() {
                "br" => brotli = taken,
                "gzip" | "x-gzip" => gzip = taken,
                _ => {}
            }
        }
        match (brotli, gzip) {
            (true, _) => Self::Brotli,
            (false, true) => Self::Gzip,
            (false, false) => Self::Plain,
        }
    }

    /// For `Content-Encoding`.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }
}

impl File {
    /// The file that is served at `path`.
    pub fn at(path: &str) -> Option<&'static Self> {
        FILES.iter().find(|file| file.path == path)
    }

    /// Its bytes in one form.
    pub const fn bytes(&self, encoding: Encoding) -> &'static [u8] {
        match encoding {
            Encoding::Brotli => self.brotli,
            Encoding::Gzip => self.gzip,
            Encoding::Plain => self.plain,
        }
    }

    /// Names the bytes of one form; each form has a name of its own (RFC 9110 section 8.8.3).
    pub fn etag(&self, encoding: Encoding) -> String {
        match encoding.name() {
            Some(name) => format!("\"{}-{name}\"", self.etag),
            None => format!("\"{}\"", self.etag),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_encoding(header: &'static str, expected: Encoding) {
        let value = HeaderValue::from_static(header);
        assert_eq!(Encoding::accepted([&value].into_iter()), expected, "{header}");
    }

    #[test]
    fn the_smallest_encoding_that_a_browser_takes_is_chosen() {
        check_encoding("gzip, deflate, br, zstd", Encoding::Brotli);
        check_encoding("GZIP;q=0.5", Encoding::Gzip);
        check_encoding("br;q=0, gzip;q=1.0", Encoding::Gzip);
        check_encoding("br; q=0.000, gzip; q=0", Encoding::Plain);
        check_encoding("identity", Encoding::Plain);
        check_encoding("", Encoding::Plain);
        assert_eq!(Encoding::accepted([].into_iter()), Encoding::Plain);
    }

    #[test]
    fn every_file_is_there_in_every_form() {
        assert!(File::at("/").is_some_and(|page| page.media_type.starts_with("text/html")));
        assert!(File::at("/assets/").is_none());
        for file in FILES {
            assert!(!file.plain.is_empty() && !file.brotli.is_empty() && !file.gzip.is_empty());
        }
    }
}
