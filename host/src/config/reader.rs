//! Knows how settings are taken one by one while their mistakes are gathered.

use std::path::PathBuf;

use super::source::{Given, Place, Settings, Sources};
use super::{ConfigErrors, values};
use crate::cli::output::printable;

pub(super) struct Reader {
    sources: Sources,
}

impl Reader {
    pub(super) fn new(sources: Sources) -> Self {
        Self { sources }
    }

    pub(super) fn is_given(&self, name: &str) -> bool {
        self.sources.given.contains_key(name)
    }

    /// The setting's value; `None` when it is not given, or is wrong and so among the errors.
    pub(super) fn get<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&Given) -> Result<T, String>,
    ) -> Option<T> {
        let (given, _) = self.sources.given.get(name)?;
        match parse(given) {
            Ok(value) => Some(value),
            Err(mistake) => {
                self.refuse(name, &mistake);
                None
            }
        }
    }

    /// A path; in a file it begins at the file's folder, so that it means the same wherever the
    /// host is started.
    pub(super) fn get_path(&mut self, name: &'static str) -> Option<PathBuf> {
        let path = PathBuf::from(self.get(name, values::file_name)?);
        match self.sources.given.get(name) {
            Some((_, Place::File { file, .. })) => Some(file.with_file_name(path)),
            _ => Some(path),
        }
    }

    /// Takes each table of a list with a reader of its own.
    pub(super) fn each<T>(
        &mut self,
        list: &str,
        mut read: impl FnMut(&mut Self, &Place) -> Option<T>,
    ) -> Vec<T> {
        let ours = |item: &mut (&str, Settings, Place)| item.0 == list;
        let items: Vec<_> = self.sources.items.extract_if(.., ours).collect();
        let one = |(_, given, place): (&str, Settings, Place)| {
            let mut reader = Self::new(Sources { given, ..Sources::default() });
            let read = read(&mut reader, &place);
            self.sources.errors.append(&mut reader.sources.errors);
            read
        };
        items.into_iter().filter_map(one).collect()
    }

    /// Notes for each of these settings of a table that it is missing.
    pub(super) fn require(&mut self, what: &str, place: &Place, needed: &[&str]) {
        for name in needed {
            if !self.is_given(name) {
                self.refuse_at(what, place, &format!("`{name}` is missing"));
            }
        }
    }

    /// A mistake of no single setting.
    pub(super) fn refuse_at(&mut self, what: &str, place: &Place, mistake: &str) {
        self.sources.errors.push(format!("`{what}` {place}: {mistake}"));
    }

    pub(super) fn refuse(&mut self, name: &str, mistake: &str) {
        let place = self.sources.given.get(name).map(|(_, place)| format!(" {place}"));
        self.sources.errors.push(format!("`{name}`{}: {mistake}", place.unwrap_or_default()));
    }

    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigErrors> {
        if self.sources.errors.is_empty() {
            Ok(value)
        } else {
            // What they repeat of a value may hold anything, and each of them is one line.
            Err(ConfigErrors(self.sources.errors.iter().map(|error| printable(error)).collect()))
        }
    }
}
